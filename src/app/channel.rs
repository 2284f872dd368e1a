//! The pipeline's way out, over the Graph client.

use futures::future::BoxFuture;

use crate::pipeline::{Call, Channel};
use crate::whatsapp::{GraphClient, SendOutcome};

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
}
