//! Every no of this crate, with its reason: a use that is not allowed, and a ledger that is not what was written.
//!
//! They become sentences for a person at the edge; the rule names are stable, for tests. No text of a denial holds a key's secret half.

use kinora_document::{Purpose, Refusal};

/// Why a use, a consent or an entry is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("No consent for this cameo is on record on this machine.")]
    Missing,
    #[error("The consent of {name} ended{}.", on(*until))]
    Expired { name: String, until: i64 },
    #[error("{name} took the consent back{}.", on(*at))]
    Revoked { name: String, at: i64 },
    #[error("A newer consent of {name} has replaced the one the cast names.")]
    Replaced { name: String },
    #[error("The consent of {name} is for other people than whoever works on this machine.")]
    WrongPerson { name: String },
    #[error("{name} did not consent to films for {}.", purpose.name())]
    WrongPurpose { name: String, purpose: Purpose },
    #[error("This consent was on record here before, and was taken back or replaced by a newer one.")]
    Replayed,
    #[error("The consent's signature does not fit: it was changed after it was signed.")]
    Forged,
    #[error("The consent cannot be used: {why}.")]
    Unfit { why: &'static str },
    #[error("The consent is for another cameo than this one.")]
    AnotherCameo,
    #[error("The cameo was deleted.")]
    Deleted,
    #[error("The record of this cameo is full.")]
    Full,
}

/// " on 2026-11-26", or nothing for a time that no calendar has.
fn on(millis: i64) -> String {
    // Days since 1970 to a date of the Gregorian calendar, in eras of 400 years.
    let days = millis.div_euclid(86_400_000);
    if !(0..4_000_000).contains(&days) {
        return String::new();
    }
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(" on {year}-{month:02}-{day:02}")
}

impl Denied {
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Missing => "consent.missing",
            Self::Expired { .. } => "consent.expired",
            Self::Revoked { .. } => "consent.revoked",
            Self::Replaced { .. } => "consent.replaced",
            Self::WrongPerson { .. } => "consent.wrong_person",
            Self::WrongPurpose { .. } => "consent.wrong_purpose",
            Self::Replayed => "consent.replayed",
            Self::Forged => "consent.forged",
            Self::Unfit { .. } => "consent.unfit",
            Self::AnotherCameo => "consent.another_cameo",
            Self::Deleted => "consent.deleted",
            Self::Full => "consent.full",
        }
    }

    fn remedy(&self) -> &'static str {
        match self {
            Self::Missing => {
                "Record the cameo in the Cameo room, or bring in the signed consent file of whoever it is."
            }
            Self::Expired { .. } | Self::Revoked { .. } | Self::Replayed => {
                "Ask for a new consent, or take the cameo out of the cast."
            }
            Self::Replaced { .. } => "Choose the cameo again in the cast.",
            Self::WrongPerson { .. } => {
                "Send your key (it stands in the Cameo room) and ask for a consent that names it."
            }
            Self::WrongPurpose { .. } => "Ask for a consent that covers it, or take the cameo out of the cast.",
            Self::Forged | Self::Unfit { .. } | Self::AnotherCameo => {
                "Ask whoever gave the consent for the file as they exported it."
            }
            Self::Deleted => "Take the cameo out of the cast.",
            Self::Full => "Add the cameo anew; the old record stays readable.",
        }
    }
}

impl From<Denied> for Refusal {
    fn from(denied: Denied) -> Self {
        Self::new(denied.rule(), denied.to_string(), denied.remedy())
    }
}

/// A ledger that is not what was written: the first line that shows it, counted from 1, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Line {line} of the consent record: {why}")]
pub struct Damage {
    pub line: usize,
    pub why: Why,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    #[error("it is not a line of such a record")]
    NotALine,
    #[error("it does not follow the line before it, so a line was changed, moved, put in or taken out")]
    Link,
    #[error("its signature is not this machine's for this cameo, so it was changed or comes from elsewhere")]
    Signature,
    #[error("what it says cannot follow what was said before")]
    Order,
    #[error("it is missing: the record was cut, or an older copy was put back")]
    Cut,
    #[error("it is not the line that was written there last")]
    Replaced,
    #[error("the record is longer than one can be")]
    TooLong,
}

impl From<Damage> for Refusal {
    fn from(damage: Damage) -> Self {
        Self::new(
            "consent.damaged",
            damage.to_string() + ".",
            "Nothing is made with this cameo. Put the record back from a copy, or delete the cameo and add it anew.",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (days, date) in [(0, "1970-01-01"), (59, "1970-03-01"), (11_016, "2000-02-29"), (20_783, "2026-11-26")] {
            assert_eq!(on(days * 86_400_000 + 5), format!(" on {date}"));
        }
        assert_eq!(on(i64::MAX), "");
        assert_eq!(on(-1), "");
    }
}
