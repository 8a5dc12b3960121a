//! A table, for a page and for a terminal.

use realmward_detect::detectors;
use serde_json::Value;

/// Headings and rows of plain text; a first column and as many figures as wanted.
pub(super) struct Table {
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(super) fn new(head: &[&str]) -> Self {
        Self {
            head: head.iter().map(|it| (*it).to_owned()).collect(),
            rows: Vec::new(),
        }
    }

    pub(super) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().collect());
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// As Markdown; detections become links to their pages, techniques to ATT&CK.
    pub(super) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<String> = cells.iter().map(|it| linked(it)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = vec!["---".to_owned(); self.head.len()];
        let mut text = line(&self.head) + &line(&rule);
        for row in &self.rows {
            text += &line(row);
        }
        text
    }

    /// An object a row, with the headings as keys.
    pub(super) fn json(&self) -> Vec<Value> {
        let object = |row: &Vec<String>| {
            let cells = self.head.iter().cloned().zip(row.iter().cloned());
            cells
                .map(|(key, cell)| (key, Value::String(cell)))
                .collect()
        };
        self.rows.iter().map(object).map(Value::Object).collect()
    }

    /// In columns.
    pub(super) fn text(&self) -> String {
        let all = || std::iter::once(&self.head).chain(&self.rows);
        let mut widths = vec![0; self.head.len()];
        for row in all() {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        let mut text = String::new();
        for row in all() {
            let cells = row.iter().zip(&widths);
            let line: Vec<String> = cells.map(|(it, width)| format!("{it:width$}")).collect();
            text += line.join("  ").trim_end();
            text += "\n";
        }
        text
    }
}

fn linked(cell: &str) -> String {
    let is_detection = |it: &str| detectors::ALL.iter().any(|d| d.metadata.id == it);
    let words: Vec<String> = cell
        .split(", ")
        .map(|it| match it.strip_prefix('T') {
            _ if is_detection(it) => format!("[`{it}`](alerts/{it}.md)"),
            Some(number) if number.starts_with(|it: char| it.is_ascii_digit()) => format!(
                "[{it}](https://attack.mitre.org/techniques/T{}/)",
                number.replace('.', "/")
            ),
            _ => it.replace('|', "\\|"),
        })
        .collect();
    words.join(", ")
}

/// `3 of 4`, or a dash of none.
pub(super) fn share(part: usize, whole: usize) -> String {
    if whole == 0 {
        return NONE.to_owned();
    }
    format!("{part} of {whole}")
}

/// `2 encrypted, 1 defect`, or a dash.
pub(super) fn counted<T: Ord + ToString>(things: impl Iterator<Item = T>) -> String {
    let mut counts = std::collections::BTreeMap::new();
    for thing in things {
        *counts.entry(thing).or_insert(0_u32) += 1;
    }
    if counts.is_empty() {
        return NONE.to_owned();
    }
    let words = counts
        .iter()
        .map(|(it, n)| format!("{n} {}", it.to_string()));
    words.collect::<Vec<_>>().join(", ")
}

/// Seconds as people read them.
pub(super) fn span(seconds: f64) -> String {
    match seconds {
        ..10.0 => format!("{seconds:.1} s"),
        10.0..600.0 => format!("{seconds:.0} s"),
        _ => format!("{:.0} min", seconds / 60.0),
    }
}

pub(super) const NONE: &str = "–";
