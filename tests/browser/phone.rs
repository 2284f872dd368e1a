//! What a person does with the phone on the page, and what they see.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::time::Duration;

use fantoccini::{Client, Locator};
use futures::FutureExt as _;
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::driver::{Browser, Screen};
use crate::server::Demo;

/// How long the page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// The page, open in a browser of its own on a demo of its own.
pub struct Phone {
    client: Client,
    page: String,
    name: String,
}

/// Runs `test` on a new demo; skipped, and said so, unless `TEST_BROWSER=1`.
///
/// A screenshot of the end, good or bad, is kept beside the test binaries.
pub async fn on_phone(name: &str, screen: Screen, test: impl AsyncFnOnce(&Phone)) {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::const_new(());
    if std::env::var_os("TEST_BROWSER").is_none_or(|wanted| wanted != "1") {
        println!("skipped: TEST_BROWSER=1 runs it, with chromedriver or TEST_WEBDRIVER_URL");
        return;
    }
    let _one = ONE_AT_A_TIME.lock().await;
    let demo = Demo::start();
    let browser = Browser::open(screen).await;
    let phone = Phone {
        client: browser.client.clone(),
        page: demo.page.clone(),
        name: name.to_owned(),
    };
    let outcome = AssertUnwindSafe(async {
        phone.open().await;
        test(&phone).await;
    })
    .catch_unwind()
    .await;
    phone.picture("end").await;
    let closed = browser.client.clone().close().await;
    if let Err(panic) = outcome {
        println!("log of the demo:\n{}", demo.log());
        std::panic::resume_unwind(panic);
    }
    closed.expect("the browser closes");
}

impl Phone {
    /// Returns the browser.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Returns an address below the Graph API of the demo.
    pub fn graph(&self, path: &str) -> String {
        let page = self.page.trim_end_matches('/');
        format!("{page}/graph/v24.0/{path}")
    }

    async fn open(&self) {
        self.client.goto(&self.page).await.expect("the page opens");
        self.see("[data-user]").await;
    }

    /// Takes the phone of another person.
    pub async fn take(&self, user: &str) {
        let button = format!("[data-user=\"{user}\"]");
        self.click(&button).await;
        self.see(&format!("{button}[aria-pressed=true]")).await;
    }

    /// Writes and sends, by keyboard and button.
    pub async fn say(&self, words: &str) {
        let field = self.see("#text").await;
        field.send_keys(words).await.expect("the field takes words");
        self.click("#send").await;
    }

    /// Waits for an answer with `words`, after the last message of this person.
    pub async fn hear(&self, words: &str) -> String {
        self.until(words, || async {
            let answers = self.answers().await;
            answers.into_iter().find(|answer| answer.contains(words))
        })
        .await
    }

    /// Says something and waits for an answer with `words` to it.
    pub async fn ask(&self, question: &str, words: &str) -> String {
        let before = self.count(".bubble.mine").await;
        self.say(question).await;
        self.until(question, || async {
            (self.count(".bubble.mine").await > before).then_some(())
        })
        .await;
        self.hear(words).await
    }

    /// Taps the newest button titled `title` and waits for an answer with `words`.
    pub async fn tap(&self, title: &str, words: &str) -> String {
        let before = self.count(".bubble.mine").await;
        let newest = format!(
            "const all = [...document.querySelectorAll('[data-choice-id]:not([disabled])')]
                .filter((one) => one.textContent.trim() === {});
            all.at(-1)?.click();
            return all.length;",
            Value::from(title)
        );
        self.until(title, || async {
            (self.script(&newest).await.as_u64()? > 0).then_some(())
        })
        .await;
        self.until(title, || async {
            (self.count(".bubble.mine").await > before).then_some(())
        })
        .await;
        self.hear(words).await
    }

    /// Follows the newest link to a page of the exchange about something, approves there as
    /// a person would, and comes back.
    pub async fn approves(&self, about: &str, moment: &str) {
        let link = format!(
            "return [...document.querySelectorAll('#messages a[href*=\"/pages/{about}/\"]')].at(-1)?.href"
        );
        let link = self
            .until(about, || async {
                self.script(&link).await.as_str().map(str::to_owned)
            })
            .await;
        self.client.goto(&link).await.expect("the page opens");
        self.see("button[value=approve]").await;
        let wide = "return document.documentElement.scrollWidth - innerWidth";
        assert_eq!(self.script(wide).await, json!(0), "{about}: the page fits");
        self.picture(moment).await;
        self.click("button[value=approve]").await;
        self.see("[role=status]").await;
        self.client.back().await.expect("back to the page");
        self.client
            .goto(&self.page)
            .await
            .expect("back to the chat");
        self.see("[data-user][aria-pressed=true]").await;
    }

    /// Opens the newest list and chooses the row titled `title`.
    pub async fn pick(&self, title: &str) {
        self.open_list().await;
        self.choose(title).await;
    }

    /// Opens the newest list.
    pub async fn open_list(&self) {
        self.script("[...document.querySelectorAll('[data-open-list]')].at(-1).scrollIntoView({block: 'center'})").await;
        let lists = self
            .client
            .find_all(Locator::Css("[data-open-list]"))
            .await
            .expect("the page is searched");
        let newest = lists.last().expect("a list is in the chat");
        newest.click().await.expect("the list opens");
        self.see("#sheet:not([hidden])").await;
    }

    /// Chooses a row of the open list.
    pub async fn choose(&self, title: &str) {
        let before = self.count(".bubble.mine").await;
        let row = format!("//*[@id='sheet']//button[strong[normalize-space()='{title}']]");
        let row = self.client.find(Locator::XPath(&row)).await;
        let row = row.unwrap_or_else(|e| panic!("no row {title:?}: {e}"));
        row.click().await.expect("the row is tapped");
        self.until(title, || async {
            (self.count(".bubble.mine").await > before).then_some(())
        })
        .await;
    }

    /// Clicks the first element of the selector. One that was drawn anew just then was not
    /// clicked, and is looked for again.
    pub async fn click(&self, css: &str) {
        self.until(css, || async {
            match self.see(css).await.click().await {
                Ok(()) => Some(()),
                Err(e) if e.to_string().contains("stale element") => None,
                Err(e) => panic!("{css} is not clicked: {e}"),
            }
        })
        .await;
    }

    /// Switches a fault and waits until the emulator has it so.
    pub async fn switch(&self, fault: &str, on: bool) {
        self.click(&format!("[data-fault={fault}]")).await;
        let faults = "return fetch('/sandbox/api/faults').then((answer) => answer.json())";
        self.until(fault, || async {
            let faults = self.script(faults).await;
            let set = faults.as_array()?.iter().find(|it| it["kind"] == fault)?;
            (set["chance"].as_f64()? > 0.0).eq(&on).then_some(())
        })
        .await;
    }

    /// Clicks the last element of the path.
    pub async fn click_path(&self, path: &str) {
        let found = self.client.find_all(Locator::XPath(path)).await;
        let found = found.expect("the page is searched");
        let last = found.last().unwrap_or_else(|| panic!("no {path}"));
        last.click().await.expect("it is clicked");
    }

    /// Waits for an element.
    pub async fn see(&self, css: &str) -> fantoccini::elements::Element {
        let wait = self.client.wait().at_most(PATIENCE);
        let seen = wait.for_element(Locator::Css(css)).await;
        seen.unwrap_or_else(|e| panic!("{css} does not appear: {e}"))
    }

    /// Waits until `look` sees something.
    pub async fn until<T, F: Future<Output = Option<T>>>(
        &self,
        what: &str,
        look: impl Fn() -> F,
    ) -> T {
        let looking = async {
            let mut again = tokio::time::interval(Duration::from_millis(40));
            loop {
                again.tick().await;
                if let Some(seen) = look().await {
                    return seen;
                }
            }
        };
        if let Ok(seen) = tokio::time::timeout(PATIENCE, looking).await {
            return seen;
        }
        panic!("{what:?} does not come; the chat:\n{}", self.chat().await);
    }

    /// Returns the texts of the bot after the last message of this person.
    pub async fn answers(&self) -> Vec<String> {
        let script = "const lines = [...document.querySelectorAll('#messages .line')];
            const mine = lines.findLastIndex((line) => line.classList.contains('mine'));
            return lines.slice(mine + 1).map((line) => line.querySelector('.bubble.theirs .words'))
                .filter(Boolean).map((words) => words.textContent);";
        let texts = self.script(script).await;
        serde_json::from_value(texts).expect("a list of texts")
    }

    /// Returns the text of everything in the chat.
    pub async fn chat(&self) -> String {
        self.text("#messages").await
    }

    /// Returns the text of an element.
    pub async fn text(&self, css: &str) -> String {
        let script = format!(
            "return document.querySelector({}).innerText",
            Value::from(css)
        );
        let text = self.script(&script).await;
        text.as_str().expect("a text").to_owned()
    }

    /// Returns how many elements there are.
    pub async fn count(&self, css: &str) -> u64 {
        let script = format!(
            "return document.querySelectorAll({}).length",
            Value::from(css)
        );
        self.script(&script).await.as_u64().expect("a count")
    }

    /// Returns how many of the bot's messages have the words.
    pub async fn count_words(&self, words: &str) -> usize {
        let script = "return [...document.querySelectorAll('.bubble.theirs .words')].map((one) => one.textContent)";
        let texts: Vec<String> =
            serde_json::from_value(self.script(script).await).expect("a list of texts");
        texts.iter().filter(|text| text.contains(words)).count()
    }

    /// Runs a script in the page.
    pub async fn script(&self, script: &str) -> Value {
        let run = self.client.execute(script, Vec::new()).await;
        run.unwrap_or_else(|e| panic!("{script}: {e}"))
    }

    /// Loads the page anew.
    pub async fn reload(&self) {
        self.client.refresh().await.expect("the page reloads");
        self.see("[data-user]").await;
    }

    /// Asserts that nothing sticks out at the sides and the composer is in sight.
    pub async fn fits(&self, what: &str) {
        let script = "const box = document.querySelector('#compose').getBoundingClientRect();
            const wide = [...document.querySelectorAll('.phone *')].filter((one) =>
                !one.closest('.personas, .card') && one.getBoundingClientRect().right > innerWidth + 0.5)
                .map((one) => one.className || one.tagName);
            return { width: document.documentElement.scrollWidth, inner: innerWidth, wide,
                composer: box.height > 40 && box.top >= 0 && box.bottom <= innerHeight + 0.5 };";
        let seen = self.script(script).await;
        assert!(
            seen["width"].as_u64() <= seen["inner"].as_u64(),
            "{what}: {seen}"
        );
        assert_eq!(seen["wide"], json!([]), "{what}: {seen}");
        assert_eq!(seen["composer"], json!(true), "{what}: {seen}");
    }

    /// Keeps a screenshot.
    pub async fn picture(&self, moment: &str) {
        let png = match self.client.screenshot().await {
            Ok(png) => png,
            Err(e) => return println!("no screenshot: {e}"),
        };
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser");
        let path = folder.join(format!("{}-{moment}.png", self.name));
        let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, png));
        kept.expect("the screenshot is kept");
        println!("screenshot: {}", path.display());
    }
}
