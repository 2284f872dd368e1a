//! The assistant's records, from the same services that the flows use, and its models.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Date;

use super::App;
use crate::assistant::budget::{Cost, Limits, Price};
use crate::assistant::client::{OpenAi, Server};
use crate::assistant::{Assistant, Found, Model, OrderFacts, PlanFacts, Records, Rules};
use crate::clock::ist;
use crate::config::{Llm, LlmServer};
use crate::contacts::Contact;
use crate::investing::orders::Quantity;
use crate::investing::{Found as Matches, IndexLevel, Portfolio, Scheme, SchemeCode, SchemeRules};

/// Orders that are looked at.
const ORDERS: u32 = 10;
/// Key of the demo's own model: anything will do.
const SANDBOX_KEY: &str = "sandbox";

impl App {
    /// Builds the assistant that the settings name, unless that was done; `sandbox` is the
    /// address of the demo's own model.
    pub fn connect_assistant(&self, sandbox: Option<&str>) -> anyhow::Result<()> {
        if self.assistant.get().is_none() {
            let _ = self.assistant.set(self.build_assistant(sandbox)?);
        }
        Ok(())
    }

    fn build_assistant(&self, sandbox: Option<&str>) -> anyhow::Result<Option<Assistant>> {
        let llm = &self.settings.llm;
        let own = llm
            .sandbox
            .as_ref()
            .zip(sandbox)
            .map(|(mode, url)| LlmServer {
                base_url: url.to_owned(),
                api_key: Some(SANDBOX_KEY.into()),
                model: mode.clone(),
            });
        let servers: Vec<LlmServer> = own.into_iter().chain(llm.servers.iter().cloned()).collect();
        if servers.is_empty() {
            return Ok(None);
        }
        let models = servers.into_iter().map(|server| {
            let server = Server {
                base_url: server.base_url,
                api_key: server.api_key,
                model: server.model,
            };
            let model = OpenAi::new(&server).context("the model of LLM_BASE_URL cannot be used")?;
            anyhow::Ok(Arc::new(model) as Arc<dyn Model>)
        });
        let models = models.collect::<anyhow::Result<Vec<_>>>()?;
        self.assistant_over(models).map(Some)
    }

    /// Returns the assistant that asks these models.
    pub fn assistant_over(&self, models: Vec<Arc<dyn Model>>) -> anyhow::Result<Assistant> {
        let own_host = self.settings.public_url.as_deref().and_then(|url| {
            let host = url.strip_prefix("https://")?.split(['/', ':']).next()?;
            Some(host.to_owned())
        });
        let rules = Rules {
            limits: limits(&self.settings.llm),
            price: Price {
                input: self.settings.llm.rupees_per_million.0,
                output: self.settings.llm.rupees_per_million.1,
            },
            distributor: self.settings.distributor.name.clone(),
            own_host,
        };
        let records = Arc::new(OnRecord { app: self.clone() });
        Assistant::new(self.ground.clone(), records, models, rules)
    }
}

fn limits(llm: &Llm) -> Limits {
    let cost = |tokens: u32, rupees: u32| Cost {
        tokens: i64::from(tokens),
        // A rupee is a hundred paise, each of a million parts.
        micropaise: i64::from(rupees) * 100_000_000,
    };
    Limits {
        contact: cost(llm.daily_tokens.0, llm.daily_rupees.0),
        all: cost(llm.daily_tokens.1, llm.daily_rupees.1),
    }
}

struct OnRecord {
    app: App,
}

impl OnRecord {
    fn name_of(&self, scheme: SchemeCode) -> String {
        let catalog = self.app.investing.catalog();
        let found = catalog.get(scheme).map(Scheme::full_name);
        found.unwrap_or_else(|| scheme.to_string())
    }
}

/// While it is doubtful who this is, nothing is known of them.
fn is_known(contact: &Contact) -> bool {
    contact.unverified_since.is_none()
}

impl Records for OnRecord {
    fn portfolio<'a>(&'a self, contact: &'a Contact, today: Date) -> Found<'a, Option<Portfolio>> {
        Box::pin(async move {
            if !is_known(contact) {
                return Ok(None);
            }
            let seal = self.app.seal_of(contact.id).await?;
            self.app.investing.portfolio(contact.id, today, &seal).await
        })
    }

    fn plans<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<PlanFacts>> {
        Box::pin(async move {
            let Some(dealing) = self.app.dealing().filter(|_| is_known(contact)) else {
                return Ok(Vec::new());
            };
            let plans = dealing.plans_of(contact.id).await?;
            let today = self.app.ground.clock.now().to_zoned(ist()).date();
            let facts = plans.into_iter().map(|view| {
                use crate::investing::orders::InstalmentStatus as Status;
                let failed = |one: &&crate::investing::orders::instalments::Instalment| {
                    matches!(one.status, Status::Failed | Status::Rejected)
                };
                PlanFacts {
                    scheme: self.name_of(view.plan.terms.scheme),
                    status: view.plan.status,
                    amount: view.amount(today),
                    frequency: view.plan.terms.frequency,
                    next: view.next,
                    failed: view.instalments.iter().filter(failed).count(),
                }
            });
            Ok(facts.collect())
        })
    }

    fn orders<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<OrderFacts>> {
        Box::pin(async move {
            let Some(dealing) = self.app.dealing().filter(|_| is_known(contact)) else {
                return Ok(Vec::new());
            };
            let orders = dealing.orders_of(contact.id, None, ORDERS).await?;
            let facts = orders.into_iter().map(|order| OrderFacts {
                scheme: self.name_of(order.scheme),
                kind: order.kind,
                status: order.status,
                amount: match order.quantity {
                    Quantity::Amount(amount) => Some(amount),
                    Quantity::Units(_) | Quantity::All => order.paid,
                },
                made_on: order.made_at.to_zoned(ist()).date(),
            });
            Ok(facts.collect())
        })
    }

    fn personal<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<String>> {
        Box::pin(async move {
            let investor = self.app.people.investor(contact.id).await?;
            let seal = self.app.seal_of(contact.id).await?;
            let holder = self.app.investing.holder(contact.id, &seal).await?;
            let mut personal: Vec<String> = Vec::new();
            personal.extend(contact.name.clone());
            personal.extend(contact.phone.clone());
            personal.extend(investor.name);
            personal.extend(holder.name);
            personal.extend(holder.pan);
            personal.extend(investor.email.map(|email| email.address));
            personal.extend(investor.mobile.map(|mobile| mobile.address));
            Ok(personal)
        })
    }

    fn search(&self, query: &str, most: usize) -> Vec<Scheme> {
        let catalog = self.app.investing.catalog();
        let codes = match catalog.search(query, most) {
            Matches::Nothing => Vec::new(),
            Matches::One(code) => vec![code],
            Matches::Several(codes) => codes,
        };
        codes
            .into_iter()
            .filter_map(|code| catalog.get(code).cloned())
            .collect()
    }

    fn rules(&self, scheme: SchemeCode, on: Date) -> Option<SchemeRules> {
        self.app.investing.rules(scheme, on)
    }

    fn index<'a>(&'a self, name: &'a str, today: Date) -> Found<'a, Option<IndexLevel>> {
        Box::pin(self.app.investing.index_level(name, today))
    }
}
