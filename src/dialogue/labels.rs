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
    /// Menu row.
    MenuCalculator = "menu_calculator" <= 20;
    /// Menu row.
    MenuCalculatorNote = "menu_calculator_note" <= 72;
    /// Menu row.
    MenuLanguage = "menu_language" <= 20;
    /// Menu row.
    MenuLanguageNote = "menu_language_note" <= 72;
    /// Menu row.
    MenuAgent = "menu_agent" <= 20;
    /// Menu row.
    MenuAgentNote = "menu_agent_note" <= 72;
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
    /// No XIRR: ambiguous.
    XirrAmbiguous = "xirr_ambiguous" <= 120;
    /// No XIRR: none fits.
    XirrNone = "xirr_none" <= 120;
    /// No XIRR of one fund: under a year.
    XirrUnderOneYearShort = "xirr_under_one_year_short" <= 30;
    /// No XIRR of one fund: incomplete.
    XirrIncompleteShort = "xirr_incomplete_short" <= 30;
    /// No XIRR of one fund: ambiguous.
    XirrAmbiguousShort = "xirr_ambiguous_short" <= 30;
    /// No XIRR of one fund: none fits.
    XirrNoneShort = "xirr_none_short" <= 30;
    /// Voice notes.
    Voice = "voice" <= 40;
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
    /// KYC.
    DoKyc = "do_kyc" <= 60;
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
}
