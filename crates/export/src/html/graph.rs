//! The graph of who reached what: accounts and devices of the alerts, how alerts join them, and what
//! else was seen one step around them.

use super::around;
use crate::report::{Alert, Report};
use crate::words;
use petgraph::graph::{DiGraph, NodeIndex};
use realmward_detect::{Party, PartyHost, Severity};
use std::collections::BTreeMap;

/// Accounts and devices, joined by what alerts say and by what was seen besides.
#[derive(Default)]
pub(super) struct Reach {
    /// The graph. Its order is that of the alerts, so equal reports give equal graphs.
    pub(super) graph: DiGraph<Node, Edge>,
    /// Accounts and devices for which there was no room.
    pub(super) left_out: usize,
    pub(super) known: BTreeMap<(Kind, String), Option<NodeIndex>>,
}

/// An account or a device.
pub(super) struct Node {
    pub(super) kind: Kind,
    /// Its name, or what of it is known.
    pub(super) label: String,
    /// A second line: the domain or the address.
    pub(super) detail: String,
}

/// What a node is; each kind has a shape of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Account,
    Device,
    DomainController,
}

/// What says that something was reached: alerts, or only what was seen.
#[derive(Default)]
pub(super) struct Edge {
    /// In words: `acted from`, the titles, `logged on (3)`.
    pub(super) what: Vec<String>,
    /// Numbers of the alerts.
    pub(super) alerts: Vec<u64>,
    /// The worst of them; none if there is no alert.
    pub(super) severity: Option<Severity>,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Device => "device",
            Self::DomainController => "domain controller",
        }
    }
}

impl Reach {
    pub(super) fn new(report: &Report) -> Self {
        let mut reach = Self::default();
        for alert in &report.alerts {
            reach.add(report, alert);
        }
        around::add(&mut reach, report);
        reach.left_out += reach.known.values().filter(|it| it.is_none()).count();
        reach
    }

    fn add(&mut self, report: &Report, alert: &Alert) {
        let actors: Vec<_> = alert.actors().filter_map(|it| self.account(it)).collect();
        let sources: Vec<_> = (alert.sources())
            .filter_map(|it| self.device(report, it))
            .collect();
        let mut targets: Vec<_> = (alert.targets())
            .filter_map(|it| self.device(report, it))
            .collect();
        targets.extend(alert.target_accounts().filter_map(|it| self.account(it)));
        for actor in &actors {
            for source in &sources {
                self.join(*actor, *source, "acted from", alert);
            }
        }
        let from = if sources.is_empty() { actors } else { sources };
        for from in &from {
            for target in &targets {
                self.join(*from, *target, &alert.title, alert);
            }
        }
    }

    fn join(&mut self, from: NodeIndex, to: NodeIndex, what: &str, alert: &Alert) {
        if from == to {
            return;
        }
        let edge = self
            .graph
            .find_edge(from, to)
            .unwrap_or_else(|| self.graph.add_edge(from, to, Edge::default()));
        if let Some(edge) = self.graph.edge_weight_mut(edge) {
            edge.severity = edge.severity.max(Some(alert.severity));
            if !edge.alerts.contains(&alert.number) {
                edge.alerts.push(alert.number);
            }
            if !edge.what.iter().any(|it| it == what) {
                edge.what.push(what.to_owned());
            }
        }
    }

    fn account(&mut self, party: &Party) -> Option<NodeIndex> {
        let key = format!("{}@{}", party.name.folded(), party.domain.folded());
        self.node(
            key,
            Node {
                kind: Kind::Account,
                label: party.name.to_string(),
                detail: party.domain.to_string(),
            },
        )
    }

    fn device(&mut self, report: &Report, host: &PartyHost) -> Option<NodeIndex> {
        let address = host.ip.map(|ip| ip.to_string());
        let kind = device_kind(report, address.as_deref());
        let name = host.name.as_ref().filter(|it| !it.is_empty());
        let key = address
            .clone()
            .or_else(|| name.map(|it| it.folded().to_string()))?;
        let (label, detail) = match name {
            Some(name) => (name.to_string(), address.unwrap_or_default()),
            None => (words::host(host), String::new()),
        };
        self.node(
            key,
            Node {
                kind,
                label,
                detail,
            },
        )
    }

    pub(super) fn node(&mut self, key: String, node: Node) -> Option<NodeIndex> {
        let room = self.graph.node_count() < NODES_MAX;
        let graph = &mut self.graph;
        *self
            .known
            .entry((node.kind, key))
            .or_insert_with(|| room.then(|| graph.add_node(node)))
    }
}

/// What kind of device has this address.
pub(super) fn device_kind(report: &Report, address: Option<&str>) -> Kind {
    let mut controllers = report.domain_controllers.iter();
    if controllers.any(|it| Some(it.address.as_str()) == address) {
        return Kind::DomainController;
    }
    Kind::Device
}

/// More than this is a hairball and no picture. What is lost: accounts and devices of the lesser
/// alerts and the farther neighbours, in the picture only.
const NODES_MAX: usize = 40;
