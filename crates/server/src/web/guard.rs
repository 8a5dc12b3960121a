//! Who may pass: the one place that looks at sessions, roles, certificates and forged forms.
//!
//! Whatever changes something and is done by a browser must prove that a page of ours asked for it:
//! with the token of the session, or, where there is no session yet, with a token that was given to
//! this browser as a cookie too. A foreign `Origin` is refused before that. A call with a body of
//! JSON and no session needs no token, because browsers ask us first and we do not agree.

use super::cookie;
use super::peer::Peer;
use super::person::Person;
use super::refusal::Refusal;
use super::route::Least;
use super::secret::{Secret, same};
use super::session;
use super::state::AppState;
use super::upload;
use crate::metrics::token;
use axum::body::{Body, to_bytes};
use axum::extract::{Form, FromRequest as _, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use std::time::{Duration, Instant};

/// What a guard knows of its route.
#[derive(Clone)]
pub(crate) struct Gate {
    pub(crate) state: AppState,
    pub(crate) least: Least,
    /// Whether files are taken, and how long they may be on their way.
    pub(crate) files: Option<Duration>,
    pub(crate) path: &'static str,
}

/// Lets a request pass, with [`Person`] or a sensor attached, or refuses it; and meters how long that
/// takes.
pub(crate) async fn guard(State(gate): State<Gate>, request: Request, next: Next) -> Response {
    let (begun, method) = (Instant::now(), request.method().clone());
    let response = passed(&gate, request, next).await.into_response();
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let meters = gate.state.meters();
    meters.answered(method.as_str(), gate.path, status, took);
    response
}

async fn passed(gate: &Gate, mut request: Request, next: Next) -> Result<Response, Refusal> {
    let peer: Peer = request.extensions().get().cloned().ok_or(Refusal::Fault)?;
    let person = person(&gate.state, request.headers(), &peer).await?;
    request = match gate.least {
        Least::Public => in_time(unforged(request, None, false)).await?,
        Least::Sensor => {
            let sensor = session::sensor(&gate.state, &peer).await?;
            request.extensions_mut().insert(sensor);
            request
        }
        Least::Person(role) => {
            let person = person.as_ref().ok_or(Refusal::Unknown)?;
            if !person.may(role) {
                return Err(Refusal::Forbidden(
                    "your role does not allow this; ask an administrator".into(),
                ));
            }
            in_time(unforged(request, Some(person), gate.files.is_some())).await?
        }
        Least::Metrics => {
            if person.is_none() && !token::is_shown(&gate.state, request.headers()).await? {
                return Err(Refusal::Unknown);
            }
            request
        }
    };
    if let Some(person) = person {
        request.extensions_mut().insert(person);
    }
    let most = gate.files.unwrap_or(ANSWER_TIME_MAX);
    tokio::time::timeout(most, next.run(request))
        .await
        .map_err(|_| Refusal::Unavailable("this took too long and was given up".into()))
}

async fn person(
    state: &AppState,
    headers: &HeaderMap,
    peer: &Peer,
) -> Result<Option<Person>, Refusal> {
    match cookie::read(headers, cookie::SESSION).and_then(Secret::read) {
        Some(secret) => session::person(state, &secret, peer).await,
        None => Ok(None),
    }
}

/// A form whose token does not come is not waited for.
async fn in_time(
    asked: impl Future<Output = Result<Request, Refusal>>,
) -> Result<Request, Refusal> {
    tokio::time::timeout(ANSWER_TIME_MAX, asked)
        .await
        .map_err(|_| Refusal::Bad("the form did not come to its end".into()))?
}

/// The request, if a page of ours asked for it.
async fn unforged(
    request: Request,
    person: Option<&Person>,
    takes_files: bool,
) -> Result<Request, Refusal> {
    if matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    ) {
        return Ok(request);
    }
    let headers = request.headers();
    let authority = request.uri().authority().map(Authority::as_str);
    if is_foreign(headers, authority) {
        return Err(Refusal::Forged);
    }
    let media = media(headers);
    let expected = match person {
        Some(person) => person.csrf.clone(),
        None if media == JSON || headers.contains_key(header::AUTHORIZATION) => return Ok(request),
        None => cookie::read(headers, cookie::FORM)
            .ok_or(Refusal::Forged)?
            .to_owned(),
    };
    if takes_files && media == FILES {
        return upload::unforged(request, &expected).await;
    }
    if let Some(sent) = headers.get("x-csrf-token") {
        let fits = sent.to_str().is_ok_and(|sent| same(sent, &expected));
        return if fits {
            Ok(request)
        } else {
            Err(Refusal::Forged)
        };
    }
    if media != FORM {
        return Err(Refusal::Forged);
    }
    let (request, sent) = csrf_field(request).await?;
    if sent.is_some_and(|sent| same(&sent, &expected)) {
        Ok(request)
    } else {
        Err(Refusal::Forged)
    }
}

/// Whether the browser says that another site asks.
fn is_foreign(headers: &HeaderMap, authority: Option<&str>) -> bool {
    let text = |name| headers.get(name).and_then(|it| it.to_str().ok());
    if text("sec-fetch-site").is_some_and(|it| !matches!(it, "same-origin" | "none")) {
        return true;
    }
    let Some(origin) = text("origin") else {
        return false;
    };
    let host = text("host").or(authority);
    host.is_some() && origin.strip_prefix("https://") != host
}

fn media(headers: &HeaderMap) -> &str {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|it| it.to_str().ok())
        .and_then(|it| it.split(';').next())
        .map(str::trim)
        .unwrap_or_default()
}

/// The field `csrf` of a form, and the request as it was.
async fn csrf_field(request: Request) -> Result<(Request, Option<String>), Refusal> {
    let (parts, body) = request.into_parts();
    let octets = to_bytes(body, FORM_OCTETS_MAX)
        .await
        .map_err(|_| Refusal::TooLarge)?;
    let mut copy = Request::new(Body::from(octets.clone()));
    *copy.method_mut() = Method::POST;
    if let Some(media) = parts.headers.get(header::CONTENT_TYPE) {
        copy.headers_mut()
            .insert(header::CONTENT_TYPE, media.clone());
    }
    let Form(fields) = Form::<Vec<(String, String)>>::from_request(copy, &())
        .await
        .map_err(|_| Refusal::Bad("the form cannot be read".into()))?;
    let sent = fields
        .into_iter()
        .find(|(name, _)| name == "csrf")
        .map(|(_, value)| value);
    Ok((Request::from_parts(parts, Body::from(octets)), sent))
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const FILES: &str = "multipart/form-data";

/// A form that a person filled in.
const FORM_OCTETS_MAX: usize = 1 << 20;

/// Until an answer begins. Nothing takes this long; what hangs shall not hang for ever.
const ANSWER_TIME_MAX: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                let value = axum::http::HeaderValue::from_static(value);
                (axum::http::HeaderName::from_static(name), value)
            })
            .collect()
    }

    #[test]
    fn another_site_is_told_by_its_own_browser() {
        let host = ("host", "rw.example:8443");
        for (foreign, pairs) in [
            (false, vec![host]),
            (false, vec![host, ("origin", "https://rw.example:8443")]),
            (true, vec![host, ("origin", "https://rw.example")]),
            (true, vec![host, ("origin", "http://rw.example:8443")]),
            (true, vec![host, ("origin", "null")]),
            (true, vec![host, ("sec-fetch-site", "cross-site")]),
            (true, vec![host, ("sec-fetch-site", "same-site")]),
            (false, vec![host, ("sec-fetch-site", "none")]),
        ] {
            assert_eq!(is_foreign(&headers(&pairs), None), foreign, "{pairs:?}");
        }
    }
}
