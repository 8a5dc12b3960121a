//! SMB2 and SMB3 (MS-SMB2): requests and answers paired by `MessageId`, compounds walked in order.

pub(super) mod compressed;
pub(super) mod extent;
pub(super) mod message;
mod negotiate;
pub(super) mod parse;
mod request;
mod response;
mod session;

pub(super) use session::{hidden, message};
