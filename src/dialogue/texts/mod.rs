//! Everything the bot can say, each text with exactly the facts it may state.
//!
//! Amounts, dates and rates come in as finished strings: how India writes them is decided
//! in `investing`, not in a template.

mod lines;

use serde::Serialize;

pub use lines::{Facts, Figures, Fund, Level, MandateLine, OrderLine, SipLine};

use super::understanding::Language;

macro_rules! texts {
    ($($(#[$doc:meta])* $variant:ident = $name:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? };)*) => {
        /// A text and its facts.
        #[derive(Debug, Clone, Serialize)]
        #[serde(untagged)]
        pub enum Text<'a> {
            $($(#[$doc])* $variant { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl Text<'_> {
            /// Returns the name of its template.
            pub const fn template(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $name,)*
                }
            }
        }

        /// Every template: its language, its name and its words.
        pub const SOURCES: &[(Language, &str, &str)] = &[
            $(
                (Language::En, $name, include_str!(concat!("../../../templates/en/", $name, ".txt"))),
                (Language::Hi, $name, include_str!(concat!("../../../templates/hi/", $name, ".txt"))),
                (Language::Hinglish, $name, include_str!(concat!("../../../templates/hinglish/", $name, ".txt"))),
            )*
        ];
    };
}

texts! {
    /// The choice of topics.
    Menu = "menu" {
        /// What to call them, when greeting.
        name: Option<&'a str>,
        /// Whether to say hello.
        greets: bool,
    };
    /// What this can do.
    Help = "help" {};
    /// Says who wrote an answer, below it.
    AssistantNote = "assistant_note" {};
    /// An answer to thanks.
    Thanks = "thanks" {};
    /// What was under way is dropped.
    Cancelled = "cancelled" {};
    /// An answer to an "ok" that nothing waited for.
    Noted = "noted" {};
    /// What a SIP is.
    SipInfo = "sip_info" {};
    /// A question that has no answer here.
    Question = "question" {};
    /// Offers a sum with an amount that was said alone.
    CalculatorOffer = "calculator_offer" {
        /// Monthly amount.
        amount: &'a str,
    };
    /// Nothing was under way to be confirmed.
    NothingToConfirm = "nothing_to_confirm" {};
    /// Asks which fund.
    NavAsk = "nav_ask" {};
    /// One scheme.
    Nav = "nav" {
        /// Name with plan and option.
        name: &'a str,
        /// Fund house.
        amc: &'a str,
        /// Category.
        category: &'a str,
        /// Plan, or that it is not on record.
        plan: &'a str,
        /// Option, or that it is not on record.
        option: &'a str,
        /// NAV in rupees, if there is one.
        nav: Option<&'a str>,
        /// Its date.
        date: Option<&'a str>,
        /// Whether that date is more than a week ago.
        is_old: bool,
        /// What its rules say, if they are on record.
        terms: Option<&'a Facts>,
    };
    /// Several schemes could be meant.
    NavChoose = "nav_choose" {
        /// What was typed.
        query: &'a str,
        /// Their names, numbered in order.
        names: &'a [String],
    };
    /// No scheme is near enough.
    NavNothing = "nav_nothing" {
        /// What was typed.
        query: &'a str,
    };
    /// What they hold.
    Portfolio = "portfolio" {
        /// The figures of the whole.
        total: &'a Figures,
        /// The funds that fit.
        funds: &'a [Fund],
        /// How many are left out.
        more: usize,
        /// Last day of the statement it comes from.
        statement_to: Option<&'a str>,
        /// NAV date, or the oldest and newest.
        nav_dates: Option<&'a str>,
    };
    /// Nothing was imported for them.
    PortfolioNone = "portfolio_none" {
        /// The distributor.
        distributor: &'a str,
        /// Whether we know the mobile number they write from.
        has_phone: bool,
    };
    /// Their number changed, and nobody has made sure yet that it is still they.
    Unverified = "unverified" {
        /// The distributor.
        distributor: &'a str,
    };
    /// Asks for the monthly amount.
    CalculatorAmount = "calculator_amount" {
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks for how long.
    CalculatorYears = "calculator_years" {
        /// Monthly amount.
        amount: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks for the assumed rate.
    CalculatorRate = "calculator_rate" {
        /// Monthly amount.
        amount: &'a str,
        /// Whole years.
        years: u32,
        /// Months beyond them.
        months: u32,
        /// Highest rate we assume.
        highest: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// What a SIP would come to.
    CalculatorResult = "calculator_result" {
        /// Monthly amount.
        amount: &'a str,
        /// Whole years.
        years: u32,
        /// Months beyond them.
        months: u32,
        /// Assumed rate.
        rate: &'a str,
        /// Sum of the instalments.
        invested: &'a str,
        /// Value at the end.
        value: &'a str,
        /// Value less instalments.
        gain: &'a str,
        /// The rate that was asked for, if it was higher than we assume.
        asked: Option<&'a str>,
    };
    /// Offers an interrupted calculation again.
    Resume = "resume" {
        /// Monthly amount, if it was said.
        amount: Option<&'a str>,
    };
    /// Asks which fund is to be bought.
    MoneyFund = "money_fund" {
        /// `sip`, `once` or `switch`.
        purpose: &'a str,
        /// A name under which nothing is sold here.
        missed: Option<&'a str>,
    };
    /// Several funds could be meant.
    MoneyWhich = "money_which" {};
    /// Offers the kinds of funds.
    MoneyKind = "money_kind" {};
    /// The line below a kind of fund.
    MoneyKindNote = "money_kind_note" {
        /// Equity, debt, …; may be empty.
        group: &'a str,
        /// How many of it are sold.
        count: usize,
    };
    /// Offers the funds of a kind.
    MoneyByKind = "money_by_kind" {
        /// The kind.
        kind: &'a str,
    };
    /// Asks how much is to be invested.
    MoneyAmount = "money_amount" {
        /// The scheme.
        fund: &'a str,
        /// Whether every month.
        monthly: bool,
        /// Least amount.
        minimum: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks on which day of the month.
    SipDay = "sip_day" {
        /// Earliest day.
        first: i8,
        /// Latest day.
        last: i8,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks whether the amount grows.
    SipGrowth = "sip_growth" {
        /// Monthly amount.
        amount: &'a str,
        /// What it grows to at most.
        cap: &'a str,
    };
    /// Asks through which mandate it is paid.
    SipPays = "sip_pays" {
        /// Whether `UPI AutoPay` can pay it.
        upi: bool,
        /// The most `UPI AutoPay` pays.
        ceiling: &'a str,
    };
    /// The exact terms of a SIP.
    ReviewPlan = "review_plan" {
        /// Whether it takes the place of another.
        replaces: bool,
        /// The scheme with plan and option.
        fund: &'a str,
        /// Each instalment, in digits and words.
        amount: &'a str,
        /// Day of the month.
        day: i8,
        /// First instalment.
        first: &'a str,
        /// By how much it grows a year.
        more: Option<&'a str>,
        /// By how many percent it grows a year.
        percent: Option<&'a str>,
        /// What it grows to at most.
        cap: Option<&'a str>,
        /// Bank that pays.
        bank: &'a str,
        /// `upi`, `enach`, or nothing.
        mandate: &'a str,
        /// What the mandate allows.
        mandate_limit: Option<&'a str>,
        /// Whether the mandate is approved.
        mandate_active: bool,
        /// NAV date to be expected.
        nav_date: Option<&'a str>,
        /// Risk-o-meter, in the word of the records.
        risk: &'a str,
        /// Exit load in words.
        load: Option<&'a str>,
        /// Stamp duty of an instalment.
        duty: Option<&'a str>,
    };
    /// The exact terms of a mandate.
    ReviewMandate = "review_mandate" {
        /// `upi` or `enach`.
        kind: &'a str,
        /// At most so much a day, in digits and words.
        limit: &'a str,
        /// Bank that pays.
        bank: &'a str,
        /// First day.
        from: &'a str,
        /// Last day.
        to: &'a str,
    };
    /// The exact terms of an order.
    ReviewOrder = "review_order" {
        /// `purchase`, `redemption` or `switch`.
        kind: &'a str,
        /// The scheme; of a switch, out of which.
        fund: &'a str,
        /// Of a switch, into which.
        target: Option<&'a str>,
        /// Amount, in digits and words.
        amount: Option<&'a str>,
        /// Units.
        units: Option<&'a str>,
        /// Whether all units.
        all: bool,
        /// Folio; none makes a new one.
        folio: Option<&'a str>,
        /// Bank that pays or is paid.
        bank: &'a str,
        /// NAV date to be expected.
        nav_date: Option<&'a str>,
        /// When units or money are to be expected.
        expected: Option<&'a str>,
        /// Until when on that day it is taken.
        cutoff: Option<&'a str>,
        /// Risk-o-meter of what is bought.
        risk: Option<&'a str>,
        /// Stamp duty.
        duty: Option<&'a str>,
        /// Exit load, estimated.
        exit_load: Option<&'a str>,
        /// Exit load in words.
        load: Option<&'a str>,
        /// Units it should buy.
        bought: Option<&'a str>,
        /// Money it should bring.
        proceeds: Option<&'a str>,
        /// Short-term gain, estimated.
        short: Option<&'a str>,
        /// Long-term gain, estimated.
        long: Option<&'a str>,
        /// Tax on them, estimated.
        tax: Option<&'a str>,
    };
    /// A typed yes is not enough.
    ConfirmByButton = "confirm_by_button" {
        /// The amount that can be repeated instead.
        amount: Option<&'a str>,
    };
    /// The terms were shown too long ago.
    TermsExpired = "terms_expired" {};
    /// A journey is dropped and nothing was done.
    MoneyDropped = "money_dropped" {};
    /// A mandate is on its way.
    MandatePlaced = "mandate_placed" {};
    /// A SIP is on its way.
    PlanPlaced = "plan_placed" {};
    /// An order is on its way.
    OrderPlaced = "order_placed" {
        /// `purchase`, `redemption` or `switch`.
        kind: &'a str,
    };
    /// Why something is not done.
    Refused = "refused" {
        /// The kind of reason.
        why: &'a str,
        /// The amount or units it speaks of.
        amount: Option<&'a str>,
        /// The step of amounts.
        step: Option<&'a str>,
        /// The day it speaks of.
        day: Option<&'a str>,
    };
    /// What is missing before anything can be bought.
    Blocked = "blocked" {
        /// In the words of the gate.
        lacks: &'a [String],
    };
    /// There is nothing to take out.
    NothingHeld = "nothing_held" {};
    /// Asks out of which fund.
    MoneyHeld = "money_held" {};
    /// Asks out of which folio.
    MoneyFolio = "money_folio" {};
    /// Asks how much is to leave.
    MoneyHowMuch = "money_how_much" {
        /// The scheme.
        fund: &'a str,
        /// Units held.
        units: &'a str,
        /// Their value.
        value: Option<&'a str>,
        /// Least amount.
        minimum: Option<&'a str>,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// Asks which SIP.
    PlanWhich = "plan_which" {
        /// `pause`, `resume`, `stop` or `change`.
        wish: &'a str,
    };
    /// There is no SIP that suits the wish.
    PlanNone = "plan_none" {
        /// `pause`, `resume`, `stop` or `change`.
        wish: &'a str,
    };
    /// Asks how many instalments are left out.
    PauseAsk = "pause_ask" {
        /// The scheme.
        fund: &'a str,
        /// The next instalment.
        next: Option<&'a str>,
        /// Most at once.
        most: u32,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// What a pause would do.
    PauseReview = "pause_review" {
        /// The scheme.
        fund: &'a str,
        /// Its amount, in digits and words.
        amount: &'a str,
        /// How many are left out.
        instalments: u32,
        /// The next one due.
        next: Option<&'a str>,
    };
    /// What an early end of a pause would do.
    ResumeReview = "resume_review" {
        /// The scheme.
        fund: &'a str,
        /// Its amount, in digits and words.
        amount: &'a str,
        /// Day of the month.
        day: i8,
    };
    /// Asks for the reason of an end.
    StopAsk = "stop_ask" {
        /// The scheme.
        fund: &'a str,
    };
    /// Asks for the reason in words.
    StopWords = "stop_words" {
        /// Whether nothing was said.
        again: bool,
    };
    /// What an end would do.
    StopReview = "stop_review" {
        /// The scheme.
        fund: &'a str,
        /// Its amount, in digits and words.
        amount: &'a str,
        /// Day by which debits have stopped.
        by: Option<&'a str>,
        /// An instalment that may still be debited.
        still: Option<&'a str>,
    };
    /// Asks what is to be different about a SIP.
    ChangeAsk = "change_ask" {
        /// The scheme.
        fund: &'a str,
        /// Its amount.
        amount: &'a str,
        /// Its day.
        day: i8,
        /// `what`, `amount`, `day` or `growth`.
        what: &'a str,
        /// Least amount.
        minimum: &'a str,
        /// Whether the last answer could not be used.
        again: bool,
    };
    /// A change of a SIP is on its way.
    PlanAsked = "plan_asked" {
        /// `pause`, `resume`, `stop` or `change`.
        wish: &'a str,
        /// Day by which debits have stopped.
        ends_by: Option<&'a str>,
    };
    /// The SIPs somebody has.
    Sips = "sips" {
        /// Those that fit.
        sips: &'a [SipLine],
        /// How many are left out.
        more: usize,
    };
    /// They have no SIP.
    SipsNone = "sips_none" {};
    /// How far orders are.
    Orders = "orders" {
        /// Those under way first.
        orders: &'a [OrderLine],
    };
    /// They have no order.
    OrdersNone = "orders_none" {};
    /// The mandates somebody gave.
    Mandates = "mandates" {
        /// Those in force or on their way.
        mandates: &'a [MandateLine],
    };
    /// Offers an interrupted journey again.
    ResumeMoney = "resume_money" {
        /// What it was about.
        what: &'a str,
    };
    /// No order can be called off.
    CallOffNone = "call_off_none" {};
    /// Asks which order is to be called off.
    CallOffWhich = "call_off_which" {};
    /// What would be called off.
    CallOffReview = "call_off_review" {
        /// The scheme.
        fund: &'a str,
        /// Whether it is a purchase.
        buys: bool,
        /// Its amount, in digits and words.
        amount: Option<&'a str>,
    };
    /// An order is being called off.
    CallOffAsked = "call_off_asked" {};
    /// Asks which language.
    LanguageAsk = "language_ask" {};
    /// The language has changed.
    LanguageSet = "language_set" {};
    /// Marketing has stopped.
    OptedOut = "opted_out" {};
    /// Marketing may come.
    OptedIn = "opted_in" {};
    /// How to ask for marketing.
    OptInHow = "opt_in_how" {};
    /// A person will take over.
    Agent = "agent" {
        /// Where else to turn, if there is such a place.
        grievance: Option<&'a str>,
    };
    /// A complaint is recorded, and where to take it next.
    Complaint = "complaint" {
        /// Its number.
        number: &'a str,
        /// Our grievance contact, if there is one.
        grievance: Option<&'a str>,
    };
    /// Asks which paper.
    PaperChoose = "paper_choose" {};
    /// A paper is being made.
    PaperComing = "paper_coming" {
        /// Which.
        what: &'a str,
        /// Whether it is about tax.
        is_tax: bool,
    };
    /// Asks which financial year.
    TaxChoose = "tax_choose" {};
    /// Why there are no rewards.
    Rewards = "rewards" {};
    /// How somebody may be invited.
    Referral = "referral" {};
    /// Why nobody is ranked.
    Leaderboard = "leaderboard" {};
    /// Why no portfolio is copied.
    CopyPortfolio = "copy_portfolio" {};
    /// Index levels.
    Market = "market" {
        /// The levels on record.
        levels: &'a [Level],
    };
    /// Asks which kind of fund.
    FundsKinds = "funds_kinds" {};
    /// Schemes of a kind.
    FundsOfKind = "funds_of_kind" {
        /// The kind.
        kind: &'a str,
        /// How many there are.
        count: usize,
        /// How many are offered below.
        shown: usize,
    };
    /// Schemes side by side.
    FundCompare = "fund_compare" {
        /// The schemes.
        funds: &'a [Facts],
    };
    /// Asks which schemes to compare.
    CompareAsk = "compare_ask" {
        /// A name that could not be told.
        missing: Option<&'a str>,
    };
    /// Asks where notices are to go.
    Notices = "notices" {};
    /// Where notices go from now on.
    NoticesSet = "notices_set" {
        /// Where.
        where_to: &'a str,
    };
    /// A link to a calendar is coming.
    CalendarComing = "calendar_coming" {};
    /// What is kept, and why.
    Privacy = "privacy" {
        /// The distributor.
        distributor: &'a str,
    };
    /// Asks whether data is to be erased.
    EraseAsk = "erase_ask" {};
    /// A request about personal data is recorded.
    RequestTaken = "request_taken" {
        /// Its number.
        number: &'a str,
        /// Whether it is to erase.
        is_erase: bool,
        /// Our grievance contact, if there is one.
        grievance: Option<&'a str>,
    };
    /// An answer to somebody in distress.
    Distress = "distress" {};
    /// An answer to abuse.
    Abuse = "abuse" {};
    /// No recommendations in chat.
    Advice = "advice" {};
    /// Not available in chat yet.
    Later = "later" {
        /// What was asked for.
        what: &'a str,
    };
    /// Not about mutual funds.
    OffTopic = "off_topic" {};
    /// Not understood.
    Unknown = "unknown" {
        /// A fund that may be meant.
        guess: Option<&'a str>,
    };
    /// Something that cannot be read here.
    Unreadable = "unreadable" {
        /// What it is.
        what: &'a str,
    };
    /// A button of an earlier message.
    Stale = "stale" {};
    /// The conversation had to start again.
    Lost = "lost" {};
    /// A message could not be handled.
    Apology = "apology" {};
    /// Who we are.
    Identity = "identity" {
        /// The distributor.
        distributor: &'a str,
        /// `AMFI-registered Mutual Fund Distributor`.
        registration: &'a str,
        /// Its number.
        arn: &'a str,
    };
    /// The figures assume a rate.
    Illustration = "illustration" {
        /// Percent per year.
        rate: &'a str,
    };
    /// Past performance.
    PastPerformance = "past_performance" {
        /// The statutory words.
        words: &'a str,
    };
    /// Market risk.
    MarketRisk = "market_risk" {
        /// The statutory words.
        words: &'a str,
    };
    /// How we are paid.
    Commission = "commission" {};
}

#[cfg(test)]
pub(crate) mod samples;
