//! The kinds of values that options have, and how a text becomes one.

use jiff::tz::TimeZone;

/// What values an option takes. Bounds are inclusive.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// Any text.
    Text,
    /// A path; relative ones count from the working directory.
    Path,
    /// `t`, `true`, `1` or `f`, `false`, `0` in any case.
    Bool,
    /// A whole number.
    Int {
        /// Least value.
        min: Option<i64>,
        /// Greatest value.
        max: Option<i64>,
    },
    /// A number, mostly of seconds.
    Float {
        /// Least value.
        min: Option<f64>,
        /// Greatest value.
        max: Option<f64>,
    },
    /// One of these words, in any case.
    Enum(Vec<&'static str>),
    /// Texts separated by commas.
    List,
    /// File permissions: `0o775` or `775`.
    Octal,
    /// An IANA name, `utc` or `system`.
    Timezone,
}

impl Kind {
    /// Reads a kind as the option table writes it: `int(0..)`, `enum(a,b)`. None when it is not one.
    pub(crate) fn parse(text: &'static str) -> Option<Kind> {
        let (name, arguments) = match text.split_once('(') {
            Some((name, rest)) => (name, Some(rest.strip_suffix(')')?)),
            None => (text, None),
        };
        Some(match name {
            "text" => Kind::Text,
            "path" => Kind::Path,
            "bool" => Kind::Bool,
            "list" => Kind::List,
            "octal" => Kind::Octal,
            "timezone" => Kind::Timezone,
            "enum" => Kind::Enum(arguments?.split(',').collect()),
            "int" => {
                let (min, max) = bounds(arguments)?;
                Kind::Int { min, max }
            }
            "float" => {
                let (min, max) = bounds(arguments)?;
                Kind::Float { min, max }
            }
            _ => return None,
        })
    }

    /// Says in words what a value must be, to end the sentence "expected ...".
    pub fn expected(&self) -> String {
        match self {
            Kind::Text => "a text".into(),
            Kind::Path => "a path".into(),
            Kind::Bool => "a boolean: true, t, 1, false, f or 0".into(),
            Kind::List => "texts separated by commas".into(),
            Kind::Octal => "file permissions in octal, such as 0o775".into(),
            Kind::Timezone => "a time zone: an IANA name such as Asia/Seoul, utc or system".into(),
            Kind::Enum(words) => format!("one of {}", words.join(", ")),
            Kind::Int { min, max } => format!("a whole number{}", range(min, max)),
            Kind::Float { min, max } => format!("a number{}", range(min, max)),
        }
    }

    /// True when `text` is a value of this kind. An empty text is the same as no value for numbers.
    pub fn accepts(&self, text: &str) -> bool {
        match self {
            Kind::Text | Kind::Path | Kind::List => true,
            Kind::Bool => parse_bool(text).is_some(),
            Kind::Int { min, max } => text.trim().is_empty() || parse_int(text).is_some_and(|n| within(n, min, max)),
            Kind::Float { min, max } => text.trim().is_empty() || parse_float(text).is_some_and(|n| within(n, min, max)),
            Kind::Enum(words) => words.iter().any(|word| word.eq_ignore_ascii_case(text.trim())),
            Kind::Octal => parse_octal(text).is_some(),
            Kind::Timezone => parse_timezone(text).is_some(),
        }
    }
}

fn bounds<N: std::str::FromStr>(arguments: Option<&str>) -> Option<(Option<N>, Option<N>)> {
    let Some(arguments) = arguments else {
        return Some((None, None));
    };
    let (min, max) = arguments.split_once("..")?;
    let read = |text: &str| match text {
        "" => Some(None),
        text => text.parse().ok().map(Some),
    };
    Some((read(min)?, read(max)?))
}

fn range<N: std::fmt::Display>(min: &Option<N>, max: &Option<N>) -> String {
    match (min, max) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(", {min} or more"),
        (None, Some(max)) => format!(", {max} or less"),
        (None, None) => String::new(),
    }
}

fn within<N: PartialOrd>(value: N, min: &Option<N>, max: &Option<N>) -> bool {
    min.as_ref().is_none_or(|min| value >= *min) && max.as_ref().is_none_or(|max| value <= *max)
}

/// A boolean as Airflow reads it; what follows a `#` is a comment.
pub fn parse_bool(text: &str) -> Option<bool> {
    let word = text.split('#').next().unwrap_or_default().trim().to_ascii_lowercase();
    match word.as_str() {
        "t" | "true" | "1" => Some(true),
        "f" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// A whole number; `5.0` is one too.
pub fn parse_int(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return Some(number);
    }
    let (whole, fraction) = text.split_once('.')?;
    let fraction_is_zero = !fraction.is_empty() && fraction.bytes().all(|b| b == b'0');
    if fraction_is_zero { whole.parse().ok() } else { None }
}

/// A finite number.
pub fn parse_float(text: &str) -> Option<f64> {
    text.trim().parse::<f64>().ok().filter(|number| number.is_finite())
}

/// File permissions in octal, with or without `0o`.
pub fn parse_octal(text: &str) -> Option<u32> {
    let digits = text.trim();
    let digits = digits.strip_prefix("0o").unwrap_or(digits);
    u32::from_str_radix(digits, 8).ok().filter(|mode| *mode <= 0o7777)
}

/// A time zone by IANA name, `utc`, or `system` for the machine's.
pub fn parse_timezone(text: &str) -> Option<TimeZone> {
    match text.trim() {
        name if name.eq_ignore_ascii_case("system") => TimeZone::try_system().ok(),
        name if name.eq_ignore_ascii_case("utc") => Some(TimeZone::UTC),
        name => TimeZone::get(name).ok(),
    }
}

/// The parts between commas without blanks around them; an empty text has none.
pub fn parse_list(text: &str) -> Vec<String> {
    if text.trim().is_empty() {
        return Vec::new();
    }
    text.split(',').map(|part| part.trim().to_owned()).collect()
}
