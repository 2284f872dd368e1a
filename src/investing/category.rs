//! Scheme categories: two vocabularies are live at once since the circular of
//! 26-Feb-2026, and both are brought to one here.

/// Words of the part before the hyphen, and what we call it.
const GROUPS: &[(&str, &str)] = &[
    ("Debt Scheme", "Debt"),
    ("Income/Debt Oriented Schemes", "Debt"),
    ("Equity Scheme", "Equity"),
    ("Equity Schemes", "Equity"),
    ("Hybrid Scheme", "Hybrid"),
    ("Hybrid Schemes", "Hybrid"),
    ("Solution Oriented Scheme", "Solution"),
    ("Index Funds", "Index"),
    ("Exchange Traded Funds (ETFs)", "ETF"),
    ("Fund of Funds Scheme (Domestic)", "Fund of Funds"),
    ("Overseas Fund of Funds", "Fund of Funds"),
    ("Other Scheme", "Other"),
    ("Life Cycle Funds", "Life Cycle"),
];

/// What follows the hyphen, in either vocabulary, and what we call it.
const KINDS: &[(&str, &str)] = &[
    (
        "10-year Constant Maturity Gilt Fund",
        "Gilt 10-year Constant",
    ),
    ("Aggressive Hybrid Fund", "Aggressive"),
    ("Arbitrage Fund", "Arbitrage"),
    (
        "Balanced Advantage Fund/ Dynamic Asset Allocation",
        "Balanced Advantage",
    ),
    ("Balanced Hybrid Fund", "Balanced"),
    ("Banking and PSU Debt Fund", "Banking and PSU"),
    ("Banking and PSU Fund", "Banking and PSU"),
    ("Children’s Fund", "Children"),
    ("Conservative Hybrid Fund", "Conservative"),
    ("Contra Fund", "Contra"),
    ("Corporate Bond Fund", "Corporate Bond"),
    ("Credit Risk Fund", "Credit Risk"),
    ("Debt ETF", "Debt"),
    ("Debt Funds", "Debt"),
    ("Dividend Yield Fund", "Dividend Yield"),
    (
        "Dynamic Asset Allocation or Balanced Advantage",
        "Balanced Advantage",
    ),
    ("Dynamic Bond", "Dynamic Bond"),
    ("Dynamic Term Fund", "Dynamic Bond"),
    ("ELSS", "ELSS"),
    ("ELSS- Tax Saver Fund", "ELSS"),
    ("ETFs investing overseas", "Overseas"),
    ("Equity ETF", "Equity"),
    ("Equity Funds", "Equity"),
    ("Equity Savings", "Equity Savings"),
    ("Equity Savings Fund", "Equity Savings"),
    ("Fixed Term Plan", "Fixed Term"),
    ("Flexi Cap Fund", "Flexi Cap"),
    ("Floater Fund", "Floater"),
    ("Floating Interest Rates Fund", "Floater"),
    ("FoF Domestic", "Fund of Funds: Domestic"),
    ("FoF Overseas", "Fund of Funds: Overseas"),
    ("Focused Fund", "Focused"),
    ("Fund of Funds Scheme (Domestic)", "Domestic"),
    ("Fund of Funds investing overseas", "Overseas"),
    ("Gilt Fund", "Gilt"),
    (
        "Gilt Fund with 10 year constant duration",
        "Gilt 10-year Constant",
    ),
    ("Gold ETF", "Gold"),
    ("Hybrid ETF", "Hybrid"),
    ("Hybrid Fund", "Hybrid"),
    ("Index Funds", "Index"),
    ("Large & Mid Cap Fund", "Large & Mid Cap"),
    ("Large Cap Fund", "Large Cap"),
    ("Life Cycle Fund with Maturity of 10 Years", "10 Years"),
    ("Life Cycle Fund with Maturity of 15 Years", "15 Years"),
    ("Liquid Fund", "Liquid"),
    ("Long Duration Fund", "Long Duration"),
    ("Long Term Fund", "Long Duration"),
    ("Low Duration Fund", "Low Duration"),
    ("Medium Duration Fund", "Medium Duration"),
    ("Medium Term Fund", "Medium Duration"),
    ("Medium to Long Duration Fund", "Medium to Long Duration"),
    ("Medium to Long Term Fund", "Medium to Long Duration"),
    ("Mid Cap Fund", "Mid Cap"),
    ("Money Market Fund", "Money Market"),
    ("Multi Asset Allocation", "Multi Asset"),
    ("Multi Asset Allocation Fund", "Multi Asset"),
    ("Multi Cap Fund", "Multi Cap"),
    ("Other ETF", "Other"),
    ("Other ETFs", "ETF"),
    ("Other Debt Scheme", "Other"),
    ("Overnight Fund", "Overnight"),
    ("Retirement Fund", "Retirement"),
    ("Sectoral Fund", "Sectoral"),
    ("Sectoral/ Thematic", "Sectoral / Thematic"),
    ("Short Duration Fund", "Short Duration"),
    ("Short Term Fund", "Short Duration"),
    ("Silver ETF", "Silver"),
    ("Small Cap Fund", "Small Cap"),
    ("Thematic Fund", "Thematic"),
    ("Ultra Short Duration Fund", "Ultra Short Duration"),
    ("Ultra Short Term Fund", "Ultra Short Duration"),
    ("Ultra Short to Short Term Fund", "Low Duration"),
    ("Value Fund", "Value"),
];

/// Categories of before 2018, still on closed schemes.
const OLD: &[(&str, &str)] = &[
    ("ELSS", "Equity: ELSS"),
    ("Gilt", "Debt: Gilt"),
    ("Growth", "Equity"),
    ("Income", "Debt"),
    ("Money Market", "Debt: Money Market"),
];

/// Returns our name of a category, or `None` if it is one we have not met.
pub(super) fn normalise(raw: &str) -> Option<String> {
    let raw = raw.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((group, kind)) = raw.split_once(" - ") else {
        return find(OLD, &raw).map(str::to_owned);
    };
    let group = find(GROUPS, group.trim())?;
    let kind = find(KINDS, kind.trim())?;
    Some(match group {
        "Other" => kind.to_owned(),
        _ => format!("{group}: {kind}"),
    })
}

fn find<'t>(table: &[(&str, &'t str)], text: &str) -> Option<&'t str> {
    let row = table.iter().find(|(raw, _)| raw.eq_ignore_ascii_case(text));
    row.map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn funds_of_funds_have_one_name_whichever_vocabulary_lists_them() {
        let list = include_str!("../../demo/amfi/NAVAll.txt");
        let sections = list.lines().filter(|line| !line.contains(';'));
        let raw = sections.filter_map(|line| {
            let (_, category) = line.trim_end().strip_suffix(')')?.split_once('(')?;
            normalise(category)
        });
        let names: std::collections::BTreeSet<_> = raw
            .filter(|name| name.starts_with("Fund of Funds"))
            .collect();
        let wanted = ["Fund of Funds: Domestic", "Fund of Funds: Overseas"];
        assert_eq!(names.iter().collect::<Vec<_>>(), wanted);
    }

    #[test]
    fn both_vocabularies_come_to_one_name() {
        let table = [
            ("Equity Scheme - Large Cap Fund", "Equity: Large Cap"),
            ("Equity Schemes - Large Cap Fund", "Equity: Large Cap"),
            (
                "Income/Debt Oriented Schemes - Short Term Fund",
                "Debt: Short Duration",
            ),
            ("Other Scheme - Other  ETFs", "ETF"),
            (
                "Fund of Funds Scheme (Domestic) - Fund of Funds Scheme (Domestic)",
                "Fund of Funds: Domestic",
            ),
            ("Income", "Debt"),
        ];
        for (raw, name) in table {
            assert_eq!(normalise(raw).as_deref(), Some(name), "{raw}");
        }
        assert_eq!(normalise("Equity Scheme - Lunar Fund"), None);
    }
}
