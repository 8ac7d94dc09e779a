//! The terms of a consent as options: what may be made, for whom, until when.
//!
//! Nothing is assumed in a subject's name but the least: only them, only stories.

use clap::Args;
use kinora_backend::Trouble;
use kinora_document::{Audience, NamedPerson, Purpose, Terms};

const DAY_MILLIS: i64 = 86_400_000;

#[derive(Debug, Args)]
pub struct TermsOptions {
    /// What films with it may be for: story, teaching, advertising, campaign; several are allowed
    #[arg(long = "purpose", value_parser = parse_purpose)]
    purposes: Vec<Purpose>,
    /// What must not be made with it, in your own words
    #[arg(long, default_value = "")]
    restrictions: String,
    /// Somebody else who may use it, by the key that `kinora cameo keys` shows them; several are allowed
    #[arg(long = "for", value_name = "NAME=KEY", value_parser = parse_person)]
    people: Vec<NamedPerson>,
    /// Anyone who has the signed consent file may use it
    #[arg(long, conflicts_with = "people")]
    anyone: bool,
    /// The last day, as 2027-12-31; without one it holds until it is taken back
    #[arg(long, value_parser = parse_day)]
    until: Option<i64>,
    /// "I am this person", in your own words, where the name is one of the protected list
    #[arg(long)]
    pub attest: Option<String>,
}

impl TermsOptions {
    pub fn terms(&self) -> Result<Terms, Trouble> {
        let audience = match (self.anyone, self.people.is_empty()) {
            (true, _) => Audience::Anyone,
            (false, false) => Audience::People(self.people.clone()),
            (false, true) => Audience::OnlyMe,
        };
        let mut purposes: std::collections::BTreeSet<Purpose> = self.purposes.iter().copied().collect();
        if purposes.is_empty() {
            purposes.insert(Purpose::Story);
        }
        let terms = Terms {
            purposes,
            restrictions: self.restrictions.clone(),
            audience,
            // The end of that day, in universal time.
            until_millis: self.until.map(|day| (day + 1) * DAY_MILLIS),
        };
        if terms.fit() {
            return Ok(terms);
        }
        Err(Trouble::refuse("consent.terms", "The terms of the consent are too long.", "Shorten them."))
    }
}

pub fn parse_purpose(text: &str) -> Result<Purpose, String> {
    Purpose::ALL
        .into_iter()
        .find(|purpose| purpose.name() == text)
        .ok_or_else(|| "a purpose is story, teaching, advertising or campaign".to_owned())
}

fn parse_person(text: &str) -> Result<NamedPerson, String> {
    let (name, key) = text.split_once('=').ok_or("a person is NAME=KEY")?;
    Ok(NamedPerson { name: name.trim().to_owned(), key: key.trim().parse()? })
}

/// Days since 1970 of a date of the calendar.
fn parse_day(text: &str) -> Result<i64, String> {
    let wrong = || "a day is YEAR-MONTH-DAY, such as 2027-12-31".to_owned();
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(day)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong());
    };
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return Err(wrong()),
    };
    if !(1970..=9999).contains(&year) || !(1..=days_in).contains(&day) {
        return Err(wrong());
    }
    let before: i64 = (1..month)
        .map(|month| {
            [31, 28 + i64::from(leap), 31, 30, 31, 30, 31, 31, 30, 31, 30]
                .get(month as usize - 1)
                .copied()
                .unwrap_or(31)
        })
        .sum();
    let years: i64 =
        (1970..year).map(|year| 365 + i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))).sum();
    Ok(years + before + day - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, days) in [("1970-01-01", 0), ("1970-03-01", 59), ("2000-02-29", 11_016), ("2026-11-26", 20_783)] {
            assert_eq!(parse_day(text), Ok(days), "{text}");
        }
        for wrong in ["2026-02-29", "2026-13-01", "2026-00-01", "26-1-1", "2026-11", "x", "2026-11-26-1", ""] {
            assert!(parse_day(wrong).is_err(), "{wrong}");
        }
    }
}
