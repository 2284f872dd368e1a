//! Short texts: buttons, rows, a word inside a sentence. Each is a line of `labels.txt` in
//! every language, and each has its limit.

use super::understanding::Language;

macro_rules! labels {
    ($($(#[$doc:meta])* $variant:ident = $key:literal <= $most:literal;)*) => {
        /// A short text: a button, a row, a word inside a sentence.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Label {
            $($(#[$doc])* $variant,)*
        }

        impl Label {
            /// Every label.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// Returns its key in `labels.txt`.
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => $key),* }
            }

            /// Returns how many characters it may have.
            pub const fn most(self) -> usize {
                match self { $(Self::$variant => $most),* }
            }
        }
    };
}

/// The labels of each language.
pub const LABELS: &[(Language, &str)] = &[
    (Language::En, include_str!("../../templates/en/labels.txt")),
    (Language::Hi, include_str!("../../templates/hi/labels.txt")),
    (
        Language::Hinglish,
        include_str!("../../templates/hinglish/labels.txt"),
    ),
];

labels! {
    /// Opens the menu list.
    OpenMenu = "open_menu" <= 20;
    /// Opens the list of funds.
    OpenFunds = "open_funds" <= 20;
    /// Section of the menu.
    SectionMoney = "section_money" <= 24;
    /// Section of the menu.
    SectionMore = "section_more" <= 24;
    /// Section of the funds.
    SectionFunds = "section_funds" <= 24;
    /// Menu row.
    MenuPortfolio = "menu_portfolio" <= 20;
    /// Menu row.
    MenuPortfolioNote = "menu_portfolio_note" <= 72;
    /// Menu row.
    MenuNav = "menu_nav" <= 20;
    /// Menu row.
    MenuNavNote = "menu_nav_note" <= 72;
    /// A SIP's sum.
    MenuCalculator = "menu_calculator" <= 20;
    /// Menu row.
    MenuLanguage = "menu_language" <= 20;
    /// Menu row.
    MenuLanguageNote = "menu_language_note" <= 72;
    /// Menu row.
    MenuAgent = "menu_agent" <= 20;
    /// Menu row.
    MenuAgentNote = "menu_agent_note" <= 72;
    /// Menu row.
    MenuRedeem = "menu_redeem" <= 20;
    /// Menu row.
    MenuRedeemNote = "menu_redeem_note" <= 72;
    /// Menu row.
    MenuHelp = "menu_help" <= 20;
    /// Menu row.
    MenuHelpNote = "menu_help_note" <= 72;
    /// Opens the list of papers.
    OpenPapers = "open_papers" <= 20;
    /// Section of the papers.
    SectionPapers = "section_papers" <= 24;
    /// Section of the pictures.
    SectionPictures = "section_pictures" <= 24;
    /// A paper.
    PaperStatement = "paper_statement" <= 24;
    /// A paper.
    PaperTransactions = "paper_transactions" <= 24;
    /// A paper.
    PaperGains = "paper_gains" <= 24;
    /// A paper.
    PaperSips = "paper_sips" <= 24;
    /// A picture.
    PictureValue = "picture_value" <= 24;
    /// A picture.
    PictureAllocation = "picture_allocation" <= 24;
    /// A picture.
    PictureGrowth = "picture_growth" <= 24;
    /// Opens the list of kinds of funds.
    OpenKindsOfFunds = "open_kinds_of_funds" <= 20;
    /// Section of the kinds of funds.
    SectionKindsOfFunds = "section_kinds_of_funds" <= 24;
    /// Opens the choice of notices.
    OpenNotices = "open_notices" <= 20;
    /// Section of the notices.
    SectionNotices = "section_notices" <= 24;
    /// Where notices go.
    NoticesWhatsApp = "notices_whatsapp" <= 24;
    /// Where notices go.
    NoticesEmail = "notices_email" <= 24;
    /// Where notices go.
    NoticesRequired = "notices_required" <= 24;
    /// A link to a calendar.
    NoticesCalendar = "notices_calendar" <= 24;
    /// Asks for a copy.
    ExportData = "export_data" <= 20;
    /// Asks for erasure.
    EraseData = "erase_data" <= 20;
    /// There is no lock-in.
    NoLockIn = "no_lock_in" <= 24;
    /// Months.
    Months = "months" <= 12;
    /// Takes up an interrupted flow.
    Continue = "continue" <= 20;
    /// Note to it in the menu.
    ContinueNote = "continue_note" <= 72;
    /// Back to the menu.
    BackToMenu = "back_to_menu" <= 20;
    /// Shows the guessed fund.
    ShowNav = "show_nav" <= 20;
    /// Another sum.
    Again = "again" <= 20;
    /// Years.
    Years = "years" <= 12;
    /// Percent per year.
    PerYear = "per_year" <= 12;
    /// Regular plan.
    Regular = "regular" <= 24;
    /// Direct plan.
    Direct = "direct" <= 24;
    /// Growth option.
    Growth = "growth" <= 24;
    /// IDCW option.
    Idcw = "idcw" <= 24;
    /// Bonus option.
    Bonus = "bonus" <= 24;
    /// Not on record.
    NotOnRecord = "not_on_record" <= 24;
    /// No XIRR: under a year.
    XirrUnderOneYear = "xirr_under_one_year" <= 120;
    /// No XIRR: incomplete.
    XirrIncomplete = "xirr_incomplete" <= 120;
    /// No XIRR: no NAV.
    XirrNotPriced = "xirr_not_priced" <= 120;
    /// No XIRR: ambiguous.
    XirrAmbiguous = "xirr_ambiguous" <= 120;
    /// No XIRR: none fits.
    XirrNone = "xirr_none" <= 120;
    /// No XIRR of one fund: under a year.
    XirrUnderOneYearShort = "xirr_under_one_year_short" <= 30;
    /// No XIRR of one fund: incomplete.
    XirrIncompleteShort = "xirr_incomplete_short" <= 30;
    /// No XIRR of one fund: no NAV.
    XirrNotPricedShort = "xirr_not_priced_short" <= 30;
    /// No XIRR of one fund: ambiguous.
    XirrAmbiguousShort = "xirr_ambiguous_short" <= 30;
    /// No XIRR of one fund: none fits.
    XirrNoneShort = "xirr_none_short" <= 30;
    /// Voice notes.
    Voice = "voice" <= 40;
    /// Sounds that are not voice notes.
    Sound = "sound" <= 40;
    /// Pictures.
    Picture = "picture" <= 40;
    /// Videos.
    Video = "video" <= 40;
    /// Files.
    Document = "document" <= 40;
    /// Stickers.
    Sticker = "sticker" <= 40;
    /// Places.
    Location = "location" <= 40;
    /// Contact cards.
    ContactCard = "contact_card" <= 40;
    /// Anything else.
    OtherKind = "other_kind" <= 40;
    /// Start a SIP.
    DoSipStart = "do_sip_start" <= 60;
    /// Stop a SIP.
    DoSipStop = "do_sip_stop" <= 60;
    /// Pause a SIP.
    DoSipPause = "do_sip_pause" <= 60;
    /// Change a SIP.
    DoSipChange = "do_sip_change" <= 60;
    /// SIP status.
    DoSipStatus = "do_sip_status" <= 60;
    /// Invest once.
    DoLumpsum = "do_lumpsum" <= 60;
    /// Redeem.
    DoRedeem = "do_redeem" <= 60;
    /// Switch.
    DoSwitch = "do_switch" <= 60;
    /// Mandate.
    DoMandate = "do_mandate" <= 60;
    /// Drops a journey.
    Drop = "drop" <= 20;
    /// Help with choosing.
    ByCriteria = "by_criteria" <= 20;
    /// Opens the list of kinds.
    OpenKinds = "open_kinds" <= 20;
    /// Section of the kinds.
    SectionKinds = "section_kinds" <= 24;
    /// Leads to the next page of a list.
    FurtherRows = "further_rows" <= 24;
    /// Opens the list of folios.
    OpenFolios = "open_folios" <= 20;
    /// Opens the list of SIPs.
    OpenSips = "open_sips" <= 20;
    /// Opens the list of reasons.
    OpenReasons = "open_reasons" <= 20;
    /// Leads to the other reasons.
    MoreReasons = "more_reasons" <= 24;
    /// All units.
    AllUnits = "all_units" <= 20;
    /// The amount stays.
    GrowthFixed = "growth_fixed" <= 20;
    /// The amount grows by a tenth.
    GrowthPercent = "growth_percent" <= 20;
    /// The amount grows by ₹500.
    GrowthAmount = "growth_amount" <= 20;
    /// `UPI AutoPay`.
    PayUpi = "pay_upi" <= 20;
    /// eNACH.
    PayEnach = "pay_enach" <= 20;
    /// Leads from the mandate to the SIP.
    GoOnToSip = "go_on_to_sip" <= 20;
    /// The list of SIPs.
    MySips = "my_sips" <= 20;
    /// The list of orders.
    MyOrders = "my_orders" <= 20;
    /// Confirms a SIP.
    ConfirmStart = "confirm_start" <= 20;
    /// Confirms a purchase.
    ConfirmInvest = "confirm_invest" <= 20;
    /// Confirms a mandate.
    ConfirmMandate = "confirm_mandate" <= 20;
    /// Confirms a redemption.
    ConfirmRedeem = "confirm_redeem" <= 20;
    /// Confirms a switch.
    ConfirmSwitch = "confirm_switch" <= 20;
    /// Confirms a pause.
    ConfirmPause = "confirm_pause" <= 20;
    /// Confirms that a SIP goes on.
    ConfirmResume = "confirm_resume" <= 20;
    /// Confirms an end.
    ConfirmStop = "confirm_stop" <= 20;
    /// Confirms a change.
    ConfirmChange = "confirm_change" <= 20;
    /// Another amount.
    ChangeAmount = "change_amount" <= 20;
    /// Another day.
    ChangeDay = "change_day" <= 20;
    /// Another growth.
    ChangeGrowth = "change_growth" <= 20;
    /// Starts a SIP.
    DoSipStartShort = "do_sip_start_short" <= 20;
    /// Changes a SIP.
    DoChangeShort = "do_change_short" <= 20;
    /// Pauses a SIP.
    DoPauseShort = "do_pause_short" <= 20;
    /// Stops a SIP.
    DoStopShort = "do_stop_short" <= 20;
    /// Resume a SIP.
    DoSipResume = "do_sip_resume" <= 60;
    /// Reason 1 of the exchange.
    Reason1 = "reason_1" <= 24;
    /// Reason 2.
    Reason2 = "reason_2" <= 24;
    /// Reason 3.
    Reason3 = "reason_3" <= 24;
    /// Reason 4.
    Reason4 = "reason_4" <= 24;
    /// Reason 5.
    Reason5 = "reason_5" <= 24;
    /// Reason 6.
    Reason6 = "reason_6" <= 24;
    /// Reason 7.
    Reason7 = "reason_7" <= 24;
    /// Reason 8.
    Reason8 = "reason_8" <= 24;
    /// Reason 9.
    Reason9 = "reason_9" <= 24;
    /// Reason 10.
    Reason10 = "reason_10" <= 24;
    /// Reason 11.
    Reason11 = "reason_11" <= 24;
    /// Reason 12.
    Reason12 = "reason_12" <= 24;
    /// Reason 13, in words.
    Reason13 = "reason_13" <= 24;
    /// Menu row.
    MenuSip = "menu_sip" <= 20;
    /// Menu row.
    MenuSipNote = "menu_sip_note" <= 72;
    /// Menu row.
    MySipsNote = "my_sips_note" <= 72;
    /// Menu row.
    MyOrdersNote = "my_orders_note" <= 72;
    /// Lets a SIP go on.
    DoResumeShort = "do_resume_short" <= 20;
    /// Confirms that an order is called off.
    ConfirmCallOff = "confirm_call_off" <= 20;
    /// Call an order off.
    DoCallOff = "do_call_off" <= 60;
    /// The choice of sums.
    MenuCalculators = "menu_calculators" <= 20;
    /// Note to it.
    MenuCalculatorsNote = "menu_calculators_note" <= 72;
    /// Opens the list of sums.
    OpenSums = "open_sums" <= 20;
    /// Row of the sums.
    SumSipNote = "sum_sip_note" <= 72;
    /// Row of the sums.
    SumOnce = "sum_once" <= 24;
    /// Row of the sums.
    SumOnceNote = "sum_once_note" <= 72;
    /// Row of the sums.
    SumStepUp = "sum_step_up" <= 24;
    /// Row of the sums.
    SumStepUpNote = "sum_step_up_note" <= 72;
    /// Row of the sums.
    SumGoal = "sum_goal" <= 24;
    /// Row of the sums.
    SumGoalNote = "sum_goal_note" <= 72;
    /// Row of the sums.
    SumSwp = "sum_swp" <= 24;
    /// Row of the sums.
    SumSwpNote = "sum_swp_note" <= 72;
    /// Open an account.
    DoOnboarding = "do_onboarding" <= 60;
    /// Change a record.
    DoRecordChange = "do_record_change" <= 60;
    /// Opens an account, or goes on with it.
    OpenAccount = "open_account" <= 20;
    /// Gives what an account that is open still lacks.
    CompleteRecord = "complete_record" <= 20;
    /// Agrees.
    Agree = "agree" <= 20;
    /// Does not agree now.
    NotNow = "not_now" <= 20;
    /// Declares.
    Declare = "declare" <= 20;
    /// Answers anew.
    ChangeAnswers = "change_answers" <= 20;
    /// Wants none.
    NoNominee = "no_nominee" <= 20;
    /// Wants one.
    NameNominee = "name_nominee" <= 20;
    /// Of age.
    NomineeAdult = "nominee_adult" <= 20;
    /// Not of age.
    NomineeMinor = "nominee_minor" <= 20;
    /// Opens the relations.
    OpenRelations = "open_relations" <= 20;
    /// Relation.
    RelationSpouse = "relation_spouse" <= 24;
    /// Relation.
    RelationSon = "relation_son" <= 24;
    /// Relation.
    RelationDaughter = "relation_daughter" <= 24;
    /// Relation.
    RelationFather = "relation_father" <= 24;
    /// Relation.
    RelationMother = "relation_mother" <= 24;
    /// Relation.
    RelationBrother = "relation_brother" <= 24;
    /// Relation.
    RelationSister = "relation_sister" <= 24;
    /// Relation.
    RelationOther = "relation_other" <= 24;
    /// Tax in India only.
    OnlyIndia = "only_india" <= 20;
    /// Tax elsewhere, too.
    AlsoElsewhere = "also_elsewhere" <= 20;
    /// Opens the incomes.
    OpenIncomes = "open_incomes" <= 20;
    /// Income.
    IncomeBelow1 = "income_below1" <= 24;
    /// Income.
    Income1To5 = "income1_to5" <= 24;
    /// Income.
    Income5To10 = "income5_to10" <= 24;
    /// Income.
    Income10To25 = "income10_to25" <= 24;
    /// Income.
    Income25To100 = "income25_to100" <= 24;
    /// Income.
    IncomeAbove100 = "income_above100" <= 24;
    /// Opens the sources.
    OpenSources = "open_sources" <= 20;
    /// Source.
    SourceSalary = "source_salary" <= 24;
    /// Source.
    SourceBusiness = "source_business" <= 24;
    /// Source.
    SourceGift = "source_gift" <= 24;
    /// Source.
    SourceAncestral = "source_ancestral" <= 24;
    /// Source.
    SourceRent = "source_rent" <= 24;
    /// Source.
    SourcePrize = "source_prize" <= 24;
    /// Source.
    SourceRoyalty = "source_royalty" <= 24;
    /// Source.
    SourceOther = "source_other" <= 24;
    /// Political exposure.
    ExposureNone = "exposure_none" <= 20;
    /// Political exposure.
    ExposureSelf = "exposure_self" <= 20;
    /// Political exposure.
    ExposureRelated = "exposure_related" <= 20;
    /// Opens the answers.
    OpenAnswers = "open_answers" <= 20;
    /// Opens the changes.
    OpenChanges = "open_changes" <= 20;
    /// Changes it.
    ChangeEmail = "change_email" <= 24;
    /// Changes it.
    ChangeBank = "change_bank" <= 24;
    /// Changes it.
    ChangeNominee = "change_nominee" <= 24;
    /// Changes it.
    ChangeMandate = "change_mandate" <= 24;
    /// Changes it.
    ChangeAddress = "change_address" <= 24;
    /// Agrees to news.
    MarketingYes = "marketing_yes" <= 20;
    /// Does not agree to news.
    MarketingNo = "marketing_no" <= 20;
    /// Calls an erasure off.
    KeepData = "keep_data" <= 20;
    /// Opens a form.
    FormOpen = "form_open" <= 20;
    /// Above the first screen of the SIP form.
    FormHeading = "form_heading" <= 80;
    /// Field of a form.
    FormFund = "form_fund" <= 20;
    /// Below that field.
    FormFundHelp = "form_fund_help" <= 80;
    /// Above the funds to choose from.
    FormFunds = "form_funds" <= 30;
    /// Nothing was found, or nothing chosen.
    FormFundMissed = "form_fund_missed" <= 80;
    /// Field of a form.
    FormAmount = "form_amount" <= 20;
    /// Field of a form.
    FormDay = "form_day" <= 20;
    /// Field of a form.
    FormGrowth = "form_growth" <= 30;
    /// A choice is missing.
    FormChoose = "form_choose" <= 30;
    /// Says that the scheme takes no SIP that grows so.
    FormGrowthMissed = "form_growth_missed" <= 30;
    /// Leads to the next screen.
    FormNext = "form_next" <= 30;
    /// Above the last screen.
    FormReviewHeading = "form_review_heading" <= 80;
    /// Ends the form.
    FormDone = "form_done" <= 30;
    /// Take consent back.
    WithdrawConsent = "withdraw_consent" <= 20;
}
