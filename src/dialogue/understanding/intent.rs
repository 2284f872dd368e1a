//! What somebody can want, by name.

use serde::{Deserialize, Serialize};

/// What somebody wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    /// A hello, or the menu.
    Menu,
    /// What they hold and how it has done.
    Portfolio,
    /// The SIPs they have.
    SipList,
    /// Start a SIP.
    SipStart,
    /// Pause a SIP or skip an instalment.
    SipPause,
    /// Let a paused SIP go on.
    SipResume,
    /// End a SIP.
    SipStop,
    /// Another amount, day or step-up for a SIP.
    SipChange,
    /// Invest once.
    InvestOnce,
    /// Take money out.
    Redeem,
    /// Move money between funds.
    Switch,
    /// What became of an order, an instalment or a payment.
    OrderStatus,
    /// A fund's NAV.
    Nav,
    /// Facts about a fund.
    FundInfo,
    /// Two or more funds side by side.
    FundCompare,
    /// Funds of a kind.
    FundSearch,
    /// What an investment could come to.
    Calculator,
    /// Statement of account.
    Statement,
    /// Capital gains and papers for the tax return.
    Tax,
    /// How the market did.
    Market,
    /// Points, badges, streaks.
    Rewards,
    /// Invite somebody.
    Referral,
    /// The list of habits.
    Leaderboard,
    /// Do as somebody else does.
    CopyPortfolio,
    /// Open an account, do KYC.
    Onboarding,
    /// Their own particulars: bank, nominee, mandate, e-mail, KYC status.
    Profile,
    /// A person.
    Agent,
    /// A complaint.
    Complaint,
    /// Another language.
    Language,
    /// Which notices to get.
    Notifications,
    /// No more marketing.
    OptOut,
    /// Marketing again.
    OptIn,
    /// Their data: what is kept, a copy of it, erasing it.
    Privacy,
    /// Yes.
    Confirm,
    /// No.
    Deny,
    /// One step back.
    Back,
    /// Thanks.
    Thanks,
    /// A recommendation or a forecast.
    Advice,
    /// Something that is not about mutual funds.
    OffTopic,
    /// Not understood.
    Unknown,

    /// The answer to what was just asked; never without a question. Inner.
    Answer,
    /// What this can do. Inner: said as [`Intent::Menu`].
    Help,
    /// Drop what is under way. Inner: said as [`Intent::Deny`].
    Cancel,
    /// Mandate or autopay. Inner: said as [`Intent::Profile`].
    Mandate,
    /// Erase personal data. Inner: said as [`Intent::Privacy`].
    Erase,
    /// What a SIP is. Inner: said as [`Intent::FundInfo`].
    SipInfo,
    /// "I see", "nice": taken note of, and no yes. Inner: said as [`Intent::Unknown`].
    Noted,
    /// A question about what would otherwise be an order. Inner: said as
    /// [`Intent::Unknown`].
    Question,
}

impl Intent {
    /// Returns the intent that stands for this one outside the conversation, where finer
    /// differences do not matter.
    #[must_use]
    pub const fn public(self) -> Self {
        match self {
            Self::Help => Self::Menu,
            Self::Cancel => Self::Deny,
            Self::Mandate => Self::Profile,
            Self::Erase => Self::Privacy,
            Self::SipInfo => Self::FundInfo,
            Self::Question | Self::Answer | Self::Noted => Self::Unknown,
            named => named,
        }
    }
}
