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
    /// Returns the address the service is reached at, without a slash at its end: of a demo
    /// that names none, this machine's.
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

/// Files that templates name and nobody draws, with their types.
const SAMPLES: [(&str, &str, &[u8]); 1] = [(
    "statement.pdf",
    "application/pdf",
    include_bytes!("../../templates/meta/samples/statement.pdf"),
)];

/// Returns a file that a template names: a drawing, or one of `templates/meta/samples/`.
pub(super) fn of_template(name: &str) -> anyhow::Result<Option<File>> {
    if let Some(bytes) = cards::picture(name)? {
        return Ok(Some(File {
            mime: "image/png".to_owned(),
            name: format!("{name}.png"),
            bytes: bytes.to_vec(),
        }));
    }
    let known = SAMPLES.iter().find(|(known, _, _)| *known == name);
    Ok(known.map(|(name, mime, bytes)| File {
        mime: (*mime).to_owned(),
        name: (*name).to_owned(),
        bytes: bytes.to_vec(),
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
                // Not a document of theirs: a file that everybody gets.
                let name = name.to_owned();
                return tokio::task::spawn_blocking(move || of_template(&name)).await?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notifications::definitions;
    use crate::whatsapp::MediaKind;
    use crate::whatsapp::media;
    use crate::whatsapp::templates::HeaderFormat;

    #[test]
    fn every_file_that_a_template_names_is_there_and_of_its_kind() {
        let mut kinds = std::collections::BTreeSet::new();
        for one in definitions().unwrap() {
            let above = match one.content.header {
                Some(HeaderFormat::Media(kind)) => Some(kind),
                _ => None,
            };
            let of_cards = one.content.cards.iter().filter_map(|card| card.header);
            let wanted: Vec<MediaKind> = above.into_iter().chain(of_cards).collect();
            assert_eq!(wanted.len(), one.files.len(), "{}", one.name);
            for (kind, name) in wanted.into_iter().zip(&one.files) {
                let file = of_template(name).unwrap();
                let file = file.unwrap_or_else(|| panic!("{}: no file `{name}`", one.name));
                assert_eq!(media::check(&file.mime, &file.bytes), Ok(kind), "{name}");
                kinds.insert(kind.word());
            }
        }
        assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["document", "image"]);
        assert!(of_template("rocket").unwrap().is_none());
    }
}
