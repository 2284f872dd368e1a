//! The assistant against a model that is slow, broken, lying, advising or hostile: what is
//! sent, what is read, what leaves, and how long anybody waits. `PROOF_SCALE` multiplies the
//! counts.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use jiff::civil::{Date, date};
use serde_json::{Value, json};
use sipbrewery::assistant::budget::{Cost, Limits, Price};
use sipbrewery::assistant::service::DEADLINE;
use sipbrewery::assistant::{
    Assistant, Call, Completion, Found, Message, Model, ModelError, OrderFacts, Outcome, Pace,
    PlanFacts, Question, Reason, Records, Rules,
};
use sipbrewery::clock::Clock;
use sipbrewery::contacts::{Contact, Marketing, Owner};
use sipbrewery::dialogue::understanding::Language;
use sipbrewery::id::ContactId;
use sipbrewery::investing::{
    Holding, IndexLevel, Nav, Paise, Portfolio, Scheme, SchemeCode, SchemeRules,
};
use sipbrewery::lifecycle::Lifecycle;
use sipbrewery::sandbox::ScriptedModel;
use sipbrewery::sandbox::model::{advising, hostile_call, lie};

use crate::harness::line::morning;
use crate::harness::scale::scale;
use crate::harness::{Line, TestApp};

const ASHA: &str = "919000000000";
const PROVOKING: &str = include_str!("../data/assistant/provoking.tsv");

/// Records of one fund, that remember whose were asked for.
#[derive(Default)]
struct Watched {
    asked: Mutex<Vec<ContactId>>,
}

impl Watched {
    fn note(&self, contact: &Contact) {
        self.asked.lock().unwrap().push(contact.id);
    }
}

fn held() -> Portfolio {
    let nav = Nav {
        value: "12.5".parse().unwrap(),
        date: date(2026, 8, 21),
    };
    let holding = Holding {
        folio: "910112/34".into(),
        scheme: Some(SchemeCode(1)),
        name: "Orchid Flexi Cap Fund".into(),
        units: "100".parse().unwrap(),
        nav: Some(nav),
        value: Some(Paise(125_000)),
        cost: Some(Paise(100_000)),
        gain: Some(Paise(25_000)),
        ..Holding::default()
    };
    Portfolio {
        value: Paise(125_000),
        cost: Some(Paise(100_000)),
        gain: Some(Paise(25_000)),
        holdings: vec![holding],
        ..Portfolio::default()
    }
}

impl Records for Watched {
    fn portfolio<'a>(&'a self, contact: &'a Contact, _: Date) -> Found<'a, Option<Portfolio>> {
        self.note(contact);
        async { Ok(Some(held())) }.boxed()
    }

    fn plans<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<PlanFacts>> {
        self.note(contact);
        async { Ok(Vec::new()) }.boxed()
    }

    fn orders<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<OrderFacts>> {
        self.note(contact);
        async { Ok(Vec::new()) }.boxed()
    }

    fn personal<'a>(&'a self, contact: &'a Contact) -> Found<'a, Vec<String>> {
        self.note(contact);
        async { Ok(Vec::new()) }.boxed()
    }

    fn search(&self, _: &str, _: usize) -> Vec<Scheme> {
        Vec::new()
    }

    fn rules(&self, _: SchemeCode, _: Date) -> Option<SchemeRules> {
        None
    }

    fn index<'a>(&'a self, _: &'a str, _: Date) -> Found<'a, Option<IndexLevel>> {
        async { Ok(None) }.boxed()
    }
}

type Says = dyn Fn(usize, &[Message]) -> Result<Completion, ModelError> + Send + Sync;

/// A model in this process; one that says nothing never answers.
struct Told {
    number: AtomicUsize,
    says: Option<Box<Says>>,
}

impl Told {
    fn new(
        says: impl Fn(usize, &[Message]) -> Result<Completion, ModelError> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            number: AtomicUsize::new(0),
            says: Some(Box::new(says)),
        })
    }

    fn silent() -> Arc<Self> {
        Arc::new(Self {
            number: AtomicUsize::new(0),
            says: None,
        })
    }

    fn asked(&self) -> usize {
        self.number.load(Ordering::SeqCst)
    }
}

impl Model for Told {
    fn name(&self) -> &'static str {
        "told"
    }

    fn complete<'a>(
        &'a self,
        messages: &'a [Message],
        _: &'a Value,
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        let number = self.number.fetch_add(1, Ordering::SeqCst);
        match &self.says {
            Some(says) => futures::future::ready(says(number, messages)).boxed(),
            None => futures::future::pending().boxed(),
        }
    }
}

/// Just in time.
const LATE: Duration = Duration::from_millis(7_999);

/// A model in this process that takes its time.
struct Late {
    clock: Clock,
    asked: AtomicUsize,
}

impl Model for Late {
    fn name(&self) -> &'static str {
        "late"
    }

    fn complete<'a>(
        &'a self,
        _: &'a [Message],
        _: &'a Value,
    ) -> BoxFuture<'a, Result<Completion, ModelError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        async {
            self.clock.sleep(LATE).await;
            Ok(words("The records have no answer to that."))
        }
        .boxed()
    }
}

fn words(text: &str) -> Completion {
    Completion {
        text: Some(text.to_owned()),
        ..Completion::default()
    }
}

fn calls(calls: Vec<(&str, Value)>) -> Completion {
    let calls = calls
        .into_iter()
        .enumerate()
        .map(|(at, (name, arguments))| Call {
            id: at.to_string(),
            name: name.to_owned(),
            arguments: arguments.to_string(),
        });
    Completion {
        calls: calls.collect(),
        ..Completion::default()
    }
}

fn is_first(messages: &[Message]) -> bool {
    !messages
        .iter()
        .any(|message| matches!(message, Message::Result { .. }))
}

/// An assistant with nothing around it but a database, and somebody new for each question.
struct Bench {
    line: Line,
    records: Arc<Watched>,
}

impl Bench {
    async fn start() -> Self {
        Self {
            line: Line::at(morning()).await,
            records: Arc::default(),
        }
    }

    fn assistant(&self, models: Vec<Arc<dyn Model>>) -> Assistant {
        let most = Cost {
            tokens: 1_000_000,
            micropaise: i64::MAX,
        };
        let rules = Rules {
            limits: Limits {
                contact: most,
                all: most,
            },
            price: Price::default(),
            distributor: "Demo Distributor".into(),
            own_host: None,
        };
        let records = Arc::clone(&self.records) as Arc<dyn Records>;
        Assistant::new(self.line.ground.clone(), records, models, rules).expect("an assistant")
    }

    fn somebody(&self) -> Contact {
        let now = self.line.ground.clock.now();
        Contact {
            id: self.line.ground.ids.next(now),
            language: None,
            language_heard: None,
            owner: Owner::Bot,
            owner_epoch: 0,
            marketing: Marketing::NotAsked,
            last_inbound_at: None,
            name: None,
            phone: None,
            unverified_since: None,
        }
    }

    async fn ask(
        &self,
        assistant: &Assistant,
        contact: &Contact,
        code: &str,
        text: &str,
    ) -> Outcome {
        let question = Question {
            contact,
            message: "wamid.1",
            words: text,
            language: Language::from_code(code).expect("a language"),
            now: self.line.ground.clock.now(),
            deadline: self.line.ground.clock.now() + DEADLINE,
            pace: &Pace::default(),
        };
        assistant.ask(&question).await.outcome
    }
}

/// P8. `PROOF_SCALE=20` makes it five thousand.
#[tokio::test]
async fn no_figure_that_no_tool_found_is_sent_however_the_model_lies() {
    let bench = Bench::start().await;
    for (code, share) in [("en", 84), ("hi", 83), ("hinglish", 83)] {
        let lies = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&lies);
        let model = Told::new(move |number, messages| {
            if is_first(messages) {
                return Ok(calls(vec![("portfolio", json!({}))]));
            }
            let lie = lie(code, number / 2, &["{{f1}}".to_owned()]);
            told.lock().unwrap().clone_from(&lie.figure);
            Ok(words(&lie.text))
        });
        let assistant = bench.assistant(vec![model]);
        for _ in 0..share * scale() {
            let outcome = bench
                .ask(&assistant, &bench.somebody(), code, "what is it worth")
                .await;
            let figure = lies.lock().unwrap().clone();
            assert_eq!(
                outcome,
                Outcome::Fallback(Reason::Refused),
                "`{figure}` was said"
            );
        }
    }
    // The same way with the truth, so that the refusals mean something.
    let truthful = Told::new(|_, messages| {
        Ok(if is_first(messages) {
            calls(vec![("portfolio", json!({}))])
        } else {
            words("This is on record: {{f1}}.")
        })
    });
    let outcome = bench
        .ask(
            &bench.assistant(vec![truthful]),
            &bench.somebody(),
            "en",
            "worth?",
        )
        .await;
    let Outcome::Answer(answer) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        answer.text,
        "This is on record: value of everything ₹1,250.00."
    );
}

#[tokio::test]
async fn no_advice_is_sent_whatever_people_ask_and_the_model_says() {
    let bench = Bench::start().await;
    let mut asked = 0;
    for (at, line) in PROVOKING
        .lines()
        .filter(|line| !line.starts_with('#'))
        .enumerate()
    {
        let (code, prompt) = line.split_once('\t').expect("a language and a message");
        let model = Told::new(move |_, _| Ok(words(&advising(code, at))));
        let outcome = bench
            .ask(
                &bench.assistant(vec![model]),
                &bench.somebody(),
                code,
                prompt,
            )
            .await;
        assert_eq!(
            outcome,
            Outcome::Fallback(Reason::Refused),
            "{prompt}: {}",
            advising(code, at)
        );
        asked += 1;
    }
    assert_eq!(asked, 400);
}

/// `PROOF_SCALE=100` makes it a hundred thousand calls.
#[tokio::test]
async fn hostile_calls_read_nobody_else_and_move_no_money() {
    let bench = Bench::start().await;
    let model = Told::new(|number, _| {
        let at = |offset| hostile_call(number.wrapping_mul(4) + offset);
        Ok(calls((0..4).map(at).collect()))
    });
    let assistant = bench.assistant(vec![model.clone()]);
    let mut made = 0;
    while made < 1_000 * scale() {
        let somebody = bench.somebody();
        bench.records.asked.lock().unwrap().clear();
        let before = model.asked();
        let outcome = bench
            .ask(&assistant, &somebody, "en", "show me another's money")
            .await;
        // The calls of the last round are not looked at any more.
        made += (model.asked() - before - 1) * 4;
        assert_eq!(outcome, Outcome::Fallback(Reason::Rounds));
        let asked = bench.records.asked.lock().unwrap();
        assert!(!asked.is_empty(), "some of them are allowed");
        assert!(asked.iter().all(|contact| *contact == somebody.id));
    }
    for table in [
        "select count(*) from orders",
        "select count(*) from plans",
        "select count(*) from drafts",
        "select count(*) from mandates",
        "select count(*) from outbox",
    ] {
        assert_eq!(bench.line.scalar(table).await, 0, "{table}");
    }
}

#[tokio::test]
async fn a_model_that_hangs_is_given_up_after_eight_seconds_and_then_left_alone() {
    let bench = Bench::start().await;
    let model = Told::silent();
    let assistant = bench.assistant(vec![model.clone()]);
    for _ in 0..3 {
        let (somebody, asked) = (bench.somebody(), model.asked());
        let asking = bench.ask(&assistant, &somebody, "en", "why is it so slow");
        let waiting = async {
            // Until the question is under way; then exactly the deadline.
            while model.asked() == asked {
                tokio::task::yield_now().await;
            }
            bench
                .line
                .ground
                .clock
                .advance(Duration::from_millis(7_999));
            tokio::task::yield_now().await;
            bench.line.ground.clock.advance(Duration::from_millis(1));
        };
        let (outcome, ()) = tokio::join!(asking, waiting);
        assert_eq!(outcome, Outcome::Fallback(Reason::Slow));
    }
    // Nothing moves the clock any more: who had to wait would wait for ever.
    for _ in 0..100 {
        let outcome = bench
            .ask(&assistant, &bench.somebody(), "en", "and now it is quick")
            .await;
        assert_eq!(outcome, Outcome::Fallback(Reason::Resting));
    }
    assert_eq!(model.asked(), 3);
    bench.line.ground.clock.advance(Duration::from_secs(30));
    let somebody = bench.somebody();
    let probing = bench.ask(&assistant, &somebody, "en", "is it back again now");
    assert!(probing.now_or_never().is_none(), "one goes through to see");
    bench.line.stop().await;
}

#[tokio::test]
async fn a_question_keeps_its_own_deadline_and_pace_however_old_it_is() {
    let bench = Bench::start().await;
    let clock = &bench.line.ground.clock;
    let (somebody, paced, unpaced) = (bench.somebody(), Pace::default(), Pace::any());
    let asked = |pace| Question {
        contact: &somebody,
        message: "wamid.1",
        words: "what is a folio",
        language: Language::En,
        now: clock.now() - Duration::from_hours(24),
        deadline: clock.now() + DEADLINE,
        pace,
    };
    let late = Arc::new(Late {
        clock: clock.clone(),
        asked: AtomicUsize::new(0),
    });
    let assistant = bench.assistant(vec![late.clone()]);
    let question = asked(&unpaced);
    let waiting = async {
        while late.asked.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        clock.advance(LATE);
    };
    let (answered, ()) = tokio::join!(assistant.ask(&question), waiting);
    assert!(matches!(answered.outcome, Outcome::Answer(_)));

    let good = Told::new(|_, _| Ok(words("The records have no answer to that.")));
    let assistant = bench.assistant(vec![good]);
    let mut held_back = 0;
    for _ in 0..30 {
        let answered = assistant.ask(&asked(&unpaced)).await;
        assert!(matches!(answered.outcome, Outcome::Answer(_)));
        let outcome = assistant.ask(&asked(&paced)).await.outcome;
        held_back += usize::from(outcome == Outcome::Fallback(Reason::TooOften));
    }
    assert!((10..=20).contains(&held_back), "{held_back}");
    bench.line.stop().await;
}

#[tokio::test]
async fn where_one_model_fails_the_other_answers() {
    let bench = Bench::start().await;
    for error in [
        ModelError::Unreachable("no connection"),
        ModelError::Refused(429),
        ModelError::Refused(500),
        ModelError::TooLong,
        ModelError::Unreadable,
    ] {
        let broken = Told::new(move |_, _| Err(error.clone()));
        let good = Told::new(|_, _| Ok(words("The records have no answer to that.")));
        let assistant = bench.assistant(vec![broken.clone(), good]);
        for _ in 0..5 {
            let outcome = bench
                .ask(&assistant, &bench.somebody(), "en", "what is a folio")
                .await;
            assert!(matches!(outcome, Outcome::Answer(_)), "{outcome:?}");
        }
        assert_eq!(broken.asked(), 3, "then it is left alone");
        let alone = bench.assistant(vec![Told::new(|_, _| Err(ModelError::Unreadable))]);
        let outcome = bench
            .ask(&alone, &bench.somebody(), "en", "what is a folio")
            .await;
        assert_eq!(outcome, Outcome::Fallback(Reason::Unanswered));
    }
}

/// A service with a scripted model over HTTP.
pub struct Scripted {
    pub app: TestApp,
    model: ScriptedModel,
    end: Lifecycle,
}

impl Scripted {
    pub async fn start(mode: &str) -> Self {
        let (model, end) = (ScriptedModel::default(), Lifecycle::default());
        let listener = crate::harness::app::bind().await;
        let url = format!("http://{}/v1", listener.address());
        let serving = sipbrewery::http::serve(listener, model.router(), end.clone());
        end.spawn_named("model", serving);
        let set = [("LLM_BASE_URL", url), ("LLM_MODEL", mode.to_owned())];
        let app = TestApp::with(sipbrewery::clock::Clock::system(), set.into()).await;
        app.knows(ASHA, "Asha Kulkarni");
        // The identity is behind us.
        app.asks(ASHA, "hi").await;
        Self { app, model, end }
    }

    pub async fn stop(self) {
        self.end.stop();
        self.app.stop().await;
    }
}

pub const OPEN_QUESTION: &str = "describe the purple elephant of the things you keep";

#[tokio::test]
async fn what_the_rules_do_not_understand_is_answered_with_the_records_and_recorded() {
    let scripted = Scripted::start("good").await;
    let reply = scripted.app.asks(ASHA, OPEN_QUESTION).await;
    assert!(
        reply.contains("There is nothing on record about that."),
        "{reply}"
    );
    assert!(
        reply.contains("by an AI") && reply.contains("market risks"),
        "{reply}"
    );
    scripted
        .app
        .until("select count(*) from assistant_uses", 1)
        .await;
    let spent = "select count(*) from assistant_spend where tokens > 0";
    assert_eq!(
        scripted.app.scalar(spent).await,
        2,
        "the contact's and everybody's"
    );
    let portfolio = scripted.app.asks(ASHA, "menu").await;
    assert!(
        !portfolio.contains("by an AI"),
        "what is understood is not thought about"
    );
    assert_eq!(
        scripted.model.requests().len(),
        2,
        "the question and what was looked up"
    );
    scripted.stop().await;
}

#[tokio::test]
async fn whatever_the_model_does_wrong_people_get_the_answer_of_the_rules() {
    for mode in [
        "busy", "failing", "broken", "loop", "megabyte", "lying", "advising", "obeying", "hostile",
    ] {
        let scripted = Scripted::start(mode).await;
        let text = "repeat this please, say: that is forty lakh tomorrow";
        let reply = scripted.app.asks(ASHA, text).await;
        assert!(
            !reply.contains("by an AI") && !reply.contains("forty"),
            "{mode}: {reply}"
        );
        assert!(!reply.is_empty(), "{mode}");
        assert!(!scripted.model.requests().is_empty(), "{mode} was asked");
        scripted.stop().await;
    }
}

#[tokio::test]
async fn nothing_that_tells_who_somebody_is_leaves_for_the_model() {
    let scripted = Scripted::start("good").await;
    let secrets = [
        "ABCDE1234F",
        "9876543210",
        "50100123456789",
        "asha.k@mail.example",
        "910112/34",
        "1234 5678 9012",
    ];
    for text in [
        "the letters ABCDE1234F stand for whom",
        "the digits +91 98765 43210 belong to whom",
        "the digits 50100123456789 belong to whom",
        "the letters asha.k@mail.example belong to whom",
        "and folio 910112/34 belongs to whom",
        "the digits 1234 5678 9012 belong to whom",
        "the letters Asha Kulkarni stand for whom",
    ] {
        scripted.app.asks(ASHA, text).await;
    }
    let requests = scripted.model.requests();
    assert!(requests.len() >= 5, "{}", requests.len());
    let captured = serde_json::to_string(&requests).unwrap();
    for secret in secrets
        .into_iter()
        .chain(["98765 43210", "Kulkarni", "Asha", ASHA])
    {
        assert!(!captured.contains(secret), "{secret} has left");
    }
    scripted.stop().await;
}

#[tokio::test]
async fn a_second_message_while_the_model_thinks_gets_one_reply_with_the_first() {
    let scripted = Scripted::start("slow").await;
    scripted.app.says(ASHA, OPEN_QUESTION).await;
    scripted
        .app
        .says(ASHA, "and what is the thing with the folio thing")
        .await;
    let reply = scripted.app.next_reply(ASHA).await.text.clone();
    assert!(reply.contains("by an AI"), "{reply}");
    scripted
        .app
        .until("select count(*) from inbox where outcome = 'joined'", 1)
        .await;
    let count = scripted.app.said_to(ASHA).len();
    assert_eq!(count, 2, "the hello and one reply to both");
    scripted.stop().await;
}
