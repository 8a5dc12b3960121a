//! Authentication tokens in any carrier: SPNEGO (RFC 4178), Kerberos (RFC 4121) or NTLM (MS-NLMP).
//!
//! SMB session setup, LDAP SASL binds and DCE/RPC authentication all carry the same tokens. The
//! carrier hands them to an [`Exchange`], says how the server answered, and learns whose session it is.

use crate::{Facts, Stamp};
use realmward_event::{Carrier, Outcome, SessionPrincipal};
use realmward_vocab::{Direction, NtStatus, PacketRef};

/// One authentication from its first token to the server's verdict.
#[derive(Clone, Debug, Default)]
pub struct Exchange {}

impl Exchange {
    /// An authentication not yet begun.
    #[must_use]
    pub fn new(_carrier: Carrier) -> Self {
        Self::default()
    }

    /// A token of one side: SPNEGO, raw NTLMSSP, a GSS-wrapped or bare Kerberos AP-REQ.
    /// `first` is the packet in which the carrying message began, `at` where it was complete.
    /// Reports `TicketPresented` as soon as an AP-REQ is seen.
    pub fn token(
        &mut self,
        _direction: Direction,
        _token: &[u8],
        _first: PacketRef,
        _at: Stamp,
        _facts: &mut Facts,
    ) {
    }

    /// The server's verdict on the exchange. Reports `NtlmAuthenticated` if NTLM was spoken.
    pub fn answered(
        &mut self,
        _outcome: Outcome,
        _status: Option<NtStatus>,
        _at: Stamp,
        _facts: &mut Facts,
    ) {
    }

    /// No verdict will come: reports what was seen with [`Outcome::Attempt`]. Does nothing if
    /// `answered` was called.
    pub fn finish(&mut self, _facts: &mut Facts) {}

    /// Whose session it is, as far as the tokens so far say.
    #[must_use]
    pub fn principal(&self) -> SessionPrincipal {
        SessionPrincipal::Unknown
    }
}
