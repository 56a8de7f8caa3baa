//! A cron expression in plain English, for people who read the list of DAGs.

use super::Cron;
use super::days::{Days, Nth, Week};
use super::field::Bits;

const WEEKDAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

impl Cron {
    /// For example `At 02:00 on Monday to Friday`, `Every 15 minutes`.
    pub fn description(&self) -> String {
        let mut text = self.times();
        if let Some(days) = self.days() {
            text.push(' ');
            text.push_str(&days);
        }
        if self.months.0.count_ones() < 12 {
            text.push_str(" in ");
            text.push_str(&names(self.months, |month| MONTHS[usize::from(month) - 1].to_owned()));
        }
        if let Some(years) = &self.years {
            let years: Vec<String> = years.iter().map(i16::to_string).collect();
            text.push_str(" in ");
            text.push_str(&list(&years));
        }
        text
    }

    fn times(&self) -> String {
        let single = |bits: Bits| (bits.0.count_ones() == 1).then(|| bits.0.trailing_zeros());
        let (second, minute) = (single(self.seconds), single(self.minutes));
        let clock = |hour: u32, minute: u32| match second {
            Some(second) if second > 0 => format!("{hour:02}:{minute:02}:{second:02}"),
            _ => format!("{hour:02}:{minute:02}"),
        };
        let few = self.hours.0.count_ones() * self.minutes.0.count_ones() <= 4;
        if second.is_some() && few {
            let hours = self.hours.iter();
            let all = hours.flat_map(|h| self.minutes.iter().map(move |m| (u32::from(h), u32::from(m))));
            return format!("At {}", list(&all.map(|(h, m)| clock(h, m)).collect::<Vec<_>>()));
        }
        let mut text = match second {
            Some(0) => String::new(),
            Some(second) => format!("{second} seconds past the minute, "),
            None => format!("{}, ", cycle(self.seconds, 60, "second")),
        };
        text.push_str(&match minute {
            Some(0) if self.every_hour() => return capital(text + "every hour"),
            Some(minute) => format!("{minute} minutes past the hour"),
            None => cycle(self.minutes, 60, "minute"),
        });
        if !self.every_hour() {
            text.push_str(", ");
            text.push_str(&cycle(self.hours, 24, "hour"));
        }
        capital(text)
    }

    fn days(&self) -> Option<String> {
        let month = |days: Bits, last: bool| {
            let mut all: Vec<String> = spans(days).into_iter().map(|(a, b)| span(a, b, ordinal)).collect();
            if last {
                all.push("last day".to_owned());
            }
            format!("on the {} of the month", list(&all))
        };
        let week = |days| format!("on {}", names(days, |day| WEEKDAYS[usize::from(day)].to_owned()));
        let numbered = |nth: &[Nth]| {
            let one = |n: &Nth| match n.week {
                Week::Nth(week) => {
                    format!("{} {}", ordinal(week), WEEKDAYS[usize::from(n.weekday)])
                }
                Week::Last => format!("last {}", WEEKDAYS[usize::from(n.weekday)]),
            };
            format!("on the {} of the month", list(&nth.iter().map(one).collect::<Vec<_>>()))
        };
        let nearest = |day: u8| format!("on the working day nearest to the {} of the month", ordinal(day));
        Some(match &self.days {
            Days::Every => return None,
            Days::Month(days, last) => month(*days, *last),
            Days::Week(days) => week(*days),
            Days::Either(days, last, weekdays) => {
                format!("{} and {}", month(*days, *last), week(*weekdays))
            }
            Days::Nth { nth, .. } => numbered(nth),
            Days::Nearest(day) => nearest(*day),
            Days::NearestAndNth(day, nth) => {
                format!("{} if it is {}", nearest(*day), &numbered(nth)[3..])
            }
        })
    }
}

/// `every 5 minutes`, `minutes 0 to 10 and 30`, `every minute`.
fn cycle(bits: Bits, size: u8, unit: &str) -> String {
    let values: Vec<u8> = bits.iter().collect();
    if values.len() == usize::from(size) {
        return format!("every {unit}");
    }
    let step = match values.as_slice() {
        [0, second, ..] => *second,
        _ => 0,
    };
    let regular = step > 1 && values.iter().enumerate().all(|(i, v)| usize::from(*v) == i * usize::from(step));
    if regular && usize::from(*values.last().unwrap_or(&0)) + usize::from(step) >= usize::from(size) {
        return format!("every {step} {unit}s");
    }
    format!("{unit}s {}", names(bits, |value| value.to_string()))
}

fn names(bits: Bits, name: impl Fn(u8) -> String + Copy) -> String {
    list(&spans(bits).into_iter().map(|(a, b)| span(a, b, name)).collect::<Vec<_>>())
}

fn span(from: u8, to: u8, name: impl Fn(u8) -> String) -> String {
    if from == to { name(from) } else { format!("{} to {}", name(from), name(to)) }
}

/// Runs of three or more neighbours become one pair; others stay single.
fn spans(bits: Bits) -> Vec<(u8, u8)> {
    let mut out: Vec<(u8, u8)> = Vec::new();
    for value in bits.iter() {
        match out.last_mut() {
            Some((_, end)) if *end + 1 == value => *end = value,
            _ => out.push((value, value)),
        }
    }
    out.into_iter().flat_map(|(a, b)| if b == a + 1 { vec![(a, a), (b, b)] } else { vec![(a, b)] }).collect()
}

fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [head @ .., last] => format!("{} and {last}", head.join(", ")),
    }
}

fn ordinal(n: u8) -> String {
    let ending = match (n % 10, n % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    format!("{n}{ending}")
}

fn capital(text: String) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => text,
    }
}
