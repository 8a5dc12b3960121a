//! The graph as shapes and lines with coordinates, for the template to draw.

use super::curve::{Labels, OUT, curve};
use super::graph::{Edge, Kind, Node, Reach};
use super::layout::{Layout, Slot};
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::EdgeRef as _;
use realmward_detect::Severity;
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
    /// The severity, or `seen` if no alert speaks of it: the class in the style sheet.
    pub(super) class: &'static str,
    /// Whether the arrow points to the beginning of the path.
    pub(super) is_backward: bool,
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

    /// The severity for the table.
    pub(super) fn severity(&self) -> &'static str {
        if self.alerts.is_empty() {
            "no alert"
        } else {
            self.class
        }
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
        width: (columns * COLUMN - GAP).max(0) + 2 * MARGIN + OUT,
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
    let mut labels = Labels::default();
    for edge in reach.graph.edge_references() {
        let ends = (edge.source(), edge.target());
        let line = line(reach, &places, edge.id(), ends, edge.weight());
        picture.lines.extend(line.map(|(mut line, spots)| {
            if !line.alerts.is_empty() {
                (line.x, line.y) = labels.place(&spots, line.half());
            }
            line
        }));
    }
    // Lines of alerts are drawn last, on top.
    picture.lines.sort_by_key(|it| !it.alerts.is_empty());
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
) -> Option<(Line, Vec<(i64, i64)>)> {
    let mut points = points(places, index, from, to);
    let is_backward = points.last()?.0 < points.first()?.0;
    if is_backward {
        points = self::points(places, index, to, from);
    }
    let curve = curve(&points, is_backward)?;
    let line = Line {
        path: curve.path,
        class: edge.severity.map_or("seen", Severity::word),
        is_backward,
        x: 0,
        y: 0,
        from: full(reach.graph.node_weight(from)?),
        to: full(reach.graph.node_weight(to)?),
        what: edge.what.join("; "),
        alerts: edge.alerts.clone(),
    };
    Some((line, curve.spots))
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
pub(super) const WIDTH: i64 = 190;
const GAP: i64 = 104;
const COLUMN: i64 = WIDTH + GAP;

/// Height of a node with the space around it.
const ROW: i64 = 64;

/// Around the whole picture.
const MARGIN: i64 = 16;

/// Characters in a shape beside its icon.
const LABEL_CELLS: usize = 17;
