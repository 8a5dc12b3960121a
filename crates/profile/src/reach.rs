//! Who reached what: accounts and devices, and what was seen between them.

use crate::Sighting;
use crate::limits::{EDGES_MAX, EDGES_SHOWN_MAX};
use hashbrown::HashMap;
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::{EdgeRef as _, IntoEdgeReferences as _};
use realmward_event::{Fact, Outcome};
use realmward_vocab::{AccountName, EventTime, PacketRef, ResultCode};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// An account or a device.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Node {
    /// An account, folded.
    Account(AccountName),
    /// A device, by address.
    Device(IpAddr),
}

/// What was seen between two nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// An account worked from a device.
    WorkedFrom,
    /// A device was logged on to from another.
    LoggedOn,
    /// A device opened an administrative share or a pipe of another.
    OpenedShare,
    /// A device called operations of another.
    Called,
}

/// An edge: how often, when, and one packet that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// From which node.
    pub from: Node,
    /// To which node.
    pub to: Node,
    /// What was seen.
    pub relation: Relation,
    /// How often.
    pub count: u64,
    /// When first.
    pub first: EventTime,
    /// When last.
    pub last: EventTime,
    /// The packet that showed it first.
    pub packet: PacketRef,
}

/// The graph.
#[derive(Clone, Debug, Default)]
pub struct Reach {
    graph: StableDiGraph<Node, Seen>,
    nodes: HashMap<Node, NodeIndex>,
    edges: HashMap<(NodeIndex, NodeIndex, Relation), EdgeIndex>,
    evicted: u64,
}

#[derive(Clone, Debug)]
struct Seen {
    relation: Relation,
    count: u64,
    first: EventTime,
    last: EventTime,
    packet: PacketRef,
}

impl Reach {
    /// Takes a sighting in.
    pub(crate) fn take(&mut self, sighting: &Sighting) {
        let Some(source) = sighting.source.address.map(Node::Device) else {
            return;
        };
        let Some(relation) = relation(&sighting.event.fact) else {
            return;
        };
        if let Some(actor) = &sighting.actor {
            let account = Node::Account(actor.name.folded());
            self.note(sighting, account, source.clone(), Relation::WorkedFrom);
        }
        if let Some(target) = sighting.target.address.map(Node::Device) {
            self.note(sighting, source, target, relation);
        }
    }

    /// The edges around these nodes, up to `hops` away: the latest five hundred, in a stable order.
    #[must_use]
    pub fn around(&self, nodes: &[Node], hops: u32) -> Vec<Edge> {
        let mut near: BTreeSet<NodeIndex> = nodes
            .iter()
            .filter_map(|node| self.nodes.get(node).copied())
            .collect();
        let mut edges = self.latest(&near);
        for _ in 1..hops {
            let before = near.len();
            for edge in &edges {
                near.extend(
                    [&edge.from, &edge.to]
                        .map(|node| self.nodes.get(node).copied())
                        .into_iter()
                        .flatten(),
                );
            }
            if near.len() == before {
                break;
            }
            edges = self.latest(&near);
        }
        edges.sort_by(|a, b| (&a.from, &a.to, a.relation).cmp(&(&b.from, &b.to, b.relation)));
        edges
    }

    /// Edges that had to go for newer ones.
    #[must_use]
    pub const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// The edges at these nodes that were seen last.
    fn latest(&self, near: &BTreeSet<NodeIndex>) -> Vec<Edge> {
        let indices: BTreeSet<EdgeIndex> = near
            .iter()
            .flat_map(|node| {
                let outgoing = self.graph.edges_directed(*node, Outgoing);
                outgoing.chain(self.graph.edges_directed(*node, Incoming))
            })
            .map(|edge| edge.id())
            .collect();
        let mut edges: Vec<Edge> = indices.into_iter().filter_map(|at| self.edge(at)).collect();
        edges.sort_by_cached_key(|it| {
            let ends = (it.from.clone(), it.to.clone());
            (Reverse(it.last), ends, it.relation)
        });
        edges.truncate(EDGES_SHOWN_MAX);
        edges
    }

    fn edge(&self, at: EdgeIndex) -> Option<Edge> {
        let (from, to) = self.graph.edge_endpoints(at)?;
        let seen = self.graph.edge_weight(at)?;
        Some(Edge {
            from: self.graph.node_weight(from)?.clone(),
            to: self.graph.node_weight(to)?.clone(),
            relation: seen.relation,
            count: seen.count,
            first: seen.first,
            last: seen.last,
            packet: seen.packet,
        })
    }

    fn note(&mut self, sighting: &Sighting, from: Node, to: Node, relation: Relation) {
        let time = sighting.event.time;
        let (from, to) = (self.node(from), self.node(to));
        let known = self.edges.get(&(from, to, relation));
        if let Some(seen) = known.and_then(|at| self.graph.edge_weight_mut(*at)) {
            seen.count += 1;
            seen.last = seen.last.max(time);
            return;
        }
        let seen = Seen {
            relation,
            count: 1,
            first: time,
            last: time,
            packet: sighting.event.evidence.first().copied().unwrap_or_default(),
        };
        self.add(from, to, seen);
        if EDGES_MAX < self.edges.len() {
            self.forget();
        }
    }

    fn add(&mut self, from: NodeIndex, to: NodeIndex, seen: Seen) {
        let key = (from, to, seen.relation);
        let at = self.graph.add_edge(from, to, seen);
        self.edges.insert(key, at);
    }

    fn node(&mut self, node: Node) -> NodeIndex {
        if let Some(at) = self.nodes.get(&node) {
            return *at;
        }
        let at = self.graph.add_node(node.clone());
        self.nodes.insert(node, at);
        at
    }

    /// Drops the tenth of the edges that was seen longest ago, and nodes without edges.
    fn forget(&mut self) {
        let mut ages: Vec<(EventTime, EdgeIndex)> = self
            .graph
            .edge_references()
            .map(|edge| (edge.weight().last, edge.id()))
            .collect();
        ages.sort_unstable();
        for (_, at) in ages.into_iter().take(EDGES_MAX / 10) {
            if let (Some((from, to)), Some(seen)) =
                (self.graph.edge_endpoints(at), self.graph.remove_edge(at))
            {
                self.edges.remove(&(from, to, seen.relation));
                self.evicted += 1;
            }
        }
        let graph = &self.graph;
        let is_alone = |at: NodeIndex| graph.neighbors_undirected(at).next().is_none();
        let alone: Vec<NodeIndex> = graph.node_indices().filter(|at| is_alone(*at)).collect();
        for at in alone {
            if let Some(node) = self.graph.remove_node(at) {
                self.nodes.remove(&node);
            }
        }
    }
}

fn relation(fact: &Fact) -> Option<Relation> {
    match fact {
        Fact::TicketPresented(_) => Some(Relation::LoggedOn),
        Fact::NtlmAuthenticated(it) if it.outcome == Outcome::Success => Some(Relation::LoggedOn),
        Fact::DirectoryBound(it) if it.result == Some(ResultCode::SUCCESS) => {
            Some(Relation::LoggedOn)
        }
        Fact::ShareOpened(it) if it.status.is_some_and(|it| !it.is_error()) => {
            Some(Relation::OpenedShare)
        }
        Fact::FileOpened(it) if it.is_pipe && it.status.is_some_and(|it| !it.is_error()) => {
            Some(Relation::OpenedShare)
        }
        Fact::RpcCalled(_) => Some(Relation::Called),
        _ => None,
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let edges: Vec<Edge> = self
            .graph
            .edge_references()
            .filter_map(|edge| self.edge(edge.id()))
            .collect();
        (edges, self.evicted).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (edges, evicted) = <(Vec<Edge>, u64)>::deserialize(deserializer)?;
        let mut reach = Self::default();
        for edge in edges {
            let (from, to) = (reach.node(edge.from), reach.node(edge.to));
            let seen = Seen {
                relation: edge.relation,
                count: edge.count,
                first: edge.first,
                last: edge.last,
                packet: edge.packet,
            };
            reach.add(from, to, seen);
        }
        reach.evicted = evicted;
        Ok(reach)
    }
}
