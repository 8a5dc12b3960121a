//! What was seen one step around the alerts, attack or not: where else the accounts worked, what
//! else the sources reached, who else was on the targets.
//!
//! Who else uses a domain controller is left out: that is everybody, and says nothing.

use super::graph::{Edge, Kind, Node, Reach, device_kind};
use crate::report::{Place, Reached, Report};
use crate::words;
use petgraph::graph::NodeIndex;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// Adds what was seen, the nearest and most frequent first.
pub(super) fn add(reach: &mut Reach, report: &Report) {
    let mut seen: Vec<_> = (report.reach.iter())
        .filter_map(|it| Some((near(reach, report, it)?, it)))
        .collect();
    seen.sort_by_key(|((near, _), it)| (*near, Reverse(it.times)));
    let mut neighbours: BTreeMap<NodeIndex, BTreeSet<String>> = BTreeMap::new();
    let mut no_room = BTreeSet::new();
    for ((_, known), it) in seen {
        if let Some((known, new)) = known {
            let mine = neighbours.entry(known).or_default();
            if NEIGHBOURS_MAX <= mine.len() && !mine.contains(&new) {
                no_room.insert(new);
                continue;
            }
            mine.insert(new);
        }
        let from = place(reach, report, &it.from);
        let to = place(reach, report, &it.to);
        if let (Some(from), Some(to)) = (from, to) {
            join(reach, (from, to), it);
        }
    }
    no_room.retain(|name| !neighbours.values().any(|it| it.contains(name)));
    reach.left_out += no_room.len();
}

/// How near to the alerts something was seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Near {
    /// Between what alerts name.
    Inside,
    /// What else an actor or source did.
    Further,
    /// Who else was on a target.
    Beside,
}

/// How near, and whose neighbour the other end is if no alert names it.
fn near(
    reach: &Reach,
    report: &Report,
    it: &Reached,
) -> Option<(Near, Option<(NodeIndex, String)>)> {
    let from = find(reach, report, &it.from);
    let to = find(reach, report, &it.to);
    match (from, to) {
        (Some(_), Some(_)) => Some((Near::Inside, None)),
        (Some(from), None) if kind(reach, from)? != Kind::DomainController => {
            Some((Near::Further, Some((from, format!("{:?}", it.to)))))
        }
        (None, Some(to)) if kind(reach, to)? != Kind::DomainController => {
            Some((Near::Beside, Some((to, format!("{:?}", it.from)))))
        }
        _ => None,
    }
}

fn kind(reach: &Reach, node: NodeIndex) -> Option<Kind> {
    reach.graph.node_weight(node).map(|it| it.kind)
}

/// One line for both directions: an arrow for the first, words for the other.
fn join(reach: &mut Reach, (from, to): (NodeIndex, NodeIndex), seen: &Reached) {
    if from == to {
        return;
    }
    let graph = &mut reach.graph;
    let mut what = format!("{} ({})", seen.what, words::number(seen.times));
    let edge = match (graph.find_edge(from, to), graph.find_edge(to, from)) {
        (Some(edge), _) => edge,
        (None, Some(edge)) => {
            what.insert_str(0, "the other way: ");
            edge
        }
        (None, None) => graph.add_edge(from, to, Edge::default()),
    };
    if let Some(edge) = graph.edge_weight_mut(edge) {
        edge.what.push(what);
    }
}

/// The node of an account or device that is there already.
fn find(reach: &Reach, report: &Report, place: &Place) -> Option<NodeIndex> {
    match place {
        // The graph of the profile knows accounts without their domain; the first alert that names
        // one says which it is.
        Place::Account(name) => reach
            .known
            .iter()
            .find(|((kind, key), _)| *kind == Kind::Account && key.split('@').next() == Some(name))
            .and_then(|(_, node)| *node),
        Place::Device { ip, .. } => {
            let key = device_key(report, ip);
            reach.known.get(&key).copied().flatten()
        }
    }
}

fn place(reach: &mut Reach, report: &Report, place: &Place) -> Option<NodeIndex> {
    if let Some(node) = find(reach, report, place) {
        return Some(node);
    }
    let (key, label, detail) = match place {
        Place::Account(name) => (
            (Kind::Account, format!("{name}@")),
            name.clone(),
            String::new(),
        ),
        Place::Device { ip, name } => {
            let key = device_key(report, ip);
            let (label, detail) = match name {
                Some(name) => (name.clone(), ip.to_string()),
                None => (ip.to_string(), String::new()),
            };
            (key, label, detail)
        }
    };
    let (kind, key) = key;
    let node = Node {
        kind,
        label,
        detail,
    };
    reach.node(key, node)
}

fn device_key(report: &Report, ip: &IpAddr) -> (Kind, String) {
    let address = ip.to_string();
    (device_kind(report, Some(&address)), address)
}

/// More neighbours of one device or account hide what the alerts say. What is lost: the rarer ones, in the
/// picture only, and they are counted.
const NEIGHBOURS_MAX: usize = 5;
