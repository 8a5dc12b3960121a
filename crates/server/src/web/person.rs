//! The person behind a request.

use super::peer::Peer;
use super::refusal::Refusal;
use super::role::Role;
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use std::convert::Infallible;
use std::net::IpAddr;

/// Who is logged in. As an argument of a handler it is there or the request is refused; as
/// `Option<Person>` it is there if somebody is logged in.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Name of the account.
    pub(crate) name: String,
    /// What the person may.
    pub(crate) role: Role,
    /// Goes as hidden field `csrf` into every form, and as `X-CSRF-Token` with every call.
    pub(crate) csrf: String,
    /// By what the store knows the session.
    pub(crate) session: [u8; 32],
    /// From where.
    pub(crate) address: IpAddr,
}

impl Person {
    /// Whether the person may what this role may: for what a page offers, never instead of the
    /// route's own demand.
    pub(crate) fn may(&self, role: Role) -> bool {
        role <= self.role
    }
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().ok_or(Refusal::Unknown)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Person {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        parts.extensions.get().cloned().ok_or(Refusal::Unknown)
    }
}
