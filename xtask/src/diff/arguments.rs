//! Arguments of DCE/RPC calls that are in clear: who and what is asked for, of a few operations.

use super::node::{Frame, Node};
use super::record::{Record, frames_of};
use super::table::{Reader, Table};
use realmward_event::rpc::Arguments;
use realmward_event::{Event, Fact};

/// The table.
pub(super) const TABLE: Table = Table {
    name: "RPC arguments",
    protocols: &["svcctl", "samr", "lsarpc", "rpc_netlogon"],
    about: "What calls of SVCCTL, SAMR, LSARPC and NETLOGON ask for, where it is in clear: names of services, domains, accounts and computers, and relative identifiers, of the operations that name one. The first eight of a list are compared.",
    reader: || Box::new(Calls),
    classes: &[],
};

struct Calls;

impl Reader for Calls {
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>) {
        for call in &frame.protocols {
            if call.find("dcerpc.request_in").is_none() {
                told.extend(theirs(call, frame.number));
            }
        }
    }

    fn event(&mut self, event: &Event, told: &mut Vec<Record>) {
        let Fact::RpcCalled(it) = &event.fact else {
            return;
        };
        let interface = it.interface_name.as_deref().unwrap_or_default();
        let row = ROWS
            .iter()
            .find(|row| row.ours == interface && row.operations.contains(&it.opnum));
        let Some(row) = row else { return };
        let texts: Vec<String> = match &it.arguments {
            Arguments::Service { name, .. } => vec![name.clone()],
            Arguments::Accounts(it) if row.is_number => {
                it.rids.iter().map(ToString::to_string).collect()
            }
            Arguments::Accounts(it) => it.names.clone(),
            Arguments::SecureChannel(it) => {
                let account = it.account.as_str().to_owned();
                let all = [account, it.computer.clone()];
                all.into_iter().filter(|it| !it.is_empty()).collect()
            }
            _ => Vec::new(),
        };
        let frames = frames_of(event);
        told.extend(record(row, frames, u64::from(it.opnum), texts));
    }
}

fn theirs(call: &Node, frame: u64) -> Option<Record> {
    let rows = ROWS.iter().filter(|it| it.theirs == call.name);
    for row in rows {
        let operation = call.find(row.operation).and_then(Node::number)?;
        let is_it = row.operations.iter().any(|it| u64::from(*it) == operation);
        if !is_it {
            continue;
        }
        let mut texts = Vec::new();
        for field in row.fields {
            let found = call.all(field).into_iter();
            texts.extend(found.filter(|it| it.children.is_empty()).map(|it| &it.show));
        }
        let texts = texts.into_iter().cloned().collect();
        return record(row, vec![frame], operation, texts);
    }
    None
}

fn record(row: &Row, frames: Vec<u64>, operation: u64, texts: Vec<String>) -> Option<Record> {
    let texts: Vec<String> = texts.into_iter().take(KEPT).collect();
    let is_told = texts.iter().any(|it| !it.is_empty());
    is_told.then(|| {
        Record::new(row.ours, frames)
            .with("operation", operation)
            .with("arguments", texts.join(" "))
    })
}

/// What is compared of an interface.
struct Row {
    /// The sensor's name of it.
    ours: &'static str,
    /// tshark's.
    theirs: &'static str,
    /// tshark's field of the operation.
    operation: &'static str,
    operations: &'static [u16],
    /// tshark's fields, in the order of our fact.
    fields: &'static [&'static str],
    is_number: bool,
}

const fn row(
    [ours, theirs, operation]: [&'static str; 3],
    operations: &'static [u16],
    fields: &'static [&'static str],
) -> Row {
    Row {
        ours,
        theirs,
        operation,
        operations,
        fields,
        is_number: false,
    }
}

const SVCCTL: [&str; 3] = ["svcctl", "svcctl", "svcctl.opnum"];
const SAMR: [&str; 3] = ["samr", "samr", "samr.opnum"];
const LSARPC: [&str; 3] = ["lsarpc", "lsarpc", "lsarpc.opnum"];
const NETLOGON: [&str; 3] = ["netlogon", "rpc_netlogon", "netlogon.opnum"];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    row(SVCCTL, &[12, 16], &["svcctl.servicename"]),
    row(SAMR, &[5], &["samr.samr_LookupDomain.domain_name"]),
    row(SAMR, &[17], &["samr.samr_LookupNames.names"]),
    row(SAMR, &[50], &["samr.samr_CreateUser2.account_name"]),
    Row { is_number: true, ..row(SAMR, &[19, 27, 34], &["samr.rid"]) },
    row(LSARPC, &[14, 58, 68, 77], &["lsarpc.lsa.string"]),
    row(NETLOGON, &[4, 5, 15, 26], &["netlogon.acct_name", "netlogon.computer_name"]),
];

const KEPT: usize = 8;
