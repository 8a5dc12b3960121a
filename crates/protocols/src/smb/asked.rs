//! Requests that wait for their answers, in words that SMB1 and SMB2 share.

use super::facts::Opening;
use super::logon::Logon;
use super::opens::{Deed, Owner};
use crate::Stamp;
use realmward_vocab::{PacketRef, ShareName};

/// Where a message began and where it was complete.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) first: PacketRef,
    pub(crate) at: Stamp,
}

impl Moment {
    pub(crate) const fn packets(&self) -> [PacketRef; 2] {
        [self.first, self.at.packet]
    }
}

/// A request that waits for its answer.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) question: Question,
    pub(crate) owner: Owner,
    /// Where handles of the owner are unique: see [`OpenKey`].
    pub(crate) scope: u64,
    pub(crate) moment: Moment,
}

/// What was asked.
#[derive(Debug)]
pub(crate) enum Question {
    SessionSetup(Box<Logon>),
    Logoff,
    TreeConnect(ShareName),
    TreeDisconnect,
    Create(Box<Opening>),
    Close(u128),
    Read(u128),
    /// A file is renamed, or deleted, or a folder searched.
    Deed(u128, Deed),
    /// The server copies from another file to this one.
    Copy(u128),
    /// Octets were written to a pipe, and the answer brings some.
    Transceive(u128),
}
