//! What the last prompt asked for.

/// What the last prompt asked for. An answer of that kind is read as
/// [`Intent::Answer`](super::Intent::Answer), with the slot named here filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expectation {
    /// Nothing in particular.
    #[default]
    Nothing,
    /// A number of any kind, an amount, years or a rate: whichever slot it says.
    Number,
    /// The name of a fund (`fund`), or the number of an offered one (`number`).
    FundName,
    /// Rupees (`amount`; a bare number counts, too) or everything (`all`).
    Amount,
    /// A day of the month (`day`).
    Day,
    /// A yes or a no: [`Intent::Confirm`](super::Intent::Confirm) or
    /// [`Intent::Deny`](super::Intent::Deny), also in more words than without a question.
    YesOrNo,
    /// A one-time code (`code`).
    Code,
    /// Free words, a name or a reason (`text`).
    Text,
    /// An e-mail address (`email`).
    Email,
    /// A PAN (`pan`).
    Pan,
    /// A date (`date`).
    Date,
    /// One of so many offered things (`choice`, from 1).
    Choice(usize),
    /// One of the offered things by its own words, which the question looks for: it is about
    /// a quantity or a declaration, and a number in it is not that of a row.
    Label,
    /// One of so many reasons (`choice`, from 1), or one in somebody's own words (`text`),
    /// which may well sound like another wish.
    Reason(usize),
}
