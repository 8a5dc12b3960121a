//! Pages of long lists, by key: what was added meanwhile neither repeats nor skips a row.

use crate::open::Fault;
use rusqlite::types::Value;
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which part of a list; lists begin with the newest or most urgent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// At most so many, up to 1,000.
    pub limit: usize,
    /// Only what follows this row.
    pub after: Option<Cursor>,
    /// Only what comes before this row, nearest to it; `after` is ignored then.
    pub before: Option<Cursor>,
}

impl Page {
    /// The first so many.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self {
            limit,
            after: None,
            before: None,
        }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self::first(50)
    }
}

/// A place in a list: what it is ordered by, and the row's number. Written as `KEY_NUMBER`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cursor {
    key: i64,
    id: i64,
}

impl Cursor {
    pub(crate) const fn new(key: i64, id: i64) -> Self {
        Self { key, id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.key, self.id)
    }
}

impl FromStr for Cursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (key, id) = text.split_once('_').unwrap_or((text, ""));
        Ok(Self {
            key: key.parse()?,
            id: id.parse()?,
        })
    }
}

/// A part of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing<T> {
    /// The rows, in the order of the list.
    pub items: Vec<T>,
    /// For [`Page::after`], if there is more.
    pub next: Option<Cursor>,
    /// For [`Page::before`], if there may be something before.
    pub previous: Option<Cursor>,
}

/// Conditions of a query, with their values.
#[derive(Clone, Default)]
pub(crate) struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; each `?` in it takes the next of `values`.
    pub(crate) fn add<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.text
            .push_str(if self.text.is_empty() { "" } else { " AND " });
        self.text.push_str(condition);
        self.values.extend(values);
    }

    /// Adds `column IN (...)` unless `words` is empty: then everything goes.
    pub(crate) fn any_of(&mut self, column: &str, words: impl IntoIterator<Item = String>) {
        let values: Vec<Value> = words.into_iter().map(Value::Text).collect();
        if values.is_empty() {
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.add(&format!("{column} IN ({marks})"), []);
        self.values.extend(values);
    }

    /// Adds that `column` is none of `words`; what has no value is none of them.
    pub(crate) fn none_of(&mut self, column: &str, words: impl IntoIterator<Item = String>) {
        let values: Vec<Value> = words.into_iter().map(Value::Text).collect();
        if values.is_empty() {
            return;
        }
        let marks = vec!["?"; values.len()].join(", ");
        self.add(&format!("coalesce({column}, '') NOT IN ({marks})"), []);
        self.values.extend(values);
    }

    /// Adds all of `others`.
    pub(crate) fn add_all(&mut self, others: Self) {
        if !others.is_empty() {
            self.add(&others.text, []);
            self.values.extend(others.values);
        }
    }

    /// Whether everything goes.
    pub(crate) const fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Adds that no row of `table` meets `others`.
    pub(crate) fn add_none(&mut self, table: &str, others: Self) {
        let clause = others.clause();
        self.add(&format!("NOT EXISTS (SELECT 1 FROM {table}{clause})"), []);
        self.values.extend(others.values);
    }

    /// ` WHERE ...`, or nothing.
    pub(crate) fn clause(&self) -> String {
        if self.text.is_empty() {
            String::new()
        } else {
            format!(" WHERE {}", self.text)
        }
    }

    pub(crate) fn values(&self) -> impl rusqlite::Params + '_ {
        rusqlite::params_from_iter(&self.values)
    }
}

/// What a list is ordered by, the highest first.
#[derive(Clone, Copy)]
pub(crate) struct Order {
    /// A column of 64-bit numbers, never null.
    pub(crate) key: &'static str,
    /// A unique number.
    pub(crate) id: &'static str,
}

impl Order {
    /// Adds where a page begins, and says in which direction it is read.
    pub(crate) fn begin(self, conditions: &mut Conditions, page: &Page) -> &'static str {
        let (direction, sign, from) = match page.before {
            Some(before) => ("ASC", ">", Some(before)),
            None => ("DESC", "<", page.after),
        };
        if let Some(from) = from {
            self.beside(conditions, sign, from);
        }
        direction
    }

    /// Adds where a page ends, at the latest.
    pub(crate) fn up_to(self, conditions: &mut Conditions, bound: Cursor, page: &Page) {
        let sign = if page.before.is_some() { "<=" } else { ">=" };
        self.beside(conditions, sign, bound);
    }

    fn beside(self, conditions: &mut Conditions, sign: &str, place: Cursor) {
        let Self { key, id } = self;
        if key == id {
            conditions.add(&format!("{id} {sign} ?"), [place.id.into()]);
        } else {
            let condition = format!("({key}, {id}) {sign} (?, ?)");
            conditions.add(&condition, [place.key.into(), place.id.into()]);
        }
    }
}

/// Runs `select` (columns and tables) for one page; `read` gets rows whose first two columns are the
/// key and the number.
pub(crate) fn list<T>(
    connection: &Connection,
    select: &str,
    mut conditions: Conditions,
    order: Order,
    page: &Page,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Result<Listing<T>, Fault> {
    let limit = page.limit.clamp(1, LIMIT_MAX);
    let Order { key, id } = order;
    let direction = order.begin(&mut conditions, page);
    let from = page.before.or(page.after);
    // A list by its number alone is ordered by one column: the text index cannot read backwards by two.
    let by_key = if key == id {
        String::new()
    } else {
        format!("{key} {direction}, ")
    };
    let sql = format!(
        "SELECT {key}, {id}, {select}{} ORDER BY {by_key}{id} {direction} LIMIT {}",
        conditions.clause(),
        limit + 1
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows: Vec<(Cursor, T)> = statement
        .query_map(conditions.values(), |row| {
            let place = Cursor {
                key: row.get(0)?,
                id: row.get(1)?,
            };
            Ok((place, read(row)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let is_more = limit < rows.len();
    rows.truncate(limit);
    let is_backward = page.before.is_some();
    if is_backward {
        rows.reverse();
    }
    let first = rows.first().map(|it| it.0);
    let last = rows.last().map(|it| it.0);
    Ok(Listing {
        next: last.filter(|_| is_more || is_backward),
        previous: first.filter(|_| if is_backward { is_more } else { from.is_some() }),
        items: rows.into_iter().map(|it| it.1).collect(),
    })
}

/// No page shows more; exports go page by page.
pub(crate) const LIMIT_MAX: usize = 1_000;
