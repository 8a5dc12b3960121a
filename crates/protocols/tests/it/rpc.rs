//! DCE/RPC: what conversations of the lab and of a builder of fragments tell.

mod arguments;
mod build;
mod connectionless;
mod hostile;
mod http;
mod interfaces;
mod real;

use realmward_event::Fact;
use realmward_event::rpc::{EndpointMapped, RpcBound, RpcCalled, Transport};
use realmward_protocols::dcerpc::Conversation;
use realmward_protocols::{Dissector, Facts, Stamp};
use realmward_vocab::{Direction, EventTime, FileId, PacketRef};

/// One record of a conversation: who, in which packet, what.
type Record = (Direction, u64, Vec<u8>);

/// The facts of a conversation.
fn run(transport: Transport, records: &[Record]) -> Facts {
    let mut conversation = Conversation::new(transport);
    let mut facts = Facts::default();
    for (direction, packet, octets) in records {
        conversation.feed(*direction, octets, stamp(*packet), &mut facts);
    }
    conversation.finish(&mut facts);
    facts
}

fn stamp(packet: u64) -> Stamp {
    Stamp {
        time: EventTime::from_unix_nanoseconds(i64::try_from(packet).unwrap()),
        packet: PacketRef {
            file: FileId(0),
            packet,
        },
    }
}

fn calls(facts: &Facts) -> Vec<RpcCalled> {
    of(facts, |fact| match fact {
        Fact::RpcCalled(called) => Some(called.clone()),
        _ => None,
    })
}

fn binds(facts: &Facts) -> Vec<RpcBound> {
    of(facts, |fact| match fact {
        Fact::RpcBound(bound) => Some(bound.clone()),
        _ => None,
    })
}

fn endpoints(facts: &Facts) -> Vec<EndpointMapped> {
    of(facts, |fact| match fact {
        Fact::EndpointMapped(mapped) => Some(mapped.clone()),
        _ => None,
    })
}

fn of<T>(facts: &Facts, pick: impl Fn(&Fact) -> Option<T>) -> Vec<T> {
    facts
        .pending
        .iter()
        .filter_map(|it| pick(&it.fact))
        .collect()
}
