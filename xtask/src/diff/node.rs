//! What tshark says of a frame: the protocols in it as trees, as in its PDML.

use std::collections::BTreeSet;

/// A protocol or a field.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// tshark's name, as in its display filters.
    pub(crate) name: String,
    /// The value as tshark shows it.
    pub(crate) show: String,
    /// The octets, in hexadecimal digits.
    pub(crate) value: String,
    /// What stands below it.
    pub(crate) children: Vec<Self>,
}

/// One frame, with those protocols that tables look at.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// Its number in the capture, from 1.
    pub(crate) number: u64,
    /// Its connection, like `tcp 4`.
    pub(crate) stream: String,
    /// What may explain a difference: protocols found, `malformed`, `cut`, `tcp.analysis.*`.
    pub(crate) notes: BTreeSet<String>,
    /// The protocols.
    pub(crate) protocols: Vec<Node>,
}

impl Node {
    /// The first node below that has the name, however deep.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|it| {
            if it.name == name {
                return Some(it);
            }
            it.find(name)
        })
    }

    /// What [`Self::find`] shows.
    pub(crate) fn shown(&self, name: &str) -> Option<&str> {
        self.find(name).map(|it| it.show.as_str())
    }

    /// The direct child of the name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|it| it.name == name)
    }

    /// Calls `visit` with this node and all below, from the top; below a node for which it returns
    /// false nothing is visited.
    pub(crate) fn walk<'a>(&'a self, visit: &mut impl FnMut(&'a Self) -> bool) {
        if visit(self) {
            for child in &self.children {
                child.walk(visit);
            }
        }
    }

    /// All nodes below that have the name, in order.
    pub(crate) fn all(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.walk(&mut |it| {
            if it.name == name {
                found.push(it);
            }
            true
        });
        found
    }

    /// This node and those below that have the name, but for those within another of them.
    pub(crate) fn nested(&self, name: &str) -> Vec<&Self> {
        let mut found = Vec::new();
        self.walk(&mut |it| {
            let is_it = it.name == name;
            if is_it {
                found.push(it);
            }
            !is_it
        });
        found
    }

    /// The octets.
    pub(crate) fn octets(&self) -> Vec<u8> {
        let digits = self.value.as_bytes();
        let pairs = digits.chunks_exact(2);
        pairs
            .filter_map(|it| u8::from_str_radix(str::from_utf8(it).ok()?, 16).ok())
            .collect()
    }

    /// The number that it shows, in decimal or after `0x`.
    pub(crate) fn number(&self) -> Option<u64> {
        number(&self.show)
    }
}

/// A number as tshark shows it.
pub(crate) fn number(show: &str) -> Option<u64> {
    match show.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => show.parse().ok(),
    }
}
