//! From the words of RFC 4120 to the defender's: the only place where a message becomes owned.

mod names;

pub use names::text;
pub(crate) use names::{length, principal, realm};

use super::message;
use realmward_event::kerberos::{EncryptedPart, Ticket};
use realmward_vocab::{EncryptionType, TicketHash};
use sha2::{Digest as _, Sha256};

/// The clear header of a ticket, and its identity.
#[must_use]
pub fn ticket(ticket: &message::Ticket<'_>) -> Ticket {
    Ticket {
        hash: ticket_hash(ticket.enc_part.cipher),
        realm: realm(ticket.realm),
        service: principal(&ticket.sname),
        service_name_type: ticket.sname.name_type,
        etype: EncryptionType(ticket.enc_part.etype),
        kvno: ticket.enc_part.kvno,
        cipher_octets: length(ticket.enc_part.cipher),
    }
}

/// First 16 octets of SHA-256 over the ciphertext, most significant first.
#[must_use]
pub fn ticket_hash(cipher: &[u8]) -> TicketHash {
    let digest = Sha256::digest(cipher);
    let head = digest.first_chunk().copied().unwrap_or_default();
    TicketHash(u128::from_be_bytes(head))
}

/// The clear header of a sealed part.
#[must_use]
pub fn encrypted_part(part: &message::EncryptedData<'_>) -> EncryptedPart {
    EncryptedPart {
        etype: EncryptionType(part.etype),
        cipher_octets: length(part.cipher),
    }
}
