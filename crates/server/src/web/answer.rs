//! The last touch on every answer: refusals get a form, and browsers their rules.
//!
//! Nothing that the portal shows may run a script of somebody else's, be framed, be kept in a cache
//! or be sent to another site. Names on the pages come from attackers; even if one escaped its
//! template, the policy keeps it text.

use super::page;
use super::refusal::Refusal;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Json, Redirect, Response};
use serde_json::json;

/// Gives refusals their form and every answer its headers.
pub(crate) async fn finish(request: Request, next: Next) -> Response {
    let asked = Asked::of(&request);
    let response = next.run(request).await;
    let mut response = match refusal_of(response).await {
        Ok(refusal) => asked.refuse(&refusal),
        Err(response) => response,
    };
    let own = response.extensions_mut().remove::<Policy>();
    harden(response.headers_mut());
    if let Some(policy) = own.and_then(|it| HeaderValue::try_from(it.0).ok()) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// In the extensions of an answer: a policy of its own, for a report that brings its style and script.
#[derive(Clone)]
pub(crate) struct Policy(pub(crate) String);

/// What of the request decides about the form of a refusal.
struct Asked {
    method: Method,
    path: String,
    query: Option<String>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
        }
    }

    fn refuse(&self, refusal: &Refusal) -> Response {
        let for_programs = PROGRAMS.iter().any(|it| self.path.starts_with(it));
        let mut response = if for_programs {
            let body = json!({ "error": { "code": refusal.code(), "message": refusal.text() } });
            (refusal.status(), Json(body)).into_response()
        } else if *refusal == Refusal::Unknown {
            Redirect::to(&self.login()).into_response()
        } else {
            page::refused(refusal)
        };
        if let Refusal::TooOften(seconds) = refusal {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, (*seconds).into());
        }
        response
    }

    /// The login page, which leads back to where the person wanted to go.
    fn login(&self) -> String {
        if self.method != Method::GET || self.path == "/" {
            return "/login".into();
        }
        let wanted = match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        };
        format!("/login?next={}", page::escaped(&wanted))
    }
}

/// The refusal in an answer, ours or of the framework (which says it in plain text); or the answer.
async fn refusal_of(mut response: Response) -> Result<Refusal, Response> {
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        return Ok(refusal);
    }
    let status = response.status();
    let media = response.headers().get(header::CONTENT_TYPE);
    let is_plain = media.is_none_or(|it| it.as_bytes().starts_with(b"text/plain"));
    if !status.is_client_error() || !is_plain {
        return Err(response);
    }
    Ok(match status {
        StatusCode::NOT_FOUND => Refusal::Missing,
        StatusCode::METHOD_NOT_ALLOWED => Refusal::Method,
        StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
        _ => {
            let text = to_bytes(response.into_body(), REASON_OCTETS_MAX).await;
            let text = text.unwrap_or_default();
            Refusal::Bad(String::from_utf8_lossy(&text).into_owned())
        }
    })
}

fn harden(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Below these, answers are read by programs.
const PROGRAMS: &[&str] = &["/api/", "/sensor/", "/metrics", "/healthz"];

/// A reason longer than this is none.
const REASON_OCTETS_MAX: usize = 4096;

const ALWAYS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "same-origin"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// Only what this server itself serves, no inline script, no frame.
pub(crate) const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
     base-uri 'none'";
