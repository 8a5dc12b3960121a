//! A page of the log, found by looking at a bounded number of rows.
//!
//! Two conditions that many rows meet each, but none both, would have a page look at all of them. So a
//! page ends where it looked at so many; who wants to look further asks for the next one.

use super::{Activity, COLUMNS, activity};
use crate::codec::number;
use crate::open::Fault;
use crate::page::{Conditions, LIMIT_MAX, Order, list};
use crate::{Cursor, Listing, Page};
use rusqlite::{Connection, OptionalExtension};

/// Where rows are found, and in which order.
pub(super) struct Table {
    /// What the leading condition looks into.
    pub(super) index: &'static str,
    /// The same with all columns.
    pub(super) rows: &'static str,
    pub(super) order: Order,
}

/// A page, and how far was looked if that was not far enough to know what follows.
pub(super) struct Part {
    pub(super) listing: Listing<Activity>,
    bound: Option<Cursor>,
}

/// Reads a page of what meets `lead`, which has an index, and `rest`, which each row is looked at for.
pub(super) fn read(
    it: &Connection,
    lead: Conditions,
    rest: Conditions,
    page: &Page,
    table: &Table,
) -> Result<Part, Fault> {
    let bound = match rest.is_empty() {
        true => None,
        false => bound(it, lead.clone(), page, table)?,
    };
    let mut conditions = lead;
    conditions.add_all(rest);
    if let Some(bound) = bound {
        table.order.up_to(&mut conditions, bound, page);
    }
    let select = format!("{COLUMNS} FROM {}", table.rows);
    let mut listing = list(it, &select, conditions, table.order, page, |row| {
        activity(row, 2)
    })?;
    let edge = match page.before {
        Some(_) => &mut listing.previous,
        None => &mut listing.next,
    };
    let bound = bound.filter(|_| edge.is_none());
    *edge = edge.or(bound);
    Ok(Part { listing, bound })
}

/// The last row that is looked at, if there are more.
fn bound(
    it: &Connection,
    mut lead: Conditions,
    page: &Page,
    table: &Table,
) -> Result<Option<Cursor>, Fault> {
    let Order { key, id } = table.order;
    let direction = table.order.begin(&mut lead, page);
    let by_key = match key == id {
        true => String::new(),
        false => format!("{key} {direction}, "),
    };
    Ok(it
        .prepare_cached(&format!(
            "SELECT {key}, {id} FROM {}{} ORDER BY {by_key}{id} {direction} LIMIT 1 OFFSET {LOOKED_AT}",
            table.index,
            lead.clause()
        ))?
        .query_row(lead.values(), |row| Ok(Cursor::new(row.get(0)?, row.get(1)?)))
        .optional()?)
}

fn limit(page: &Page) -> usize {
    page.limit.clamp(1, LIMIT_MAX)
}

/// Two pages of the same place in two lists as one page of both.
pub(super) fn merged(one: Part, other: Part, page: &Page) -> Listing<Activity> {
    let is_backward = page.before.is_some();
    let nearer = |a: Cursor, b: Cursor| if is_backward { a.min(b) } else { a.max(b) };
    let bound = match (one.bound, other.bound) {
        (Some(a), Some(b)) => Some(nearer(a, b)),
        (a, b) => a.or(b),
    };
    let mut is_more = if is_backward {
        one.listing.previous.or(other.listing.previous).is_some()
    } else {
        one.listing.next.or(other.listing.next).is_some()
    };
    let place = |it: &Activity| Cursor::new(it.time.unix_nanoseconds(), number(it.id));
    let mut items = one.listing.items;
    items.extend(other.listing.items);
    items.sort_by_key(|it| std::cmp::Reverse(place(it)));
    items.dedup_by_key(|it| it.id);
    // Past the bound of one list the other has rows between which some of the first may be missing.
    items.retain(|it| match bound {
        Some(bound) if is_backward => place(it) <= bound,
        Some(bound) => bound <= place(it),
        None => true,
    });
    let excess = items.len().saturating_sub(limit(page));
    is_more |= 0 < excess;
    if is_backward {
        items.drain(..excess);
    } else {
        items.truncate(items.len() - excess);
    }
    let is_later = if is_backward {
        is_more
    } else {
        page.after.is_some()
    };
    let bound = bound.filter(|_| items.len() < limit(page));
    let (older, newer) = if is_backward {
        (None, bound)
    } else {
        (bound, None)
    };
    Listing {
        next: older.or(items.last().map(place).filter(|_| is_more || is_backward)),
        previous: newer.or(items.first().map(place).filter(|_| is_later)),
        items,
    }
}

/// Some tens of milliseconds.
pub(super) const LOOKED_AT: u32 = 50_000;
