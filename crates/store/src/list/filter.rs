//! Conditions, order and page of a list query, with their bound values.

use crate::Value;

/// Bounds of a column; those that are not set do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Range<T> {
    pub gte: Option<T>,
    pub gt: Option<T>,
    pub lte: Option<T>,
    pub lt: Option<T>,
}

/// The two text filters of the API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patterns {
    /// Contains, without case; `%` and `_` are wildcards, `|` separates alternatives, `~` matches all.
    pub contains: Option<String>,
    /// Begins with, with case; `|` and `~` as above.
    pub prefix: Option<String>,
}

/// A sort key: the SQL expression, and whether descending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderKey {
    pub expression: &'static str,
    pub descending: bool,
}

/// Which rows of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    pub limit: i64,
    pub offset: i64,
}

/// A page of rows and how many there are in all.
#[derive(Debug, Clone)]
pub struct Listed<T> {
    pub rows: Vec<T>,
    pub total: i64,
}

/// The names a list may be sorted by, with their expressions.
pub type OrderNames = &'static [(&'static str, &'static str)];

/// Finds the sort key of a name.
pub fn order_key(names: OrderNames, name: &str, descending: bool) -> Option<OrderKey> {
    let (_, expression) = names.iter().find(|(known, _)| *known == name)?;
    Some(OrderKey { expression, descending })
}

/// The conditions of a `WHERE`, joined by `AND`.
#[derive(Debug, Default)]
pub struct Filter {
    clauses: Vec<String>,
    values: Vec<Value>,
}

impl Filter {
    pub fn new() -> Self {
        Self::default()
    }

    /// A condition as it is.
    pub fn and(&mut self, clause: impl Into<String>, values: impl IntoIterator<Item = Value>) -> &mut Self {
        self.clauses.push(clause.into());
        self.values.extend(values);
        self
    }

    pub fn equals<T: Into<Value>>(&mut self, column: &str, value: Option<T>) -> &mut Self {
        if let Some(value) = value {
            self.and(format!("{column} = ?"), [value.into()]);
        }
        self
    }

    /// One of the values; an empty set is no condition.
    pub fn among<T: Into<Value> + Clone>(&mut self, column: &str, values: &[T]) -> &mut Self {
        if !values.is_empty() {
            let clause = format!("{column} IN ({})", marks(values.len()));
            self.and(clause, values.iter().cloned().map(Into::into));
        }
        self
    }

    /// None of the values.
    pub fn not_among(&mut self, column: &str, values: &[String]) -> &mut Self {
        if !values.is_empty() {
            let clause = format!("{column} NOT IN ({})", marks(values.len()));
            self.and(clause, values.iter().cloned().map(Into::into));
        }
        self
    }

    /// One of the states, where `None` is the state of what has none.
    pub fn states(&mut self, column: &str, states: &[Option<String>]) -> &mut Self {
        if states.is_empty() {
            return self;
        }
        let named: Vec<String> = states.iter().flatten().cloned().collect();
        let mut parts = Vec::new();
        if !named.is_empty() {
            parts.push(format!("{column} IN ({})", marks(named.len())));
        }
        if named.len() < states.len() {
            parts.push(format!("{column} IS NULL"));
        }
        self.and(format!("({})", parts.join(" OR ")), named.into_iter().map(Into::into))
    }

    pub fn range<T: Into<Value> + Copy>(&mut self, column: &str, range: &Range<T>) -> &mut Self {
        for (sign, bound) in [(">=", range.gte), (">", range.gt), ("<=", range.lte), ("<", range.lt)] {
            if let Some(bound) = bound {
                self.and(format!("{column} {sign} ?"), [bound.into()]);
            }
        }
        self
    }

    pub fn patterns(&mut self, column: &str, patterns: &Patterns) -> &mut Self {
        if let Some(text) = &patterns.contains {
            self.alternatives(text, |term| Some((format!("{column} LIKE ?"), vec![format!("%{term}%")])));
        }
        if let Some(text) = &patterns.prefix {
            self.alternatives(text, |term| {
                let term = term.trim_end_matches(|letter: char| !letter.is_alphanumeric());
                let last = term.chars().last()?;
                let after = following(last)?;
                let upper = format!("{}{after}", &term[..term.len() - last.len_utf8()]);
                Some((format!("({column} >= ? AND {column} < ?)"), vec![term.to_owned(), upper]))
            });
        }
        self
    }

    fn alternatives(&mut self, text: &str, condition: impl Fn(&str) -> Option<(String, Vec<String>)>) {
        let terms: Vec<&str> = text.split('|').map(str::trim).filter(|term| !term.is_empty()).collect();
        if terms.is_empty() || terms.contains(&"~") {
            return;
        }
        let mut parts = Vec::new();
        let mut values = Vec::new();
        for term in terms {
            let Some((part, bound)) = condition(term) else { return };
            parts.push(part);
            values.extend(bound.into_iter().map(Value::from));
        }
        self.and(format!("({})", parts.join(" OR ")), values);
    }

    /// ` WHERE ...`, or nothing.
    pub fn clause(&self) -> String {
        if self.clauses.is_empty() { String::new() } else { format!(" WHERE {}", self.clauses.join(" AND ")) }
    }

    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The whole order: what is asked for, then `ties` in the direction of the first key.
    pub fn total_order(order: &[OrderKey], ties: &'static [&'static str]) -> Vec<OrderKey> {
        let descending = order.first().is_some_and(|key| key.descending);
        let mut keys = order.to_vec();
        for expression in ties {
            if !keys.iter().any(|key| key.expression == *expression) {
                keys.push(OrderKey { expression, descending });
            }
        }
        keys
    }

    /// ` ORDER BY ...` of such keys.
    pub fn order(keys: &[OrderKey]) -> String {
        // What a list sorts by nothing has a constant there, which is no sort key in SQL.
        let real = keys.iter().filter(|key| key.expression != "NULL");
        let keys: Vec<String> = real.map(|key| direction(key.expression, key.descending)).collect();
        format!(" ORDER BY {}", keys.join(", "))
    }
}

/// Nulls come first, and last when descending, in every database; that is said only where there may be one, so that an index serves.
fn direction(expression: &str, descending: bool) -> String {
    let column = expression.rsplit('.').next().unwrap_or(expression);
    let nulls = match (NEVER_NULL.contains(&column), descending) {
        (true, _) => "",
        (false, false) => " NULLS FIRST",
        (false, true) => " NULLS LAST",
    };
    format!("{expression}{}{nulls}", if descending { " DESC" } else { "" })
}

/// Columns that hold a value in every row of every table.
const NEVER_NULL: [&str; 16] = [
    "id",
    "run_pk",
    "dag_id",
    "run_id",
    "task_id",
    "map_index",
    "run_after",
    "key",
    "name",
    "pool",
    "conn_id",
    "dttm",
    "timestamp",
    "updated_at",
    "created_at",
    "version_number",
];

fn marks(count: usize) -> String {
    let mut text = "?,".repeat(count);
    text.pop();
    text
}

/// The next letter in code point order, to end the range of a prefix.
fn following(letter: char) -> Option<char> {
    (u32::from(letter) + 1..=u32::from(char::MAX)).find_map(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_join_and_unset_ones_vanish() {
        let mut filter = Filter::new();
        filter.equals("a", None::<i64>).among::<String>("b", &[]);
        assert_eq!(filter.clause(), "");
        filter
            .equals("a", Some(1_i64))
            .states("state", &[None, Some("failed".into())])
            .range("t", &Range { gte: Some(5_i64), lt: Some(9), ..Range::default() });
        assert_eq!(filter.clause(), " WHERE a = ? AND (state IN (?) OR state IS NULL) AND t >= ? AND t < ?");
        assert_eq!(filter.values().len(), 4);
    }

    #[test]
    fn patterns_take_alternatives_and_the_tilde_takes_all() {
        let clause = |contains: Option<&str>, prefix: Option<&str>| {
            let mut filter = Filter::new();
            filter.patterns("x", &Patterns { contains: contains.map(Into::into), prefix: prefix.map(Into::into) });
            filter.clause()
        };
        assert_eq!(clause(Some("a|b"), None), " WHERE (x LIKE ? OR x LIKE ?)");
        assert_eq!(clause(Some("a|~"), None), "");
        assert_eq!(clause(None, Some("etl__")), " WHERE ((x >= ? AND x < ?))");
        assert_eq!(clause(None, Some("__")), "");
    }

    #[test]
    fn the_tie_break_follows_the_first_key() {
        let start = OrderKey { expression: "start_date", descending: true };
        assert_eq!(Filter::order(&Filter::total_order(&[start], &["id"])), " ORDER BY start_date DESC NULLS LAST, id DESC");
        assert_eq!(Filter::order(&Filter::total_order(&[], &["id", "x"])), " ORDER BY id, x NULLS FIRST");
    }
}
