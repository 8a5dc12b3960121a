//! Places the graph in columns from left to right, always the same for the same graph.
//!
//! The method of Sugiyama, Tagawa and Toda (1981): cycles are one layer, layers are longest paths,
//! edges over several columns get a place of their own in each, and a few sweeps put everything near
//! what it is joined to.

use super::graph::{Kind, Reach};
use petgraph::Direction;
use petgraph::algo::tarjan_scc;
use petgraph::graph::{EdgeIndex, NodeIndex};
use petgraph::visit::{EdgeFiltered, EdgeRef as _, IntoEdges as _, IntoNeighborsDirected as _};
use std::collections::BTreeMap;

/// What stands at a place of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    Node(NodeIndex),
    /// An edge on its way through the column.
    Via(EdgeIndex),
}

/// Columns of slots, and the links between neighbouring columns.
pub(super) struct Layout {
    pub(super) columns: Vec<Vec<Slot>>,
    links: BTreeMap<(usize, Slot), Vec<Slot>>,
}

impl Layout {
    pub(super) fn new(reach: &Reach) -> Self {
        let layer = layers(reach);
        let depth = layer.values().max().map_or(0, |it| it + 1);
        let mut layout = Self {
            columns: vec![Vec::new(); depth],
            links: BTreeMap::new(),
        };
        for node in reach.graph.node_indices() {
            layout.put(column(&layer, node), Slot::Node(node));
        }
        for edge in reach.graph.edge_references() {
            layout.route(&layer, edge.id(), edge.source(), edge.target());
        }
        for _ in 0..SWEEPS {
            layout.sweep();
        }
        layout
    }

    fn put(&mut self, column: usize, slot: Slot) {
        if let Some(slots) = self.columns.get_mut(column) {
            slots.push(slot);
        }
    }

    fn route(
        &mut self,
        layer: &BTreeMap<NodeIndex, usize>,
        edge: EdgeIndex,
        source: NodeIndex,
        target: NodeIndex,
    ) {
        let (first, last) = (column(layer, source), column(layer, target));
        if last < first {
            self.route(layer, edge, target, source);
            return;
        }
        let mut before = Slot::Node(source);
        for place in first + 1..=last {
            let slot = if place == last {
                Slot::Node(target)
            } else {
                self.put(place, Slot::Via(edge));
                Slot::Via(edge)
            };
            self.links
                .entry((place - 1, before))
                .or_default()
                .push(slot);
            self.links.entry((place, slot)).or_default().push(before);
            before = slot;
        }
    }

    /// Orders each column by the middle of the neighbours, left to right and back.
    fn sweep(&mut self) {
        let depth = self.columns.len();
        for column in (0..depth).chain((0..depth).rev()) {
            let mut places = BTreeMap::new();
            for near in [column.checked_sub(1), Some(column + 1)]
                .into_iter()
                .flatten()
            {
                let Some(slots) = self.columns.get(near) else {
                    continue;
                };
                let middle = slots.len();
                for (place, slot) in slots.iter().enumerate() {
                    // Twice the distance from the middle, so that columns of unequal length agree.
                    places.insert((near, *slot), (2 * place + 1, middle));
                }
            }
            self.order(column, &places);
        }
    }

    fn order(&mut self, column: usize, places: &BTreeMap<(usize, Slot), (usize, usize)>) {
        let links = &self.links;
        let wish = |own: usize, length: usize, slot: Slot| -> i64 {
            let near = links.get(&(column, slot));
            let wishes: Vec<i64> = near
                .into_iter()
                .flatten()
                .filter_map(|it| {
                    [column.checked_sub(1), Some(column + 1)]
                        .into_iter()
                        .flatten()
                        .find_map(|near| places.get(&(near, *it)))
                })
                .map(|(place, length)| relative(*place, *length))
                .collect();
            match i64::try_from(wishes.len()) {
                Ok(count) if 0 < count => wishes.iter().sum::<i64>() / count,
                _ => relative(2 * own + 1, length),
            }
        };
        if let Some(slots) = self.columns.get_mut(column) {
            let length = slots.len();
            let mut wanted: Vec<(i64, usize, Slot)> = slots
                .iter()
                .enumerate()
                .map(|(own, slot)| (wish(own, length, *slot), own, *slot))
                .collect();
            wanted.sort_unstable();
            *slots = wanted.into_iter().map(|(_, _, slot)| slot).collect();
        }
    }
}

/// Distance from the middle of the column, in hundredths of a place.
fn relative(twice_place: usize, length: usize) -> i64 {
    let place = i64::try_from(twice_place).unwrap_or(0);
    (place - i64::try_from(length).unwrap_or(0)) * 50
}

/// The column of each node: behind everything that alerts say reaches it. Accounts that act come
/// first, devices behind them. What alerts do not join stands beside what it is joined to.
fn layers(reach: &Reach) -> BTreeMap<NodeIndex, usize> {
    let graph = EdgeFiltered::from_fn(&reach.graph, |it| it.weight().severity.is_some());
    let is_told =
        |node: NodeIndex| (&graph).edges(node).next().is_some() || is_reached(reach, node);
    let has_actors = reach.graph.node_indices().any(|it| is_actor(reach, it));
    let mut layer = BTreeMap::new();
    for component in tarjan_scc(&graph).into_iter().rev() {
        let behind = component
            .iter()
            .flat_map(|node| (&graph).neighbors_directed(*node, Direction::Incoming))
            .filter_map(|node| layer.get(&node))
            .max()
            .map_or(0, |it: &usize| it + 1);
        let least = usize::from(has_actors && !component.iter().all(|it| is_actor(reach, *it)));
        for node in component.into_iter().filter(|it| is_told(*it)) {
            layer.insert(node, behind.max(least));
        }
    }
    let beside: Vec<(NodeIndex, usize)> = reach
        .graph
        .node_indices()
        .filter(|it| !layer.contains_key(it))
        .map(|node| (node, beside(reach, &layer, node)))
        .collect();
    layer.extend(beside);
    layer
}

/// Just before what it reaches, or just behind what reaches it.
fn beside(reach: &Reach, layer: &BTreeMap<NodeIndex, usize>, node: NodeIndex) -> usize {
    let near = |direction| {
        let nodes = reach.graph.neighbors_directed(node, direction);
        nodes.filter_map(|it| layer.get(&it).copied())
    };
    match near(Direction::Outgoing).min() {
        Some(next) => next.saturating_sub(1),
        None => near(Direction::Incoming).max().map_or(0, |it| it + 1),
    }
}

/// Whether an alert says that something reached it.
fn is_reached(reach: &Reach, node: NodeIndex) -> bool {
    let mut incoming = reach.graph.edges_directed(node, Direction::Incoming);
    incoming.any(|it| it.weight().severity.is_some())
}

/// Whether alerts name it as an account that acts and is not reached.
fn is_actor(reach: &Reach, node: NodeIndex) -> bool {
    let kind = reach.graph.node_weight(node).map(|it| it.kind);
    let mut outgoing = reach.graph.edges_directed(node, Direction::Outgoing);
    kind == Some(Kind::Account)
        && outgoing.any(|it| it.weight().severity.is_some())
        && !is_reached(reach, node)
}

fn column(layer: &BTreeMap<NodeIndex, usize>, node: NodeIndex) -> usize {
    layer.get(&node).copied().unwrap_or(0)
}

/// Orders settle after a few sweeps.
const SWEEPS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Report;
    use crate::report::Alert;
    use realmward_detect::{Party, PartyHost, PartyRole};

    fn alert(number: u64, actor: &str, source: &str, target: &str) -> Alert {
        let host = |ip: &str, role| PartyHost {
            ip: Some(ip.parse().unwrap()),
            name: None,
            role,
        };
        Alert {
            number,
            accounts: vec![Party {
                name: actor.into(),
                ..Party::default()
            }],
            hosts: vec![
                host(source, PartyRole::Source),
                host(target, PartyRole::Target),
            ],
            ..Alert::default()
        }
    }

    fn columns(alerts: Vec<Alert>) -> Vec<Vec<String>> {
        let reach = Reach::new(&Report {
            alerts,
            ..Report::default()
        });
        let label = |slot: &Slot| match slot {
            Slot::Node(node) => reach.graph[*node].label.clone(),
            Slot::Via(_) => "|".to_owned(),
        };
        Layout::new(&reach)
            .columns
            .iter()
            .map(|column| column.iter().map(label).collect())
            .collect()
    }

    #[test]
    fn a_chain_runs_from_left_to_right() {
        let alerts = vec![
            alert(1, "eve", "10.0.0.1", "10.0.0.2"),
            alert(2, "bob", "10.0.0.2", "10.0.0.3"),
        ];
        let columns = columns(alerts);
        assert_eq!(columns[0], ["eve", "bob"]);
        assert_eq!(
            columns[1..].concat(),
            ["10.0.0.1", "|", "10.0.0.2", "10.0.0.3"]
        );
    }

    #[test]
    fn hosts_that_reach_each_other_share_a_column() {
        let alerts = vec![
            alert(1, "eve", "10.0.0.1", "10.0.0.2"),
            alert(2, "eve", "10.0.0.2", "10.0.0.1"),
        ];
        assert_eq!(columns(alerts)[1].len(), 2);
    }

    #[test]
    fn an_edge_over_a_column_has_a_place_in_it() {
        let alerts = vec![
            alert(1, "eve", "10.0.0.1", "10.0.0.2"),
            alert(2, "eve", "10.0.0.2", "10.0.0.3"),
            alert(3, "eve", "10.0.0.1", "10.0.0.3"),
        ];
        let columns = columns(alerts);
        assert_eq!(columns.len(), 4);
        assert!(columns[2].contains(&"|".to_owned()));
    }
}
