//! Frames to ordered octets: capture files, link layers, fragments, flows and TCP reassembly.
//!
//! Everything above asks the same of packets: who spoke with whom, and which octets came in which
//! order. This crate answers that and knows no protocol above TCP and UDP. It promises that the same
//! packets give the same octets whatever the number of workers, that memory is bounded by constants
//! that stand beside their reasons, and that what could not be read is counted, never silent.
//!
//! Deliberately absent: clocks and threads (time is the packet's), checksums (captures taken on the
//! sending host have them unset because the network card fills them in), encrypted tunnels.
//!
//! ```no_run
//! use realmward_stream::{Decoder, Input, Merge};
//!
//! let mut merge = Merge::open(vec![Input::Path("capture.pcap.zst".into())]);
//! let mut decoder = Decoder::default();
//! let mut octets = 0;
//! while let Some(frame) = merge.next_frame() {
//!     if let Some(packet) = decoder.decode(&frame) {
//!         octets += packet.payload.len();
//!     }
//! }
//! println!("{octets} octets of payload");
//! ```

pub mod capture;
mod decode;
mod floor;
mod flow;
mod fragments;
mod ip;
mod link;
mod merge;
mod packet;
mod table;
pub mod tcp;
mod tunnel;

pub use capture::{CaptureDamage, CaptureFault, CaptureReader, Frame, LinkType};
pub use decode::{DecodeCounters, Decoder};
pub use floor::{FloorCount, floor};
pub use flow::{End, FlowKey, Side, Transport};
pub use fragments::FragmentCounters;
pub use merge::{FileReport, Input, Merge, MergedFrame};
pub use packet::{Head, Packet, Seen, TcpFlags, TcpHead};
pub use table::{EPOCH_S, Flow, FlowTable};
pub use tunnel::Tunnel;
