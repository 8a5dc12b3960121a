//! What made a Kerberos request, told by the words that its author chose freely.
//!
//! Nothing here is an attack by itself. The stacks of Windows, MIT, Heimdal and Java differ in the
//! order of key types, in option bits, in times and in lengths; tools that speak Kerberos themselves
//! differ from all of them, mostly by what they leave out. No sign decides alone, except those that
//! no honest stack can show: signs are weighed, and what does not reach the mark stays unknown.
//! A tool that copies Windows in all of this is taken for Windows.
//! Signs were measured on captures of the tools, and those of Rubeus read in its source.

mod as_req;
mod history;
mod signs;
mod tgs_req;

use crate::{Stack, Tell};
pub(crate) use as_req::of_as;
pub(crate) use history::Stacks;
use serde::{Deserialize, Serialize};
pub(crate) use tgs_req::of_tgs;

/// A stack and what tells it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) stack: Stack,
    pub(crate) tells: Vec<Tell>,
}

impl Told {
    /// A stack that needs no explanation.
    fn plain(stack: Stack) -> Self {
        Self {
            stack,
            tells: Vec::new(),
        }
    }
}
