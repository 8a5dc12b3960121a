//! Kerberos: against two independent decoders, against hostile octets, and as conversations.

mod armour;
mod built;
mod conversation;
mod door;
mod hostile;
mod real;
mod samples;
