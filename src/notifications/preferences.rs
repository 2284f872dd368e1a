//! What an investor wants to hear of, and where.

use std::collections::BTreeMap;

use super::kind::Kind;

/// Where somebody wants notices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// On WhatsApp; by e-mail where WhatsApp cannot carry it.
    WhatsApp,
    /// By e-mail; on WhatsApp where no e-mail can be sent.
    Email,
    /// Not at all.
    Nowhere,
}

impl Wish {
    const ALL: [Self; 3] = [Self::WhatsApp, Self::Email, Self::Nowhere];

    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WhatsApp => "whatsapp",
            Self::Email => "email",
            Self::Nowhere => "none",
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.as_str() == text)
    }
}

/// What a wish is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// Every kind without a wish of its own.
    Every,
    /// One kind.
    Only(Kind),
}

impl Scope {
    /// Returns the word it is stored as.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Every => "every",
            Self::Only(kind) => kind.as_str(),
        }
    }

    /// Reads the word it is stored as.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "every" => Some(Self::Every),
            kind => Kind::parse(kind).map(Self::Only),
        }
    }
}

/// Everything one investor wished for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Preferences {
    /// Their wishes; whoever has none gets everything on WhatsApp.
    pub(super) wishes: BTreeMap<Scope, Wish>,
}

impl Preferences {
    /// Returns where a notice of this kind is to go. One that is required goes somewhere
    /// even where nothing was wished for.
    pub(super) fn wish(&self, kind: Kind) -> Wish {
        let own = self.wishes.get(&Scope::Only(kind));
        let general = self.wishes.get(&Scope::Every);
        let wished = own.or(general).copied().unwrap_or(Wish::WhatsApp);
        if wished == Wish::Nowhere && kind.is_required() {
            // Their general wish says by which way, if not whether.
            return match general {
                Some(Wish::Email) => Wish::Email,
                _ => Wish::WhatsApp,
            };
        }
        wished
    }
}

/// Returns whether a wish may be kept: what is required cannot be switched off by name.
/// (Switching off everything means everything that may be.)
pub(super) fn may_wish(scope: Scope, wish: Wish) -> bool {
    !matches!((scope, wish), (Scope::Only(kind), Wish::Nowhere) if kind.is_required())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_says_nothing_gets_everything_on_whatsapp() {
        let none = Preferences::default();
        assert!(
            Kind::ALL
                .iter()
                .all(|kind| none.wish(*kind) == Wish::WhatsApp)
        );
    }

    #[test]
    fn the_wish_for_a_kind_goes_before_the_general_one() {
        let wishes = [
            (Scope::Every, Wish::Email),
            (Scope::Only(Kind::InstalmentDebited), Wish::Nowhere),
            (Scope::Only(Kind::OrderAllotted), Wish::WhatsApp),
        ];
        let mine = Preferences {
            wishes: wishes.into(),
        };
        assert_eq!(mine.wish(Kind::InstalmentDebited), Wish::Nowhere);
        assert_eq!(mine.wish(Kind::OrderAllotted), Wish::WhatsApp);
        assert_eq!(mine.wish(Kind::PlanActive), Wish::Email);
    }

    #[test]
    fn a_required_notice_cannot_be_switched_off() {
        let off = Preferences {
            wishes: [(Scope::Every, Wish::Nowhere)].into(),
        };
        for kind in Kind::ALL {
            assert_eq!(off.wish(*kind) == Wish::Nowhere, !kind.is_required());
            assert_eq!(
                may_wish(Scope::Only(*kind), Wish::Nowhere),
                !kind.is_required()
            );
            assert!(may_wish(Scope::Only(*kind), Wish::Email));
        }
        assert!(may_wish(Scope::Every, Wish::Nowhere));
    }

    #[test]
    fn wishes_and_scopes_read_as_they_are_stored() {
        for wish in Wish::ALL {
            assert_eq!(Wish::parse(wish.as_str()), Some(wish));
        }
        let scopes = Kind::ALL.iter().map(|kind| Scope::Only(*kind));
        for scope in scopes.chain([Scope::Every]) {
            assert_eq!(Scope::parse(scope.as_str()), Some(scope));
        }
    }
}
