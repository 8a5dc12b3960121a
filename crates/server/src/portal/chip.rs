//! Filters as links with the number of what they would show.

use super::address::Address;
use realmward_export::words::number;

/// A filter.
pub(super) struct Chip {
    pub(super) text: String,
    /// How many; empty if not counted.
    pub(super) count: String,
    pub(super) href: String,
    pub(super) is_on: bool,
    /// A class of the style sheet.
    pub(super) class: &'static str,
}

/// Filters of which one holds.
pub(super) struct Chips {
    pub(super) name: &'static str,
    pub(super) chips: Vec<Chip>,
}

impl Chip {
    /// A filter that asks for `value` by `name`; if it holds already, the link takes it away.
    pub(super) fn new(address: &Address, name: &str, value: &str, text: &str) -> Self {
        let is_on = address.value(name) == value;
        let href = if is_on && !value.is_empty() {
            address.without(name)
        } else {
            address.with(name, value)
        };
        Self {
            text: text.to_owned(),
            count: String::new(),
            href: href.to_string(),
            is_on,
            class: "",
        }
    }

    pub(super) fn counted(self, count: u64) -> Self {
        Self {
            count: number(count),
            ..self
        }
    }

    pub(super) fn class(self, class: &'static str) -> Self {
        Self { class, ..self }
    }
}

/// What else narrows a list, each value as a link that takes it away; `said` says a value in words.
pub(super) fn others(
    address: &Address,
    names: &[(&str, &str)],
    said: impl Fn(&str, &str) -> String,
) -> Vec<Chip> {
    let chip = |name: &str, text: &str, value: &str, rest: Address| Chip {
        text: format!("{text} {}", said(name, value)),
        count: String::new(),
        href: rest.to_string(),
        is_on: true,
        class: "removable",
    };
    let mut chips = Vec::new();
    for (name, text) in names {
        let value = address.value(name);
        if name.starts_with("not_") {
            for one in value.split(',').filter(|it| !it.is_empty()) {
                chips.push(chip(name, text, one, address.except(name, one)));
            }
        } else if !value.is_empty() {
            chips.push(chip(name, text, value, address.without(name)));
        }
    }
    chips
}

/// A value as it is written.
pub(super) fn plain(_: &str, value: &str) -> String {
    value.to_owned()
}
