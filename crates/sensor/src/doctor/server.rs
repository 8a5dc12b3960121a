//! The server: joined, reachable, and the one that was joined.

use super::Finding;
use crate::uplink::{self, Address, Identity};
use std::path::Path;

pub(super) fn examine(state: &Path, other: Option<&Address>, findings: &mut Vec<Finding>) {
    let mut identity = match Identity::load(state) {
        Ok(identity) => identity,
        Err(error) => {
            findings.push(Finding::fail(
                "joined",
                format!("{error:#}"),
                "realmward-server sensor add NAME, at the server; then here what it prints",
            ));
            return;
        }
    };
    if let Some(address) = other {
        identity.joined.server = address.to_string();
    }
    let joined = &identity.joined;
    findings.push(Finding::ok(
        "joined",
        format!("as {} (sensor {})", joined.name, joined.sensor),
    ));
    findings.push(match uplink::greet(&identity) {
        Ok(()) => Finding::ok("server", format!("{} answers, and is the one", joined.server)),
        Err(error) => Finding::fail(
            "server",
            format!("{error:#}"),
            format!(
                "is it running, and may this machine reach it? curl -k {}/healthz; if it was set up \
                 anew: join again",
                joined.server
            ),
        ),
    });
}
