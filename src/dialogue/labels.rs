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
    /// Statement.
    DoStatement = "do_statement" <= 60;
    /// Erase.
    DoErase = "do_erase" <= 60;
}
