//! From text to [`Cron`]. The dialect is croniter's, which Airflow's users know.

use super::days::{Days, Nth, Week};
use super::field::{Bits, Field, range};
use super::{Cron, CronError};

/// The names that may stand for an expression.
const PRESETS: [(&str, &str); 9] = [
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@quarterly", "0 0 1 */3 *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@reboot", ""),
];

/// The five-field form of a preset (`@daily`), or the text itself.
pub fn expand_preset(text: &str) -> &str {
    let text = text.trim();
    match PRESETS.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        Some((_, expression)) if !expression.is_empty() => expression,
        _ => text,
    }
}

pub(super) fn parse(text: &str) -> Result<Cron, CronError> {
    let expression = expand_preset(text).to_owned();
    if expression.starts_with('@') {
        let known = PRESETS.iter().filter(|(_, e)| !e.is_empty()).map(|(name, _)| *name);
        return Err(CronError::Preset { name: expression, known: known.collect::<Vec<_>>().join(" ") });
    }
    let lower = expression.to_ascii_lowercase();
    let fields: Vec<&str> = lower.split_ascii_whitespace().collect();
    if !(5..=7).contains(&fields.len()) {
        return Err(CronError::FieldCount { found: fields.len() });
    }
    let simple = |field: Field, text: &str| simple_field(field, text);
    let minutes = simple(Field::Minute, fields[0])?;
    let hours = simple(Field::Hour, fields[1])?;
    let months = simple(Field::Month, fields[3])?;
    let seconds = match fields.get(5) {
        Some(text) => simple(Field::Second, text)?,
        None => Bits(1),
    };
    let years = match fields.get(6) {
        Some(text) => year_field(text)?,
        None => None,
    };
    let days = day_fields(fields[2], fields[4])?;
    let cron = Cron { expression, seconds, minutes, hours, days, months, years, never: false };
    Ok(cron.with_impossible_days_marked())
}

/// Terms of a list without empty ones.
fn terms(field: Field, text: &str) -> Result<Vec<&str>, CronError> {
    let terms: Vec<&str> = text.split(',').collect();
    match terms.iter().find(|term| term.is_empty()) {
        Some(_) => Err(field.error(text, "has an empty entry")),
        None => Ok(terms),
    }
}

/// `?` means `*`, and only for days.
fn question_mark(field: Field, text: &str) -> Result<&str, CronError> {
    if !text.contains('?') {
        return Ok(text);
    }
    if text != "?" || !matches!(field, Field::Day | Field::Weekday) {
        return Err(field.error(text, "uses `?`, which may only stand alone, as day of month or day of week"));
    }
    Ok("*")
}

fn simple_field(field: Field, text: &str) -> Result<Bits, CronError> {
    let text = question_mark(field, text)?;
    let mut bits = Bits::default();
    for term in terms(field, text)? {
        for value in plain_term(field, term)? {
            bits.insert(value);
        }
    }
    Ok(bits)
}

fn plain_term(field: Field, term: &str) -> Result<Vec<u16>, CronError> {
    let (min, max) = field.bounds();
    if term == "*" {
        return Ok((min..=max).collect());
    }
    match range(field, term)? {
        Some(values) => Ok(values),
        None => Ok(vec![field.checked(term)?]),
    }
}

/// `None` for every year.
fn year_field(text: &str) -> Result<Option<Vec<i16>>, CronError> {
    let field = Field::Year;
    let text = question_mark(field, text)?;
    let mut years = Vec::new();
    for term in terms(field, text)? {
        years.extend(plain_term(field, term)?.into_iter().map(|year| year as i16));
    }
    years.sort_unstable();
    years.dedup();
    let (min, max) = field.bounds();
    Ok(if years.len() == usize::from(max - min + 1) { None } else { Some(years) })
}

/// What one of the two day fields holds, before they are combined.
#[derive(Default)]
struct DayField {
    bits: Bits,
    /// A bare `*` among the terms.
    star: bool,
    last: bool,
    nth: Vec<Nth>,
    nearest: Option<u8>,
}

impl DayField {
    /// Unrestricted: a bare `*`, or every value while the other field has a `*` in its text.
    fn is_free(&self, all: u32, other: &str) -> bool {
        let every = self.bits.0.count_ones() == all && !self.last;
        self.star || (every && other.contains('*'))
    }
}

fn day_fields(month_day: &str, week_day: &str) -> Result<Days, CronError> {
    let month_text = question_mark(Field::Day, month_day)?;
    let week_text = question_mark(Field::Weekday, week_day)?;
    let by_month = month_day_field(month_text)?;
    let by_week = week_day_field(week_text)?;
    let month_free = by_month.is_free(31, week_text);
    let week_free = by_week.is_free(7, month_text) && by_week.nth.is_empty();
    Ok(match (by_month.nearest, by_week.nth.is_empty()) {
        (Some(day), true) => Days::Nearest(day),
        (Some(day), false) => Days::NearestAndNth(day, by_week.nth),
        (None, false) => Days::Nth { nth: by_week.nth, also: (!month_free).then_some((by_month.bits, by_month.last)) },
        (None, true) => match (month_free, week_free) {
            (true, true) => Days::Every,
            (false, true) => Days::Month(by_month.bits, by_month.last),
            (true, false) => Days::Week(by_week.bits),
            (false, false) => Days::Either(by_month.bits, by_month.last, by_week.bits),
        },
    })
}

fn month_day_field(text: &str) -> Result<DayField, CronError> {
    let field = Field::Day;
    let mut out = DayField::default();
    let terms = terms(field, text)?;
    for term in &terms {
        let nearest = term.strip_suffix('w').or_else(|| term.strip_prefix('w'));
        if let Some(day) = nearest.filter(|d| !d.is_empty() && d.bytes().all(|b| b.is_ascii_digit())) {
            if terms.len() > 1 {
                return Err(field.error(text, "uses W in a list; W takes a single day"));
            }
            out.nearest = Some(field.checked(day)? as u8);
        } else if *term == "l" {
            out.last = true;
        } else {
            out.star |= *term == "*";
            plain_term(field, term)?.into_iter().for_each(|value| out.bits.insert(value));
        }
    }
    Ok(out)
}

fn week_day_field(text: &str) -> Result<DayField, CronError> {
    let field = Field::Weekday;
    let mut out = DayField::default();
    let mut plain = Bits::default();
    for term in terms(field, text)? {
        if let Some(day) = term.strip_prefix('l').filter(|d| !d.is_empty()) {
            let day = field.checked(day)?;
            out.nth.push(Nth { weekday: day as u8, week: Week::Last });
            out.bits.insert(day);
        } else if let Some((day, week)) = term.split_once('#') {
            let week = match week.parse::<u8>() {
                Ok(week @ 1..=5) => week,
                _ => return Err(field.error(term, "has a week that is not 1 to 5")),
            };
            for day in nth_days(field, term, day)? {
                out.nth.push(Nth { weekday: day as u8, week: Week::Nth(week) });
                out.bits.insert(day);
            }
        } else {
            out.star |= term == "*";
            plain_term(field, term)?.into_iter().for_each(|value| plain.insert(value));
        }
    }
    let mixed = out.nth.iter().fold(plain, |rest, nth| Bits(rest.0 & !(1 << nth.weekday)));
    out.bits = Bits(out.bits.0 | plain.0);
    let whole_week = out.bits.0.count_ones() == 7;
    if !out.nth.is_empty() && mixed.0 != 0 && !whole_week {
        return Err(field.error(text, "mixes plain days with numbered ones (`fri,1#1`); number them all or none"));
    }
    Ok(out)
}

/// The days before a `#`: one day, or a range of names (`mon-wed#2`).
fn nth_days(field: Field, term: &str, days: &str) -> Result<Vec<u16>, CronError> {
    if days.contains('-') && days.bytes().any(|b| b.is_ascii_digit()) {
        return Err(field.error(term, "numbers a range of digits; write names (`mon-wed#2`) or a list (`1#2,2#2`)"));
    }
    match range(field, days)? {
        Some(values) => Ok(values),
        None => Ok(vec![field.checked(days)?]),
    }
}
