//! Files that come with a form.
//!
//! Such a form can be as long as a capture, so it is never held whole: the guard reads its first part,
//! which must be the token, and hands on the rest as it comes.

use super::refusal::Refusal;
use super::secret::same;
use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest as _, FromRequestParts, Multipart, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::sync::{Arc, Mutex, PoisonError};

/// The parts after the token. As an argument of a handler it is there or the request is refused.
pub(crate) struct Upload(pub(crate) Multipart);

/// Where the guard puts them; whoever comes first takes them.
#[derive(Clone)]
struct Held(Arc<Mutex<Option<Multipart>>>);

/// The request with its files beside it, if its first part is this token.
pub(super) async fn unforged(request: Request, expected: &str) -> Result<Request, Refusal> {
    let (mut parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| Refusal::Bad("the form cannot be read".into()))?;
    let first = form.next_field().await.map_err(|it| broken(&it))?;
    let first = first.filter(|it| it.name() == Some("csrf"));
    if !same(&token(first.ok_or(Refusal::Forged)?).await?, expected) {
        return Err(Refusal::Forged);
    }
    parts
        .extensions
        .insert(Held(Arc::new(Mutex::new(Some(form)))));
    Ok(Request::from_parts(parts, Body::empty()))
}

async fn token(mut field: Field<'_>) -> Result<String, Refusal> {
    let mut octets = Vec::new();
    while let Some(part) = field.chunk().await.map_err(|it| broken(&it))? {
        octets.extend_from_slice(&part);
        if TOKEN_OCTETS_MAX < octets.len() {
            return Err(Refusal::Forged);
        }
    }
    Ok(String::from_utf8_lossy(&octets).into_owned())
}

/// Why no more of a form comes.
pub(crate) fn broken(error: &MultipartError) -> Refusal {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Refusal::TooLarge
    } else {
        Refusal::Bad("what was sent broke off or is no form with files".into())
    }
}

impl<S: Sync> FromRequestParts<S> for Upload {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let held: Option<&Held> = parts.extensions.get();
        held.and_then(|it| it.0.lock().unwrap_or_else(PoisonError::into_inner).take())
            .map(Self)
            .ok_or_else(|| Refusal::Bad("no file was sent".into()))
    }
}

/// A token has 43.
const TOKEN_OCTETS_MAX: usize = 256;
