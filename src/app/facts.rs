//! The dialogue's facts, from the records of the business.

use futures::future::BoxFuture;
use jiff::civil::Date;

use super::App;
use super::dealings::Book;
use crate::contacts::Contact;
use crate::dialogue::ports::Dealings;
use crate::dialogue::{Facts, Matches};
use crate::investing::{Found, IndexLevel, Portfolio, Scheme, SchemeCode};

/// The indices that stand for the market, as the exchange names them.
const INDICES: [&str; 3] = ["Nifty 50", "Nifty Midcap 150", "Nifty Smallcap 250"];

pub(super) struct Records {
    app: App,
    /// There is one once it is known where orders go.
    book: Option<Book>,
}

impl Records {
    pub(super) fn new(app: App) -> Self {
        let dealing = app.dealing().cloned();
        let book = dealing.map(|dealing| Book::new(app.clone(), dealing));
        Self { app, book }
    }
}

impl Facts for Records {
    fn search(&self, query: &str, most: usize) -> Matches {
        let catalog = self.app.investing.catalog();
        let scheme = |code| catalog.get(code).cloned();
        match catalog.search(query, most) {
            Found::Nothing => Matches::Nothing,
            Found::One(code) => scheme(code).map_or(Matches::Nothing, Matches::One),
            Found::Several(codes) => {
                Matches::Several(codes.into_iter().filter_map(scheme).collect())
            }
        }
    }

    fn scheme(&self, code: SchemeCode) -> Option<Scheme> {
        self.app.investing.catalog().get(code).cloned()
    }

    fn market(&self, today: Date) -> BoxFuture<'_, anyhow::Result<Vec<IndexLevel>>> {
        Box::pin(async move {
            let mut levels = Vec::new();
            for name in INDICES {
                levels.extend(self.app.investing.index_level(name, today).await?);
            }
            Ok(levels)
        })
    }

    fn dealings(&self) -> Option<&dyn Dealings> {
        self.book.as_ref().map(|book| book as &dyn Dealings)
    }

    fn portfolio<'a>(
        &'a self,
        contact: &'a Contact,
        today: Date,
    ) -> BoxFuture<'a, anyhow::Result<Option<Portfolio>>> {
        Box::pin(async move {
            // Whoever asks: while it is doubtful who this is, nothing is known of them.
            if contact.unverified_since.is_some() {
                return Ok(None);
            }
            if !self.app.investing.holds_anything(contact.id).await? {
                return Ok(None);
            }
            let seal = self.app.seal_of(contact.id).await?;
            self.app.investing.portfolio(contact.id, today, &seal).await
        })
    }
}
