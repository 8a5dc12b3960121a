//! SMB1 (MS-CIFS, MS-SMB): requests and answers paired by `PID` and `MID`, AndX chains walked in order.

mod commands;
pub(super) mod extent;
mod logon;
pub(super) mod message;
pub(super) mod parse;
mod session;
mod transaction;

pub(super) use session::message;
