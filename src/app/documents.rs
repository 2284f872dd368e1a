//! Papers and pictures: what they need from the rest, and the shelf the edge serves
//! finished ones from and the sender takes them off.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::{App, ContactSeal};
use crate::documents::{Documents, Issuer, cards};
use crate::http::{Paper, Papers};
use crate::id::ContactId;
use crate::pipeline::MediaSource;
use crate::whatsapp::media::File;

impl App {
    /// Returns the address the service is reached at, without a slash at its end.
    pub(super) fn base_url(&self) -> String {
        let settings = &self.settings;
        let public = settings.public_url.clone();
        public.unwrap_or_else(|| format!("http://{}", settings.http_addr))
    }

    /// Returns what makes documents and keeps them.
    pub fn documents(&self) -> Documents {
        let settings = &self.settings;
        let issuer = Issuer {
            name: settings.distributor.name.clone(),
            arn: settings.distributor.arn.clone(),
            base_url: self.base_url(),
        };
        Documents::new(
            self.ground.clone(),
            self.investing.clone(),
            Arc::new(|contact| Box::new(ContactSeal::from(contact.clone()))),
            issuer,
        )
    }
}

/// Returns the picture above the words of a card, by its name.
pub(super) fn card(name: &str) -> anyhow::Result<Option<File>> {
    let picture = cards::picture(name)?;
    Ok(picture.map(|bytes| File {
        mime: "image/png".to_owned(),
        name: format!("{name}.png"),
        bytes,
    }))
}

/// Finished documents, as the edge asks for them.
pub(super) struct Shelf(pub(super) Documents);

impl Papers for Shelf {
    fn fetch<'a>(&'a self, token: &'a str) -> BoxFuture<'a, anyhow::Result<Option<Paper>>> {
        Box::pin(async move {
            let found = self.0.fetch(token).await?;
            Ok(found.map(|file| Paper {
                mime: file.mime,
                file_name: file.file_name,
                bytes: file.bytes,
            }))
        })
    }
}

impl MediaSource for Shelf {
    fn fetch<'a>(
        &'a self,
        contact: ContactId,
        name: &'a str,
    ) -> BoxFuture<'a, anyhow::Result<Option<File>>> {
        Box::pin(async move {
            let Ok(id) = name.parse() else {
                // Not a document of theirs: a picture that everybody gets.
                return card(name);
            };
            let found = self.0.file(contact, id).await?;
            Ok(found.map(|file| File {
                mime: file.mime,
                name: file.file_name,
                bytes: file.bytes,
            }))
        })
    }
}
