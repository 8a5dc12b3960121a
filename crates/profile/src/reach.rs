//! Who reached what: accounts and devices, and what was seen between them.

use crate::Sighting;
use hashbrown::HashMap;
use petgraph::Direction::{Incoming, Outgoing};
use petgraph::stable_graph::{EdgeIndex, NodeIndex, StableDiGraph};
use petgraph::visit::IntoEdgeReferences as _;
use realmward_event::{Fact, Outcome};
use realmward_vocab::{AccountName, EventTime, PacketRef};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
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
    graph: StableDiGraph<Node, Edge>,
    nodes: HashMap<Node, NodeIndex>,
    edges: HashMap<(Node, Node, Relation), EdgeIndex>,
    refused: u64,
}

impl Reach {
    /// Takes a sighting in.
    pub(crate) fn take(&mut self, sighting: &Sighting) {
        let Some(source) = sighting.source.address else {
            return;
        };
        let Some(relation) = relation(&sighting.event.fact) else {
            return;
        };
        if let Some(actor) = &sighting.actor {
            let account = Node::Account(actor.name.folded());
            self.note(
                sighting,
                account,
                Node::Device(source),
                Relation::WorkedFrom,
            );
        }
        if let Some(target) = sighting.target.address {
            self.note(
                sighting,
                Node::Device(source),
                Node::Device(target),
                relation,
            );
        }
    }

    /// The edges around these nodes, up to `hops` away, in a stable order.
    #[must_use]
    pub fn around(&self, nodes: &[Node], hops: u32) -> Vec<Edge> {
        let mut near: BTreeSet<NodeIndex> = nodes
            .iter()
            .filter_map(|node| self.nodes.get(node).copied())
            .collect();
        for _ in 1..hops {
            let mut wider = near.clone();
            for node in &near {
                wider.extend(self.graph.neighbors_undirected(*node).take(NEIGHBOURS_MAX));
            }
            near = wider;
        }
        let mut edges: Vec<Edge> = near
            .iter()
            .flat_map(|node| {
                let outgoing = self.graph.edges_directed(*node, Outgoing);
                outgoing.chain(self.graph.edges_directed(*node, Incoming))
            })
            .map(|edge| edge.weight().clone())
            .collect();
        edges.sort_by(|a, b| (&a.from, &a.to, a.relation).cmp(&(&b.from, &b.to, b.relation)));
        edges.dedup();
        edges
    }

    /// Edges that found no place.
    #[must_use]
    pub const fn refused(&self) -> u64 {
        self.refused
    }

    fn note(&mut self, sighting: &Sighting, from: Node, to: Node, relation: Relation) {
        let time = sighting.event.time;
        let key = (from, to, relation);
        if let Some(edge) = self
            .edges
            .get(&key)
            .and_then(|at| self.graph.edge_weight_mut(*at))
        {
            edge.count += 1;
            edge.last = edge.last.max(time);
            return;
        }
        self.add(Edge {
            from: key.0,
            to: key.1,
            relation,
            count: 1,
            first: time,
            last: time,
            packet: sighting.event.evidence.first().copied().unwrap_or_default(),
        });
    }

    fn add(&mut self, edge: Edge) {
        if EDGES_MAX <= self.edges.len() {
            self.refused += 1;
            return;
        }
        let (from, to) = (self.node(&edge.from), self.node(&edge.to));
        let key = (edge.from.clone(), edge.to.clone(), edge.relation);
        let at = self.graph.add_edge(from, to, edge);
        self.edges.insert(key, at);
    }

    fn node(&mut self, node: &Node) -> NodeIndex {
        if let Some(at) = self.nodes.get(node) {
            return *at;
        }
        let at = self.graph.add_node(node.clone());
        self.nodes.insert(node.clone(), at);
        at
    }
}

fn relation(fact: &Fact) -> Option<Relation> {
    match fact {
        Fact::TicketPresented(_) => Some(Relation::LoggedOn),
        Fact::NtlmAuthenticated(it) if it.outcome == Outcome::Success => Some(Relation::LoggedOn),
        Fact::ShareOpened(it) if it.status.is_some_and(|it| !it.is_error()) => {
            Some(Relation::OpenedShare)
        }
        Fact::RpcCalled(_) => Some(Relation::Called),
        _ => None,
    }
}

impl Serialize for Reach {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let edges: Vec<&Edge> = self
            .graph
            .edge_references()
            .map(|edge| edge.weight())
            .collect();
        (edges, self.refused).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Reach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (edges, refused) = <(Vec<Edge>, u64)>::deserialize(deserializer)?;
        let mut reach = Self::default();
        for edge in edges {
            reach.add(edge);
        }
        reach.refused = refused;
        Ok(reach)
    }
}

/// Ten edges for each of 100,000 accounts and devices. What is lost: later edges of reports.
const EDGES_MAX: usize = 1_000_000;

/// A domain controller has a hundred thousand neighbours; a picture has room for some.
const NEIGHBOURS_MAX: usize = 64;
