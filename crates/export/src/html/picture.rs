//! The graph as shapes and lines with coordinates, for the template to draw.

use super::graph::{Edge, Kind, Node, Reach};
use super::layout::{Layout, Slot};
use crate::words;
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef as _;
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthChar as _;

/// The picture and its table twin.
#[derive(Default)]
pub(super) struct Picture {
    pub(super) width: i64,
    pub(super) height: i64,
    pub(super) nodes: Vec<Shape>,
    pub(super) lines: Vec<Line>,
    pub(super) left_out: usize,
}

/// A node at its place; `x` and `y` are its middle.
pub(super) struct Shape {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) kind: Kind,
    pub(super) label: String,
    pub(super) detail: String,
    /// The whole name, for pointers and readers of screens.
    pub(super) full: String,
}

/// An edge with its path.
pub(super) struct Line {
    pub(super) path: String,
    pub(super) severity: &'static str,
    /// Where its label stands.
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) from: String,
    pub(super) to: String,
    pub(super) what: String,
    pub(super) alerts: Vec<u64>,
}

impl Line {
    /// The first alert, to which the label leads.
    pub(super) fn first(&self) -> u64 {
        self.alerts.first().copied().unwrap_or_default()
    }

    /// `1, 2 …`.
    pub(super) fn label(&self) -> String {
        let shown: Vec<String> = self.alerts.iter().take(3).map(u64::to_string).collect();
        let more = if 3 < self.alerts.len() { " …" } else { "" };
        format!("{}{more}", shown.join(", "))
    }

    /// Half the width of the label.
    pub(super) fn half(&self) -> i64 {
        i64::try_from(self.label().chars().count()).unwrap_or(8) * 4 + 8
    }
}

impl Shape {
    /// The class of the shape in the style sheet.
    pub(super) const fn class(&self) -> &'static str {
        match self.kind {
            Kind::Account => "account",
            Kind::Device => "device",
            Kind::DomainController => "controller",
        }
    }
}

type Places = BTreeMap<(usize, Slot), (i64, i64)>;

/// Draws the graph.
pub(super) fn draw(reach: &Reach) -> Picture {
    let layout = Layout::new(reach);
    let (places, height) = places(&layout);
    let columns = i64::try_from(layout.columns.len()).unwrap_or(0);
    let mut picture = Picture {
        width: (columns * COLUMN - GAP).max(0) + 2 * MARGIN,
        height,
        left_out: reach.left_out,
        ..Picture::default()
    };
    for ((_, slot), (x, y)) in &places {
        if let Slot::Node(index) = slot
            && let Some(node) = reach.graph.node_weight(*index)
        {
            picture.nodes.push(shape(node, *x, *y));
        }
    }
    for edge in reach.graph.edge_references() {
        let ends = (edge.source(), edge.target());
        picture
            .lines
            .extend(line(reach, &places, edge.id(), ends, edge.weight()));
    }
    picture
}

fn places(layout: &Layout) -> (Places, i64) {
    let tall = |slots: &[Slot]| slots.iter().map(|it| room(*it)).sum::<i64>();
    let height = layout.columns.iter().map(|it| tall(it)).max().unwrap_or(0);
    let mut places = Places::new();
    let mut x = MARGIN + WIDTH / 2;
    for (column, slots) in layout.columns.iter().enumerate() {
        let mut y = MARGIN + (height - tall(slots)) / 2;
        for slot in slots {
            places.insert((column, *slot), (x, y + room(*slot) / 2));
            y += room(*slot);
        }
        x += COLUMN;
    }
    (places, height + 2 * MARGIN)
}

const fn room(slot: Slot) -> i64 {
    match slot {
        Slot::Node(_) => ROW,
        Slot::Via(_) => ROW / 2,
    }
}

fn shape(node: &Node, x: i64, y: i64) -> Shape {
    Shape {
        x,
        y,
        kind: node.kind,
        label: shortened(&node.label),
        detail: shortened(&node.detail),
        full: full(node),
    }
}

fn full(node: &Node) -> String {
    if node.detail.is_empty() {
        format!("{} {}", node.kind.word(), node.label)
    } else {
        format!("{} {} ({})", node.kind.word(), node.label, node.detail)
    }
}

fn line(
    reach: &Reach,
    places: &Places,
    index: EdgeIndex,
    (from, to): (NodeIndex, NodeIndex),
    edge: &Edge,
) -> Option<Line> {
    let points = points(places, index, from, to);
    let (path, x, y) = path(&points)?;
    Some(Line {
        path,
        severity: words::severity(edge.severity),
        x,
        y,
        from: full(reach.graph.node_weight(from)?),
        to: full(reach.graph.node_weight(to)?),
        what: edge.what.join("; "),
        alerts: edge.alerts.clone(),
    })
}

/// The middle of both ends and of every place between, from left to right.
fn points(places: &Places, edge: EdgeIndex, from: NodeIndex, to: NodeIndex) -> Vec<(i64, i64)> {
    let of = |slot| places.iter().filter(move |((_, it), _)| *it == slot);
    of(Slot::Node(from))
        .chain(of(Slot::Via(edge)))
        .chain(of(Slot::Node(to)))
        .map(|(_, at)| *at)
        .collect()
}

/// A smooth path through the points, and where its label stands.
fn path(points: &[(i64, i64)]) -> Option<(String, i64, i64)> {
    let (first, rest) = points.split_first()?;
    let last = rest.last()?;
    if first.0 == last.0 {
        let x = first.0 + WIDTH / 2;
        let out = x + GAP / 2;
        let path = format!(
            "M{x} {} C{out} {} {out} {} {} {}",
            first.1,
            first.1,
            last.1,
            x + TIP,
            last.1
        );
        return Some((path, x + GAP * 3 / 8, i64::midpoint(first.1, last.1)));
    }
    let (mut x, mut y) = (first.0 + WIDTH / 2, first.1);
    let mut path = format!("M{x} {y}");
    let mut label = None;
    for (place, next) in (1..).zip(rest) {
        let enter = next.0 - WIDTH / 2 - if place == rest.len() { TIP } else { 0 };
        let middle = i64::midpoint(x, enter);
        path.push_str(&format!(
            " C{middle} {y} {middle} {} {enter} {}",
            next.1, next.1
        ));
        label.get_or_insert((middle, i64::midpoint(y, next.1)));
        (x, y) = (enter, next.1);
        if place < rest.len() {
            x = next.0 + WIDTH / 2;
            path.push_str(&format!(" L{x} {y}"));
        }
    }
    label.map(|(x, y)| (path, x, y))
}

/// As much of a name as its shape holds.
fn shortened(name: &str) -> String {
    let mut cells = 0;
    let mut short = String::new();
    for character in name.chars() {
        cells += character.width().unwrap_or(6);
        if LABEL_CELLS < cells {
            short.push('…');
            break;
        }
        short.push(character);
    }
    short
}

/// Width of a shape, of the gap beside it, and of both.
const WIDTH: i64 = 200;
const GAP: i64 = 110;
const COLUMN: i64 = WIDTH + GAP;

/// Height of a node with the space around it.
const ROW: i64 = 76;

/// Around the whole picture.
const MARGIN: i64 = 16;

/// Length of an arrow's head.
const TIP: i64 = 7;

/// Characters in a shape beside its icon.
const LABEL_CELLS: usize = 17;
