//! The pipeline's way out, over the Graph client.

use futures::future::BoxFuture;

use crate::pipeline::{Call, Channel, Courtesy, MediaFetch};
use crate::whatsapp::media::File;
use crate::whatsapp::{CallError, GraphClient, NotDownloaded, NotUploaded, SendOutcome};

pub(super) struct Graph {
    client: GraphClient,
}

impl Graph {
    pub(super) fn new(client: GraphClient) -> Self {
        Self { client }
    }
}

impl Channel for Graph {
    fn send<'a>(&'a self, call: &'a Call) -> BoxFuture<'a, SendOutcome> {
        let request = call.message.request(&call.to, &call.callback);
        let body = serde_json::to_vec(&request).expect("a JSON value is plain data");
        Box::pin(self.client.send(body))
    }

    fn upload(&self, file: File) -> BoxFuture<'_, Result<String, NotUploaded>> {
        Box::pin(self.client.upload(file))
    }
}

impl MediaFetch for Graph {
    fn download<'a>(
        &'a self,
        media: &'a str,
        most: usize,
    ) -> BoxFuture<'a, Result<File, NotDownloaded>> {
        Box::pin(self.client.download(media, most))
    }
}

impl Courtesy for Graph {
    fn read<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { was_taken(&self.client.mark_read(wamid).await) })
    }

    fn typing<'a>(&'a self, wamid: &'a str) -> BoxFuture<'a, bool> {
        Box::pin(async move { was_taken(&self.client.show_typing(wamid).await) })
    }
}

fn was_taken(shown: &Result<(), CallError>) -> bool {
    if let Err(error) = shown {
        tracing::debug!(%error, "it could not be shown that a message was read");
    }
    shown.is_ok()
}
