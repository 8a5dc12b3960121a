//! What a protocol's table is: how both sides' words become records, and why they may differ.

use super::node::Frame;
use super::record::{Circumstances, Difference, Record};
use realmward_event::Event;

/// A protocol's reader of one capture: frames and events come in order.
pub(crate) trait Reader {
    /// What tshark says of a frame.
    fn frame(&mut self, frame: &Frame, told: &mut Vec<Record>);

    /// What the sensor says.
    fn event(&mut self, event: &Event, told: &mut Vec<Record>);

    /// The capture has ended: what waited for an answer is told now.
    fn finish(&mut self, _theirs: &mut Vec<Record>, _ours: &mut Vec<Record>) {}
}

/// A protocol.
pub(crate) struct Table {
    /// Its name, as in the page's headings.
    pub(crate) name: &'static str,
    /// tshark's names of the protocols.
    pub(crate) protocols: &'static [&'static str],
    /// What is compared and what is not, in a sentence or two.
    pub(crate) about: &'static str,
    /// Begins a capture.
    pub(crate) reader: fn() -> Box<dyn Reader>,
    /// Why the sides may differ; the first that holds is the class of a difference.
    pub(crate) classes: &'static [Class],
}

/// A class of differences, with its reason.
pub(crate) struct Class {
    /// A few words.
    pub(crate) name: &'static str,
    /// Whose doing it is.
    pub(crate) whose: Whose,
    /// The reason, in a sentence.
    pub(crate) why: &'static str,
    /// Whether a difference is one of these.
    pub(crate) holds: fn(&Difference<'_>, &Circumstances) -> bool,
}

/// Whose doing a difference is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whose {
    /// tshark does not see, or misreads.
    Theirs,
    /// We could tell and do not yet.
    Ours,
    /// We do not tell on purpose.
    Policy,
}

impl Whose {
    /// In a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Theirs => "tshark",
            Self::Ours => "ours",
            Self::Policy => "policy",
        }
    }
}

/// For SMB and what it carries, where the first two frames of a record of ours are those of one message.
pub(super) const IN_MANY_SEGMENTS: Class = Class {
    name: "request in many segments",
    whose: Whose::Theirs,
    why: "A connection cut into segments of an octet or two: tshark gives up at the first that is too short for a length.",
    holds: |it, of| {
        let frames = it.ours.map(|it| &it.frames[..]);
        it.theirs.is_none()
            && of.has_prefix(it, "smb")
            && matches!(frames, Some([first, second, ..]) if MANY <= second - first)
    },
};

/// Frames from the beginning of a request to its end.
const MANY: u64 = 8;

/// Classes that hold for every protocol, after its own.
pub(super) const COMMON: &[Class] = &[
    Class {
        name: "quoted by an error",
        whose: Whose::Policy,
        why: "An error of ICMP quotes the datagram that it is about; nobody said that again.",
        holds: |it, of| it.ours.is_none() && (of.has(it, "icmp") || of.has(it, "icmpv6")),
    },
    Class {
        name: "link layer not read",
        whose: Whose::Policy,
        why: "ARCNET and the log of Linux's packet filter carry no mirrored traffic of a domain controller.",
        holds: |it, of| it.ours.is_none() && (of.has(it, "arcnet") || of.has(it, "nflog")),
    },
    Class {
        name: "wrong checksum",
        whose: Whose::Policy,
        why: "A segment with a wrong checksum from a sender whose others are right is dropped, as its receiver does; tshark looks at no checksum unless it is told to.",
        holds: |it, of| of.has(it, "wrong checksum"),
    },
    Class {
        name: "tunnel not read",
        whose: Whose::Policy,
        why: "GTP, the tunnel of mobile networks, mirrors no traffic; GENEVE is told by the port it goes to, and here comes from.",
        holds: |it, of| it.ours.is_none() && (of.has(it, "gtp") || of.has(it, "geneve")),
    },
    Class {
        name: "sent again",
        whose: Whose::Policy,
        why: "A segment sent again, or seen twice: tshark reads it twice, or in place of the first; we tell it once.",
        holds: |it, of| REPEATED.iter().any(|note| of.has(it, note)),
    },
    Class {
        name: "octets missing",
        whose: Whose::Policy,
        why: "Frames were cut or lost: each side tells what it can make of the rest.",
        holds: |it, of| MISSING.iter().any(|note| of.has(it, note)),
    },
    Class {
        name: "not a message",
        whose: Whose::Policy,
        why: "tshark itself calls the frame malformed.",
        holds: |it, of| of.has(it, "malformed"),
    },
    Class {
        name: "damaged capture",
        whose: Whose::Policy,
        why: "The file is broken; each side reads as far as it can.",
        holds: |_, of| of.is_damaged,
    },
    Class {
        name: "after a hole",
        whose: Whose::Theirs,
        why: "tshark, told to put segments in order, waits after a hole for what never comes; we give it up and go on.",
        holds: |it, of| it.theirs.is_none() && of.is_after_hole(it),
    },
    Class {
        name: "not recognised by tshark",
        whose: Whose::Theirs,
        why: "tshark goes by port numbers and finds another protocol or none in these frames; we go by content.",
        holds: |it, of| it.theirs.is_none() && of.are_others(it),
    },
];

const REPEATED: [&str; 4] = [
    "tcp.analysis.retransmission",
    "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission",
    "tcp.analysis.out_of_order",
];

const MISSING: [&str; 3] = [
    "cut",
    "tcp.analysis.lost_segment",
    "tcp.analysis.ack_lost_segment",
];
