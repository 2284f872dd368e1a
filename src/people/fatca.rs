//! The FATCA/CRS self-declaration: where somebody pays tax, and what their money is from.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// What an investor declares. Kept sealed, with its date.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fatca {
    /// Where they are resident for tax; India among them or not.
    pub residencies: Vec<TaxResidency>,
    /// Country of birth.
    pub country_of_birth: Country,
    /// Income a year.
    pub income: IncomeSlab,
    /// Where the money comes from.
    pub source: WealthSource,
    /// Whether they hold, or are close to who holds, a public office.
    pub exposure: PoliticalExposure,
    /// When they declared it.
    pub declared_on: Date,
}

/// A country by its two letters (ISO 3166-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// A country in which somebody pays tax.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaxResidency {
    /// Country.
    pub country: Country,
    /// Tax number there; in India it is the PAN and is not repeated here.
    pub tax_number: Option<String>,
}

/// Income of a year in rupees, as the exchanges ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IncomeSlab {
    /// Under one lakh.
    BelowOneLakh,
    /// One to five lakh.
    OneToFiveLakh,
    /// Five to ten lakh.
    FiveToTenLakh,
    /// Ten to twenty-five lakh.
    TenToTwentyFiveLakh,
    /// Twenty-five lakh to one crore.
    TwentyFiveLakhToOneCrore,
    /// Over one crore.
    AboveOneCrore,
}

/// Where money comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WealthSource {
    /// Salary.
    Salary,
    /// Business.
    Business,
    /// Gift.
    Gift,
    /// Family property.
    AncestralProperty,
    /// Rent.
    RentalIncome,
    /// Prize.
    PrizeMoney,
    /// Royalty.
    Royalty,
    /// Something else.
    Other,
}

/// Whether somebody is politically exposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PoliticalExposure {
    /// No.
    None,
    /// They are.
    Exposed,
    /// Somebody close to them is.
    Related,
}

/// Why a declaration is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FatcaFault {
    /// Not two letters.
    #[error("a country is two letters")]
    Country,
    /// Nobody pays tax nowhere.
    #[error("at least one country of tax residency is needed")]
    NoResidency,
    /// A foreign country without the tax number there.
    #[error("a tax number is needed for each country other than India")]
    NoTaxNumber,
}

impl Country {
    /// India.
    pub const INDIA: Self = Self(*b"IN");

    /// Reads two letters.
    pub fn parse(text: &str) -> Result<Self, FatcaFault> {
        let upper = text.trim().to_ascii_uppercase();
        let letters: [u8; 2] = upper
            .as_bytes()
            .try_into()
            .map_err(|_| FatcaFault::Country)?;
        let is_of_form = letters.iter().all(u8::is_ascii_uppercase);
        is_of_form
            .then_some(Self(letters))
            .ok_or(FatcaFault::Country)
    }

    /// Returns the two letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("")
    }
}

impl TryFrom<String> for Country {
    type Error = FatcaFault;

    fn try_from(text: String) -> Result<Self, FatcaFault> {
        Self::parse(&text)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl Fatca {
    /// Returns what somebody declares who was born in India and pays tax there only.
    pub fn of_resident(
        (income, source): (IncomeSlab, WealthSource),
        exposure: PoliticalExposure,
        declared_on: Date,
    ) -> Self {
        Self {
            residencies: vec![TaxResidency {
                country: Country::INDIA,
                tax_number: None,
            }],
            country_of_birth: Country::INDIA,
            income,
            source,
            exposure,
            declared_on,
        }
    }

    /// Checks that the declaration is whole.
    pub fn check(&self) -> Result<(), FatcaFault> {
        if self.residencies.is_empty() {
            return Err(FatcaFault::NoResidency);
        }
        let is_whole = |residency: &TaxResidency| {
            let number = residency.tax_number.as_deref().map(str::trim);
            residency.country == Country::INDIA || number.is_some_and(|n| !n.is_empty())
        };
        let whole = self.residencies.iter().all(is_whole);
        whole.then_some(()).ok_or(FatcaFault::NoTaxNumber)
    }

    /// Returns whether they are a person of the United States or Canada, whom many fund
    /// houses refuse.
    pub fn is_north_american(&self) -> bool {
        let is_there = |country: &Country| matches!(country.as_str(), "US" | "CA");
        let resident = self.residencies.iter().any(|r| is_there(&r.country));
        // Whoever was born in the United States is taxed there.
        resident || self.country_of_birth.as_str() == "US"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn declaration(countries: &[(&str, Option<&str>)]) -> Fatca {
        let residency = |(country, number): &(&str, Option<&str>)| TaxResidency {
            country: Country::parse(country).unwrap(),
            tax_number: number.map(str::to_owned),
        };
        let money = (IncomeSlab::FiveToTenLakh, WealthSource::Salary);
        Fatca {
            residencies: countries.iter().map(residency).collect(),
            ..Fatca::of_resident(money, PoliticalExposure::None, date(2026, 8, 24))
        }
    }

    #[test]
    fn a_declaration_names_a_country_and_a_foreign_one_its_tax_number() {
        assert_eq!(declaration(&[("IN", None)]).check(), Ok(()));
        assert_eq!(declaration(&[]).check(), Err(FatcaFault::NoResidency));
        let abroad = declaration(&[("IN", None), ("GB", Some(" "))]);
        assert_eq!(abroad.check(), Err(FatcaFault::NoTaxNumber));
        assert_eq!(declaration(&[("gb", Some("QQ123456C"))]).check(), Ok(()));
        assert_eq!(Country::parse("IND"), Err(FatcaFault::Country));
        assert_eq!(Country::parse("1N"), Err(FatcaFault::Country));
    }

    #[test]
    fn residents_of_north_america_are_known_and_so_is_who_was_born_there() {
        assert!(!declaration(&[("IN", None)]).is_north_american());
        assert!(declaration(&[("IN", None), ("CA", Some("1"))]).is_north_american());
        let mut born = declaration(&[("IN", None)]);
        born.country_of_birth = Country::parse("US").unwrap();
        assert!(born.is_north_american());
    }
}
