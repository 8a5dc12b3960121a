//! DCE/RPC over TCP and over pipes (C706, MS-RPCE).

use crate::{Dissector, Facts, Recognised, Stamp};
use realmward_vocab::Direction;

/// One conversation.
#[derive(Debug, Default)]
pub struct Conversation {}

impl Conversation {
    /// A conversation not yet begun.
    #[must_use]
    pub fn new(_transport: realmward_event::rpc::Transport) -> Self {
        Self::default()
    }
}

impl Conversation {
    /// Whose session carries this conversation: for pipes, whose SMB session it is.
    pub fn set_principal(&mut self, _principal: realmward_event::SessionPrincipal) {}
}

impl Dissector for Conversation {
    fn feed(&mut self, _direction: Direction, _octets: &[u8], _at: Stamp, _facts: &mut Facts) {}

    fn gap(&mut self, _direction: Direction, _lost: u64, _facts: &mut Facts) {}

    fn finish(&mut self, _facts: &mut Facts) {}
}

/// Whether these first octets of a direction are this protocol.
#[must_use]
pub fn recognise(_octets: &[u8]) -> Recognised {
    Recognised::No
}
