//! The texts of orders, plans and mandates: a part of the table, in a file of its own because
//! the whole is long.

/// Adds them to a table that others add to as well.
macro_rules! with_money {
    ($others:ident! { $table:ident! { $($texts:tt)* } }) => {
        $others! { $table! {
            $($texts)*
            /// Of two wishes the second comes after the first.
            OneByOne = "one_by_one" {
                /// What is done now.
                first: &'a str,
                /// What is offered after it.
                second: &'a str,
            };
            /// Offers the second of two wishes.
            NextWish = "next_wish" {
                /// What it is.
                what: &'a str,
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
                /// Most.
                maximum: Option<&'a str>,
                /// The step of amounts.
                step: Option<&'a str>,
                /// What became of the last answer: `unread`, `refused`, or nothing.
                heard: &'a str,
            };
            /// The least amount of a scheme is taken, as was asked for.
            MoneyLeast = "money_least" {
                /// So much, if it is on record.
                amount: Option<&'a str>,
                /// Whether it is taken out, and not paid in.
                leaves: bool,
            };
            /// The first instalment comes later than was asked for.
            SipLater = "sip_later" {
                /// The day that was asked for.
                asked: &'a str,
            };
            /// Asks on which day of the month.
            SipDay = "sip_day" {
                /// The month it is to begin in, if they said so.
                from: Option<&'a str>,
                /// Earliest day.
                first: i8,
                /// Latest day.
                last: i8,
                /// What became of the last answer: `unread`, `refused`, or nothing.
                heard: &'a str,
            };
            /// Asks whether the amount grows.
            SipGrowth = "sip_growth" {
                /// Monthly amount.
                amount: &'a str,
                /// What it grows to at most.
                cap: &'a str,
                /// Whether the last answer was not understood.
                again: bool,
            };
            /// An amount that grows cannot be had.
            NoStepUp = "no_step_up" {};
            /// Offers to fill it in on a form.
            FormOffer = "form_offer" {};
            /// What an amount may be, below its field.
            FormAmount = "form_amount" {
                /// Least amount.
                least: &'a str,
                /// In steps of so much.
                step: Option<&'a str>,
            };
            /// The last screen of the form.
            FormReview = "form_review" {
                /// Scheme.
                fund: &'a str,
                /// Monthly amount.
                amount: &'a str,
                /// Day of the month.
                day: i8,
                /// Percent it grows by each year.
                percent: Option<u8>,
                /// What it grows by each year.
                more: Option<&'a str>,
            };
            /// A form that is too old.
            FormExpired = "form_expired" {};
            /// Asks through which mandate it is paid.
            SipPays = "sip_pays" {
                /// Whether `UPI AutoPay` can pay it: `offered`, `too_much` or `not_taken`.
                upi: &'a str,
                /// Whether eNACH can.
                enach: bool,
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
                /// How many there are; else it runs until cancelled.
                instalments: Option<u32>,
                /// Month of the last one.
                last: &'a str,
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
                /// The month it is of.
                risk_month: Option<&'a str>,
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
                /// Of a switch, the NAV date of its way in to be expected.
                target_nav_date: Option<&'a str>,
                /// When units or money are to be expected.
                expected: Option<&'a str>,
                /// Until when on that day it is taken.
                cutoff: Option<&'a str>,
                /// Risk-o-meter of what is bought.
                risk: Option<&'a str>,
                /// The month it is of.
                risk_month: Option<&'a str>,
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
                /// Whether an exit load that cannot be told is still to come off it.
                before_load: bool,
                /// Short-term gain, estimated.
                short: Option<&'a str>,
                /// Long-term gain, estimated.
                long: Option<&'a str>,
                /// Tax on them, estimated.
                tax: Option<&'a str>,
                /// Why neither is: `history`, `class`, `nav_of_2018` or `not_on_record`.
                no_tax: Option<&'a str>,
            };
            /// A typed yes is not enough.
            ConfirmByButton = "confirm_by_button" {
                /// The amount that can be repeated instead.
                amount: Option<&'a str>,
            };
            /// The terms were shown too long ago.
            TermsExpired = "terms_expired" {};
            /// A person had the conversation since the terms were shown.
            TermsBeforePerson = "terms_before_person" {};
            /// A SIP of another rhythm is asked for.
            OnlyMonthly = "only_monthly" {};
            /// A sale or a switch is asked for again and again.
            OnlyOnce = "only_once" {};
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
                /// The most, or what is left of it.
                most: Option<&'a str>,
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
            MoneyHeld = "money_held" {
                /// What was typed and names nothing that is held.
                missed: Option<&'a str>,
            };
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
                /// What was typed and names none of them.
                missed: Option<&'a str>,
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
                /// Most.
                maximum: Option<&'a str>,
                /// The step of amounts.
                step: Option<&'a str>,
                /// What became of the last answer: `unread`, `refused`, or nothing.
                heard: &'a str,
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
            /// Days of a year whose holidays are not published yet may move.
            DatesProvisional = "dates_provisional" {
                /// The year.
                year: i16,
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
        } }
    };
}
