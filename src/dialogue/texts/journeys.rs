//! The texts of sums, of records and of one's own data: a part of the table, in a file of
//! its own because the whole is long.

/// Adds them to a table.
macro_rules! with_journeys {
    ($table:ident! { $($texts:tt)* }) => {
        $table! {
            $($texts)*
            /// Offers the sums there are.
            CalculatorWhich = "calculator_which" {};
            /// Asks for the amount of a sum.
            CalculatorAmount = "calculator_amount" {
                /// `sip`, `once`, `step_up`, `goal` or `swp`.
                sum: &'a str,
                /// Least amount.
                smallest: &'a str,
                /// Largest amount, in short.
                largest: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// Asks by how much a monthly amount grows each year.
            CalculatorStep = "calculator_step" {
                /// Monthly amount.
                amount: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// Asks how much is taken out every month.
            CalculatorMonthly = "calculator_monthly" {
                /// What it is taken from.
                amount: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// Asks for how long.
            CalculatorYears = "calculator_years" {
                /// `sip`, `once`, `step_up`, `goal` or `swp`.
                sum: &'a str,
                /// Its amount.
                amount: &'a str,
                /// What is taken out every month, for an SWP.
                monthly: Option<&'a str>,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// Asks for the assumed rate.
            CalculatorRate = "calculator_rate" {
                /// `sip`, `once`, `step_up`, `goal` or `swp`.
                sum: &'a str,
                /// Its amount.
                amount: &'a str,
                /// What is taken out every month, for an SWP.
                monthly: Option<&'a str>,
                /// Whole years.
                years: u32,
                /// Months beyond them.
                months: u32,
                /// Highest rate we assume.
                highest: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// What an investment would come to.
            CalculatorResult = "calculator_result" {
                /// `sip`, `once` or `step_up`.
                sum: &'a str,
                /// Monthly amount, or the one amount.
                amount: &'a str,
                /// By how much it grows each year.
                step: Option<&'a str>,
                /// Whole years.
                years: u32,
                /// Months beyond them.
                months: u32,
                /// Assumed rate.
                rate: &'a str,
                /// All that is put in.
                invested: &'a str,
                /// Value at the end.
                value: &'a str,
                /// Value less what was put in.
                gain: &'a str,
                /// The rate that was asked for, if it was higher than we assume.
                asked: Option<&'a str>,
            };
            /// What has to be put in to come to an amount.
            CalculatorGoal = "calculator_goal" {
                /// The amount.
                target: &'a str,
                /// Whole years.
                years: u32,
                /// Months beyond them.
                months: u32,
                /// Assumed rate.
                rate: &'a str,
                /// Needed every month.
                monthly: &'a str,
                /// The same, rounded up to what schemes take.
                rounded: &'a str,
                /// All that is put in of the rounded one.
                invested: &'a str,
                /// The rate that was asked for, if it was higher than we assume.
                asked: Option<&'a str>,
            };
            /// How long money lasts that is taken out month by month.
            CalculatorSwp = "calculator_swp" {
                /// What it is taken from.
                corpus: &'a str,
                /// What is taken every month.
                monthly: &'a str,
                /// Whole years that were asked about.
                years: u32,
                /// Months beyond them.
                months: u32,
                /// Assumed rate.
                rate: &'a str,
                /// All that was taken in that time.
                taken: &'a str,
                /// What is left after it; nothing if it did not last.
                left: Option<&'a str>,
                /// Payments made in full before it is used up.
                full: u32,
                /// What the one after them gets; nothing if it lasts for 40 years.
                last: Option<&'a str>,
                /// The rate that was asked for, if it was higher than we assume.
                asked: Option<&'a str>,
            };
            /// One fund they hold, folio by folio.
            HeldFund = "held_fund" {
                /// It, once for each folio.
                funds: &'a [Fund],
                /// Last day of the statement it comes from.
                statement_to: Option<&'a str>,
            };
            /// A fund they asked about is not among what they hold.
            NotHeld = "not_held" {
                /// As it was typed.
                fund: &'a str,
            };
            /// What is on record about them.
            Profile = "profile" {
                /// Line by line.
                record: &'a RecordLines,
            };
            /// How far KYC is, and what to do about it.
            KycIs = "kyc_is" {
                /// In the word of the records.
                state: &'a str,
                /// Which agency said so.
                agency: Option<&'a str>,
                /// Last day it is good for.
                until: Option<&'a str>,
                /// Whether there is a PAN to ask with.
                has_pan: bool,
            };
            /// Asks for leave to keep and pass on what it takes to buy.
            AccountConsent = "account_consent" {
                /// The distributor.
                distributor: &'a str,
            };
            /// Consent was refused.
            AccountDeclined = "account_declined" {};
            /// Everything was given; what is still to come.
            AccountDone = "account_done" {
                /// Whether orders may be placed.
                is_open: bool,
                /// Whether the exchange has it.
                is_at_exchange: bool,
                /// Whether KYC allows buying.
                kyc_allows: bool,
                /// Whether the bank account is known to be theirs.
                bank_is_verified: bool,
            };
            /// Asks for a part of a record.
            RecordAsk = "record_ask" {
                /// Which.
                part: &'a str,
                /// What it is about: a name, a masked number.
                about: Option<&'a str>,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// The FATCA/CRS declaration, as it was chosen.
            FatcaDeclare = "fatca_declare" {
                /// Income in a year.
                income: &'a str,
                /// Where the money comes from.
                source: &'a str,
                /// Whether they or a relative are politically exposed.
                exposure: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// A question about risk.
            RiskQuestion = "risk_question" {
                /// Counted from 1.
                number: usize,
                /// How many there are.
                of: usize,
                /// As it is asked.
                question: &'a str,
                /// Whether the last answer could not be used.
                again: bool,
            };
            /// Repeats what went on record.
            RecordNoted = "record_noted" {
                /// Which part.
                part: &'a str,
                /// As it may be shown.
                value: &'a str,
            };
            /// Why an answer is not taken.
            RecordRefused = "record_refused" {
                /// In one word.
                why: &'a str,
            };
            /// A person does it.
            RecordTask = "record_task" {
                /// What, in one word.
                task: &'a str,
                /// Under which number.
                number: &'a str,
                /// Whether it was asked for before and is still to be done.
                is_open: bool,
            };
            /// Asks whether data is to be erased.
            EraseAsk = "erase_ask" {
                /// Whether there are records that the law makes us keep.
                must_keep: bool,
            };
            /// Erasing is under way.
            ErasePending = "erase_pending" {
                /// Its number.
                number: &'a str,
                /// When it is carried out.
                when: &'a str,
            };
            /// Erasing has begun.
            EraseBegun = "erase_begun" {
                /// Its number.
                number: &'a str,
            };
            /// Erasing was asked for and confirmed.
            EraseTaken = "erase_taken" {
                /// Its number.
                number: &'a str,
                /// When it is carried out.
                when: &'a str,
                /// Whether there are records that the law makes us keep.
                must_keep: bool,
                /// Where complaints may be sent.
                grievance: Option<&'a str>,
            };
            /// There is no consent to take back.
            ConsentNone = "consent_none" {};
            /// Asks whether consent is taken back.
            ConsentAsk = "consent_ask" {};
            /// Consent was taken back.
            ConsentWithdrawn = "consent_withdrawn" {};
            /// Erasing was called off.
            EraseCalledOff = "erase_called_off" {
                /// Its number.
                number: &'a str,
            };
            /// A copy of their data is being made.
            ExportComing = "export_coming" {
                /// The number of the request.
                number: &'a str,
            };
            /// Asks whether news may be sent.
            MarketingAsk = "marketing_ask" {
                /// The distributor.
                distributor: &'a str,
            };
        }
    };
}
