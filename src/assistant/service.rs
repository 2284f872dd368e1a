//! One call: a question in, an answer, a flow to open, or the reason for neither out.
//!
//! Nothing here can end a turn badly: whatever a model does or leaves undone, the dialogue
//! gets a word by the question's deadline and answers by itself.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::Semaphore;

use super::breaker::Breaker;
use super::budget::{Limits, Price};
use super::facts::Facts;
use super::mask::Mask;
use super::ports::{Call, Completion, Message, Model, ModelError, Records};
use super::prompt::Prompt;
use super::record::{Trail, Use, place};
use super::tools::{self, Around, Outcome as Looked};
use super::{Answer, Answered, Outcome, Question, Reason, judge, store};
use crate::clock::ist;
use crate::pipeline::Ground;
use crate::telemetry::metrics;

/// From the beginning of a turn to its answer, whatever happens in between.
pub const DEADLINE: Duration = Duration::from_secs(8);
/// For one call where another model could still be asked.
const PATIENCE: Duration = Duration::from_secs(4);
/// Rounds of lookups.
pub const MOST_ROUNDS: usize = 4;
/// Lookups of a round; what a model wants beyond is not looked up.
const MOST_CALLS: usize = 4;
/// Longest question that is passed on, in characters.
const LONGEST_QUESTION: usize = 1_000;
/// Questions that models think about at a time.
const AT_ONCE: usize = 64;

/// What the operator decides.
#[derive(Debug, Clone)]
pub struct Rules {
    /// The most of a day.
    pub limits: Limits,
    /// What the models cost.
    pub price: Price,
    /// Name of the distributor.
    pub distributor: String,
    /// Host of the service itself; its links may be given.
    pub own_host: Option<String>,
}

/// The assistant. Cheap to clone.
#[derive(Clone)]
pub struct Assistant {
    inner: Arc<Inner>,
}

struct Inner {
    ground: Ground,
    records: Arc<dyn Records>,
    /// In the order they are asked.
    models: Vec<Asked>,
    prompt: Prompt,
    tools: Value,
    rules: Rules,
    places: Semaphore,
}

struct Asked {
    model: Arc<dyn Model>,
    breaker: Mutex<Breaker>,
}

impl Asked {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Assistant {
    /// Returns an assistant that asks these models, the next where the one before fails.
    pub fn new(
        ground: Ground,
        records: Arc<dyn Records>,
        models: Vec<Arc<dyn Model>>,
        rules: Rules,
    ) -> anyhow::Result<Self> {
        let models = models.into_iter().map(|model| Asked {
            model,
            breaker: Mutex::default(),
        });
        let inner = Inner {
            ground,
            records,
            models: models.collect(),
            prompt: Prompt::new()?,
            tools: tools::describe(),
            rules,
            places: Semaphore::new(AT_ONCE),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Answers a question, opens a flow for it, or says why neither.
    pub async fn ask(&self, question: &Question<'_>) -> Answered {
        let this = &*self.inner;
        let began = this.ground.clock.now();
        let mut trail = Trail {
            message: question.message.to_owned(),
            ..Trail::default()
        };
        let outcome = match this.admit(question).await {
            Err(reason) => Outcome::Fallback(reason),
            Ok(_place) => {
                let thought = tokio::select! {
                    biased;
                    thought = this.think(question, &mut trail) => Some(thought),
                    () = this.ground.clock.sleep_until(question.deadline) => None,
                };
                thought.unwrap_or_else(|| {
                    this.give_up(&trail);
                    Outcome::Fallback(Reason::Slow)
                })
            }
        };
        metrics::assisted(outcome.verdict());
        tracing::info!(
            verdict = outcome.verdict(),
            troubles = ?trail.troubles,
            tokens = trail.tokens_in + trail.tokens_out,
            "the assistant was asked"
        );
        let used = this.record(question, &outcome, trail, began).await;
        Answered { outcome, used }
    }
}

impl Inner {
    /// Says whether a question may be asked at all.
    async fn admit(
        &self,
        question: &Question<'_>,
    ) -> Result<tokio::sync::SemaphorePermit<'_>, Reason> {
        let place = self.places.try_acquire().map_err(|_| Reason::Busy)?;
        if !question.pace.admits(question.contact.id) {
            return Err(Reason::TooOften);
        }
        let day = question.now.to_zoned(ist()).date();
        let spent = async {
            let mut conn = self.ground.db.read().await?;
            store::spent(&mut conn, day, question.contact.id).await
        };
        match spent.await {
            Ok((own, all)) if self.rules.limits.allow(own, all) => Ok(place),
            Ok(_) => Err(Reason::Budget),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the budget could not be read"
                );
                Err(Reason::Trouble)
            }
        }
    }

    /// Asks the models in their order.
    async fn think(&self, question: &Question<'_>, trail: &mut Trail) -> Outcome {
        let personal = self.records.personal(question.contact).await;
        let told = self
            .prompt
            .render(question.language, &self.rules.distributor);
        let (personal, told) = match (personal, told) {
            (Ok(personal), Ok(told)) => (personal, told),
            // Without knowing what to hide, nothing leaves.
            (Err(error), _) | (_, Err(error)) => {
                tracing::warn!(error = &*error, "the assistant cannot be asked");
                return Outcome::Fallback(Reason::Trouble);
            }
        };
        let mut mask = Mask::new(&personal);
        let words: String = question.words.chars().take(LONGEST_QUESTION).collect();
        trail.question = mask.hide(&words);
        let mut reason = Reason::Resting;
        for (at, asked) in self.models.iter().enumerate() {
            if !asked.breaker().admits(self.ground.clock.now()) {
                continue;
            }
            let begin = [
                Message::System(told.clone()),
                Message::User(trail.question.clone()),
            ];
            let is_last = at + 1 == self.models.len();
            match self
                .converse(asked, is_last, begin.into(), question, &mask, trail)
                .await
            {
                Ok(outcome) => return outcome,
                Err(error) => {
                    asked.breaker().failed(self.ground.clock.now());
                    trail
                        .troubles
                        .push(format!("{}: {error}", asked.model.name()));
                    reason = Reason::Unanswered;
                }
            }
        }
        Outcome::Fallback(reason)
    }

    async fn converse(
        &self,
        asked: &Asked,
        is_last: bool,
        mut messages: Vec<Message>,
        question: &Question<'_>,
        mask: &Mask,
        trail: &mut Trail,
    ) -> Result<Outcome, ModelError> {
        let mut facts = Facts::new(question.language);
        for round in 0..=MOST_ROUNDS {
            let estimated = trail.asked(asked.model.name(), &messages);
            let completion = self.complete(asked, is_last, &messages).await?;
            asked.breaker().answered();
            trail.answered(estimated, &completion);
            if completion.calls.is_empty() {
                return Ok(self.judge(completion, &facts, question, mask, trail));
            }
            if round == MOST_ROUNDS {
                break;
            }
            let calls: Vec<Call> = completion.calls.into_iter().take(MOST_CALLS).collect();
            let said = Message::Calls(calls.clone());
            trail.looked_up.push(said.clone());
            messages.push(said);
            for call in calls {
                match self.look_up(question, &mut facts, &call).await {
                    Looked::Open(opening) => return Ok(Outcome::Open(opening)),
                    Looked::Told(told) => {
                        let result = Message::Result {
                            id: call.id,
                            content: told.to_string(),
                        };
                        trail.looked_up.push(result.clone());
                        messages.push(result);
                    }
                }
            }
        }
        Ok(Outcome::Fallback(Reason::Rounds))
    }

    async fn complete(
        &self,
        asked: &Asked,
        is_last: bool,
        messages: &[Message],
    ) -> Result<Completion, ModelError> {
        let completing = asked.model.complete(messages, &self.tools);
        if is_last {
            return completing.await;
        }
        tokio::select! {
            biased;
            completion = completing => completion,
            () = self.ground.clock.sleep(PATIENCE) => {
                Err(ModelError::Unreachable("it took too long, and there is another"))
            }
        }
    }

    async fn look_up(&self, question: &Question<'_>, facts: &mut Facts, call: &Call) -> Looked {
        let around = Around {
            records: &*self.records,
            contact: question.contact,
            today: question.now.to_zoned(ist()).date(),
        };
        match tools::run(&around, facts, call).await {
            Ok(looked) => looked,
            Err(error) => {
                tracing::warn!(error = &*error, tool = %call.name, "a lookup failed");
                Looked::Told(serde_json::json!({ "error": "not available now" }))
            }
        }
    }

    fn judge(
        &self,
        completion: Completion,
        facts: &Facts,
        question: &Question<'_>,
        mask: &Mask,
        trail: &mut Trail,
    ) -> Outcome {
        let Some(text) = completion.text else {
            return Outcome::Fallback(Reason::Unanswered);
        };
        let own_host = self.rules.own_host.as_deref();
        let judged = judge(&text, facts.slots(), mask, question.language, own_host);
        trail.said = Some(text);
        match judged {
            Ok(text) => Outcome::Answer(Answer {
                text,
                subject: facts.subject(),
            }),
            Err(refused) => {
                trail.troubles.push(refused.to_string());
                Outcome::Fallback(Reason::Refused)
            }
        }
    }

    /// Notes that whoever was asked last did not answer in time.
    fn give_up(&self, trail: &Trail) {
        let is_last = |asked: &&Asked| Some(asked.model.name()) == trail.model.as_deref();
        if let Some(asked) = self.models.iter().find(is_last) {
            asked.breaker().failed(self.ground.clock.now());
        }
    }

    /// Returns the record of a use; none if no model was asked.
    async fn record(
        &self,
        question: &Question<'_>,
        outcome: &Outcome,
        trail: Trail,
        began: Timestamp,
    ) -> Option<Use> {
        let model = trail.model.clone()?;
        let ended = self.ground.clock.now();
        let id: crate::id::UseId = self.ground.ids.next(ended);
        let contact = question.contact.id;
        let sealing = async {
            let mut conn = self.ground.db.read().await?;
            let ids = [contact.to_string()];
            let stored = crate::contacts::store::load(&mut conn, &self.ground.keys, &ids).await?;
            let stored = stored.into_values().next();
            let stored = stored.ok_or_else(|| anyhow::anyhow!("no such contact"))?;
            let row = id.to_string();
            anyhow::Ok(stored.key.seal(place(&row), &serde_json::to_vec(&trail)?))
        };
        let sealed = match sealing.await {
            Ok(sealed) => sealed,
            Err(error) => {
                tracing::error!(error = &*error, "a use of the assistant cannot be sealed");
                return None;
            }
        };
        Some(Use {
            id,
            contact,
            at: ended,
            day: question.now.to_zoned(ist()).date(),
            model,
            prompt: self.prompt.version().to_owned(),
            verdict: outcome.verdict(),
            tokens_in: trail.tokens_in,
            tokens_out: trail.tokens_out,
            cost: self.rules.price.of(trail.tokens_in, trail.tokens_out),
            millis: ended.as_millisecond() - began.as_millisecond(),
            sealed,
        })
    }
}
