//! Samples of what is said of sums.

use super::super::Text;

const SUMS: [&str; 5] = ["sip", "once", "step_up", "goal", "swp"];

/// Each text with everything it may say, or with as little as it may say.
pub(super) fn all(full: bool) -> Vec<Text<'static>> {
    let mut texts: Vec<_> = SUMS.into_iter().flat_map(|sum| asked(sum, full)).collect();
    texts.extend(results(full));
    texts
}

fn asked(sum: &'static str, full: bool) -> Vec<Text<'static>> {
    let monthly = (sum == "swp").then_some("₹8,000");
    vec![
        Text::CalculatorAmount {
            sum,
            smallest: "₹100",
            largest: "₹1 Cr",
            again: full,
        },
        Text::CalculatorYears {
            sum,
            amount: "₹5,000",
            monthly,
            again: full,
        },
        Text::CalculatorRate {
            sum,
            amount: "₹5,000",
            monthly,
            years: u32::from(full) * 10,
            months: 6,
            highest: "13",
            again: full,
        },
        Text::Resume {
            sum,
            amount: full.then_some("₹5,000"),
        },
    ]
}

fn results(full: bool) -> Vec<Text<'static>> {
    let some = |text: &'static str| full.then_some(text);
    let grown = |sum, step| Text::CalculatorResult {
        sum,
        amount: "₹5,000",
        step,
        years: 10,
        months: u32::from(full) * 6,
        rate: "12",
        invested: "₹6,00,000",
        value: "₹11,61,695",
        gain: "₹5,61,695",
        asked: some("20"),
    };
    vec![
        grown("sip", None),
        grown("once", None),
        grown("step_up", Some("10 %")),
        Text::CalculatorWhich {},
        Text::CalculatorStep {
            amount: "₹5,000",
            again: full,
        },
        Text::CalculatorMonthly {
            amount: "₹10,00,000",
            again: full,
        },
        Text::CalculatorGoal {
            target: "₹1,00,00,000",
            years: 15,
            months: u32::from(full),
            rate: "12",
            monthly: "₹19,818.62",
            rounded: "₹19,900",
            invested: "₹35,82,000",
            asked: some("20"),
        },
        Text::CalculatorSwp {
            corpus: "₹10,00,000",
            monthly: "₹12,000",
            years: 10,
            months: u32::from(full),
            rate: "8",
            taken: "₹14,40,000",
            left: some("₹23,456"),
            full: 122,
            last: some("₹536.28"),
            asked: some("20"),
        },
        Text::Illustration {
            basis: if full { "once" } else { "withdrawals" },
            rate: "12",
        },
        Text::Illustration {
            basis: "instalments",
            rate: "12",
        },
    ]
}
