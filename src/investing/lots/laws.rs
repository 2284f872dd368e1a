//! What holds for every history: units in are units out and held, and what was paid is
//! what is held and what has gone, to the paisa. `PROOF_SCALE` multiplies the cases: 500
//! makes a million.

use proptest::prelude::*;

use super::*;

/// Cases of each run in CI.
const CASES: u32 = 2_000;

#[expect(
    clippy::disallowed_methods,
    reason = "the run of the tests is set up by its environment"
)]
fn cases() -> u32 {
    let scale = std::env::var("PROOF_SCALE").ok();
    let scale = scale.filter(|text| !text.is_empty());
    scale.map_or(CASES, |text| {
        CASES
            * text
                .parse::<u32>()
                .expect("PROOF_SCALE is a whole number from 1")
    })
}

#[derive(Debug, Clone)]
enum Move {
    Buy {
        paise: i64,
        milli: i64,
        duty: i64,
    },
    Reinvest {
        paise: i64,
        milli: i64,
    },
    Bonus {
        milli: i64,
    },
    /// Parts in ten thousand of what is there; 10,000 is all.
    Sell {
        part: i64,
        paise: i64,
    },
    UndoSale,
    Merge {
        into_milli: i64,
    },
}

fn moves() -> impl Strategy<Value = Vec<(u8, Move)>> {
    let paise = 1..5_000_000_000_i64;
    let milli = 1..100_000_000_i64;
    let one = prop_oneof![
        4 => (paise.clone(), milli.clone(), 0..10_000_i64)
            .prop_map(|(paise, milli, duty)| Move::Buy { paise, milli, duty }),
        1 => (paise.clone(), milli.clone()).prop_map(|(paise, milli)| Move::Reinvest { paise, milli }),
        1 => milli.clone().prop_map(|milli| Move::Bonus { milli }),
        4 => (1..=10_000_i64, paise).prop_map(|(part, paise)| Move::Sell { part, paise }),
        1 => Just(Move::UndoSale),
        1 => milli.prop_map(|into_milli| Move::Merge { into_milli }),
    ];
    proptest::collection::vec((0..40_u8, one), 1..24)
}

/// What the transactions of a history come to, counted beside the book.
#[derive(Default)]
struct Count {
    rows: [Vec<Transaction>; 2],
    /// Which of the two schemes is in use: a merger moves on to the second.
    at: usize,
    held: Decimal,
    paid: i64,
    sold: Vec<(Decimal, i64)>,
    taken: i64,
}

impl Count {
    fn add(&mut self, date: Date, kind: Kind, paise: i64, units: Decimal) {
        self.rows[self.at].push(Transaction {
            date,
            kind,
            amount: (paise != 0).then_some(Paise(paise)),
            units: (!units.is_zero()).then_some(units),
            nav: None,
            balance: None,
        });
        self.held += units;
    }

    fn play(&mut self, date: Date, one: &Move) {
        match *one {
            Move::Buy { paise, milli, duty } => {
                self.add(date, Kind::Purchase, paise, Decimal::new(milli, 3));
                self.add(date, Kind::StampDutyTax, duty, Decimal::ZERO);
                self.paid += paise + duty;
            }
            Move::Reinvest { paise, milli } => {
                self.add(date, Kind::DividendReinvest, paise, Decimal::new(milli, 3));
                self.paid += paise;
            }
            Move::Bonus { milli } => self.add(date, Kind::Misc, 0, Decimal::new(milli, 3)),
            Move::Sell { part, paise } => {
                let units = (self.held * Decimal::new(part, 4)).trunc_with_scale(3);
                let units = if part == 10_000 { self.held } else { units };
                if units > Decimal::ZERO {
                    self.add(date, Kind::Redemption, -paise, -units);
                    self.sold.push((units, paise));
                    self.taken += paise;
                }
            }
            Move::UndoSale => {
                // Of equal sizes the newest is meant, as the book has it.
                if let Some((units, paise)) = self.sold.pop() {
                    self.add(date, Kind::Reversal, paise, units);
                    self.taken -= paise;
                }
            }
            Move::Merge { into_milli } if self.at == 0 && self.held > Decimal::ZERO => {
                let all = self.held;
                self.add(date, Kind::SwitchOutMerger, -1, -all);
                self.at = 1;
                self.add(date, Kind::SwitchInMerger, 1, Decimal::new(into_milli, 3));
                // What was sold before is with the other scheme and stays sold.
                self.sold.clear();
            }
            Move::Merge { .. } => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn units_and_costs_are_conserved(moves in moves()) {
        let mut count = Count::default();
        let mut date = jiff::civil::date(2016, 8, 1);
        for (days, one) in &moves {
            // A day each: what happens within one day has no order but its own.
            date = date.saturating_add(jiff::Span::new().days(i64::from(*days) + 1));
            count.play(date, one);
        }
        let [first, second] = &count.rows;
        let books = super::tests::played(&[first, second], &|_, _| None);
        let lots = || books.iter().flat_map(|book| &book.lots);
        let parts = || books.iter().flat_map(|book| &book.sales).flat_map(|sale| &sale.parts);

        let held: Decimal = lots().map(|lot| lot.units).sum();
        prop_assert_eq!(held, count.held, "units in are units out and held");
        prop_assert_eq!(books.iter().map(|book| book.units).sum::<Decimal>(), count.held);
        prop_assert!(lots().all(|lot| lot.units >= Decimal::ZERO && lot.units <= lot.bought));

        let here: i64 = lots().map(|lot| lot.cost.0).sum();
        let gone: i64 = parts().map(|part| part.cost.0).sum();
        prop_assert_eq!(here + gone, count.paid, "what was paid is held or gone");
        prop_assert!(lots().all(|lot| lot.cost >= Paise(0)));
        prop_assert!(parts().all(|part| part.cost >= Paise(0)));

        let brought: i64 = parts().map(|part| part.proceeds.0).sum();
        prop_assert_eq!(brought, count.taken, "every paisa of a sale belongs to a lot");
        for book in &books {
            prop_assert!(book.gap.is_none());
            prop_assert!(book.lots.iter().zip(book.lots.iter().skip(1)).all(|(a, b)| a.date <= b.date));
        }
    }

    #[test]
    fn an_amount_spread_over_units_comes_to_it(
        paise in 0..9_000_000_000_000_i64,
        units in proptest::collection::vec(1..100_000_000_i64, 1..20),
    ) {
        let shares = spread(Paise(paise), units.iter().map(|milli| Decimal::new(*milli, 3)));
        prop_assert_eq!(shares.iter().map(|share| share.0).sum::<i64>(), paise);
        prop_assert!(shares.iter().all(|share| *share >= Paise(0)));
    }
}
