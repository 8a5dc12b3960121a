//! The part of the graph of who reached what that lies around the alerts.

use super::reading::Outcome;
use realmward_export::{Place, Reached};
use realmward_profile::{Node, Relation};

/// What was seen at the accounts and devices that alerts name.
pub(super) fn around(outcome: &Outcome) -> Vec<Reached> {
    let mut nodes = Vec::new();
    for alert in outcome.back.book().alerts() {
        let accounts = alert.accounts.iter().filter(|it| !it.name.is_empty());
        nodes.extend(accounts.map(|it| Node::Account(it.name.folded())));
        nodes.extend(alert.hosts.iter().filter_map(|it| it.ip.map(Node::Device)));
    }
    let edges = outcome.front.profile().reach().around(&nodes, 1);
    edges
        .into_iter()
        .map(|edge| Reached {
            from: place(outcome, &edge.from),
            to: place(outcome, &edge.to),
            what: words(edge.relation).to_owned(),
            times: edge.count,
        })
        .collect()
}

fn place(outcome: &Outcome, node: &Node) -> Place {
    let roster = outcome.front.profile().roster();
    match node {
        Node::Account(name) => Place::Account(name.to_string()),
        Node::Device(ip) => Place::Device {
            ip: *ip,
            name: roster.name(*ip).map(ToString::to_string),
        },
    }
}

const fn words(relation: Relation) -> &'static str {
    match relation {
        Relation::WorkedFrom => "worked from",
        Relation::LoggedOn => "logged on",
        Relation::OpenedShare => "opened shares or pipes",
        Relation::Called => "called remote operations",
    }
}
