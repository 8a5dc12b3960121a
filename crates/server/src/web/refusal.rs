//! Why a request was not answered as wished.
//!
//! A handler returns a [`Refusal`] and knows nothing of forms: the outermost layer turns it into
//! JSON below `/api/` and `/sensor/`, and into a page elsewhere. Texts are for the person who asked;
//! what went wrong inside goes to the log and not to the network.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use realmward_store::StoreError;

/// Why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Nobody is logged in, the session is over, or no certificate was shown.
    Unknown,
    /// Known, but not allowed.
    Forbidden(String),
    /// The form came from elsewhere, or from a session that is over.
    Forged,
    /// There is no such thing.
    Missing,
    /// The address exists, but not for this method.
    Method,
    /// What was sent cannot be taken, and why.
    Bad(String),
    /// It contradicts what is.
    Conflict(String),
    /// What was sent is of a kind or version that is not known here.
    Unsupported(String),
    /// Too much at once.
    TooLarge,
    /// Likewise, and how much is taken.
    TooMuch(String),
    /// Too often; again after so many seconds.
    TooOften(u64),
    /// The server is being stopped.
    Stopping,
    /// The server cannot do it now, and why, in words for everybody.
    Unavailable(String),
    /// A fault of ours; it is in the log.
    Fault,
}

impl Refusal {
    /// A fault of ours, told to the log.
    pub(crate) fn fault(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(error = %error, "a request failed");
        Self::Fault
    }

    /// Status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unknown => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Forged => StatusCode::FORBIDDEN,
            Self::Missing => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Bad(_) => StatusCode::BAD_REQUEST,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unsupported(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge | Self::TooMuch(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Stopping | Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Fault => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// A word for programs; it does not change.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "not_logged_in",
            Self::Forbidden(_) => "forbidden",
            Self::Forged => "forged",
            Self::Missing => "not_found",
            Self::Method => "wrong_method",
            Self::Bad(_) => "bad_request",
            Self::Conflict(_) => "conflict",
            Self::Unsupported(_) => "unsupported",
            Self::TooLarge | Self::TooMuch(_) => "too_large",
            Self::TooOften(_) => "too_often",
            Self::Stopping => "stopping",
            Self::Unavailable(_) => "unavailable",
            Self::Fault => "fault",
        }
    }

    /// A sentence for people.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Unknown => "Log in first.".into(),
            Self::Forged => {
                "This form is out of date. Go back, load the page anew and send it again.".into()
            }
            Self::Missing => "There is nothing at this address.".into(),
            Self::Method => "This address cannot be used in this way.".into(),
            Self::Forbidden(why)
            | Self::Bad(why)
            | Self::Conflict(why)
            | Self::TooMuch(why)
            | Self::Unsupported(why)
            | Self::Unavailable(why) => sentence(why),
            Self::TooLarge => "This is more than is taken at once.".into(),
            Self::TooOften(seconds) => {
                format!("Too many attempts. Try again in {seconds} seconds.")
            }
            Self::Stopping => "The server is being stopped. Try again in a minute.".into(),
            Self::Fault => "Something went wrong inside the server. Its log says what.".into(),
        }
    }
}

/// Errors are one clause in lower case; people read sentences.
fn sentence(clause: &str) -> String {
    let mut characters = clause.chars();
    let Some(first) = characters.next() else {
        return String::new();
    };
    let mut out: String = first.to_uppercase().chain(characters).collect();
    if !out.ends_with(['.', '!', '?']) {
        out.push('.');
    }
    out
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full { .. } => {
                tracing::error!(%error, "a request failed");
                Self::Unavailable(
                    "the server's disk is full: nothing can be changed until an administrator frees \
                     some space on it"
                        .into(),
                )
            }
            StoreError::Busy { .. } => {
                tracing::warn!(%error, "a request failed");
                Self::Unavailable("the server is busy with its data; try again".into())
            }
            error => Self::fault(&error),
        }
    }
}

impl From<getrandom::Error> for Refusal {
    fn from(error: getrandom::Error) -> Self {
        Self::fault(&error)
    }
}
