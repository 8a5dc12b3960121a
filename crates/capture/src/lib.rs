//! Frames of a network interface, through a ring that the kernel fills and we read without copying.
//!
//! Linux only: AF_PACKET with TPACKET_V3 (kernel documentation, `networking/packet_mmap`). Several
//! rings of one [`Options::fanout`] group share an interface; the kernel puts both directions of a
//! connection, and all fragments of a datagram, into one of them.
//!
//! This is the one room in which `unsafe` is allowed. It is kept to the ring's system calls, one
//! view of memory, and an allocator that counts and leaves the work to the system's; frames are cut out
//! of that view by safe code that trusts no offset.
//!
//! Deliberately absent: filters, sending, other systems.
#![cfg(target_os = "linux")]

mod block;
mod interface;
mod memory;
mod ring;

pub use block::{Block, Frame};
pub use interface::{Interface, LinkKind};
pub use memory::{Counting, allocated_octets, give_back, settle};
pub use ring::{Options, Ring, Statistics};
