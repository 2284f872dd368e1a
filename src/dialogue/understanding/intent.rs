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
    /// Call off an order. Inner: said as [`Intent::Deny`].
    CallOff,
    /// Take consent back. Inner: said as [`Intent::Privacy`].
    WithdrawConsent,
    /// Mandate or autopay. Inner: said as [`Intent::Profile`].
    Mandate,
    /// What became of a complaint. Inner: said as [`Intent::Complaint`].
    ComplaintStatus,
    /// Erase personal data. Inner: said as [`Intent::Privacy`].
    Erase,
    /// What a SIP is. Inner: said as [`Intent::FundInfo`].
    SipInfo,
    /// What a word of investing means, or what an action brings with it. Inner: said as
    /// [`Intent::FundInfo`].
    Explain,
    /// "I see", "nice": taken note of, and no yes. Inner: said as [`Intent::Unknown`].
    Noted,
    /// A question about what would otherwise be an order. Inner: said as
    /// [`Intent::Unknown`].
    Question,
    /// What the distributor earns. Inner: said as [`Intent::Unknown`].
    Commission,
    /// What dealing here costs. Inner: said as [`Intent::Unknown`].
    Charges,
    /// Who the distributor is, and where registered. Inner: said as [`Intent::Unknown`].
    Identity,
}

impl Intent {
    /// Everything that somebody can want, without the finer differences inside.
    pub const PUBLIC: [Self; 40] = [
        Self::Menu,
        Self::Portfolio,
        Self::SipList,
        Self::SipStart,
        Self::SipPause,
        Self::SipResume,
        Self::SipStop,
        Self::SipChange,
        Self::InvestOnce,
        Self::Redeem,
        Self::Switch,
        Self::OrderStatus,
        Self::Nav,
        Self::FundInfo,
        Self::FundCompare,
        Self::FundSearch,
        Self::Calculator,
        Self::Statement,
        Self::Tax,
        Self::Market,
        Self::Rewards,
        Self::Referral,
        Self::Leaderboard,
        Self::CopyPortfolio,
        Self::Onboarding,
        Self::Profile,
        Self::Agent,
        Self::Complaint,
        Self::Language,
        Self::Notifications,
        Self::OptOut,
        Self::OptIn,
        Self::Privacy,
        Self::Confirm,
        Self::Deny,
        Self::Back,
        Self::Thanks,
        Self::Advice,
        Self::OffTopic,
        Self::Unknown,
    ];

    /// Returns the intent of a name, as in `sip_start`.
    pub fn named(name: &str) -> Option<Self> {
        serde_json::from_value(name.into()).ok()
    }

    /// Says whether doing it where it was not meant would do harm: it moves money, ends or
    /// holds a plan, ends messages, or is a yes.
    #[must_use]
    pub const fn binds(self) -> bool {
        matches!(
            self,
            Self::Redeem
                | Self::Switch
                | Self::SipStop
                | Self::SipPause
                | Self::OptOut
                | Self::Confirm
        )
    }

    /// Says whether it is about money that moves now or from now on.
    #[must_use]
    pub const fn moves_money(self) -> bool {
        matches!(
            self,
            Self::SipStart
                | Self::SipStop
                | Self::SipPause
                | Self::SipResume
                | Self::SipChange
                | Self::InvestOnce
                | Self::Redeem
                | Self::Switch
        )
    }

    /// Returns the intent that stands for this one outside the conversation, where finer
    /// differences do not matter.
    #[must_use]
    pub const fn public(self) -> Self {
        match self {
            Self::Help => Self::Menu,
            Self::Cancel | Self::CallOff => Self::Deny,
            Self::Mandate => Self::Profile,
            Self::ComplaintStatus => Self::Complaint,
            Self::Erase | Self::WithdrawConsent => Self::Privacy,
            Self::SipInfo | Self::Explain => Self::FundInfo,
            Self::Question
            | Self::Answer
            | Self::Noted
            | Self::Commission
            | Self::Charges
            | Self::Identity => Self::Unknown,
            named => named,
        }
    }
}
