//! How somebody proved who they are, in one clause.

use realmward_event::http::HttpAuthenticated;
use realmward_event::kerberos::PasswordChangeRequested;

/// A password changed or set by Kerberos.
pub(super) fn password(it: &PasswordChangeRequested) -> String {
    let what = if it.is_set {
        "set a password"
    } else {
        "change the password"
    };
    match it.error {
        Some(error) => format!("asked to {what}, refused: {error}"),
        None => format!("asked to {what}"),
    }
}

/// A request in HTTP with proof of who sends it.
pub(super) fn http(it: &HttpAuthenticated) -> String {
    let clear = if it.cleartext_password {
        ", password in clear"
    } else {
        ""
    };
    let status = it.status.map_or(String::new(), |it| format!(": {it}"));
    format!(
        "asked for {}{} with {}{clear}{status}",
        it.host, it.path, it.scheme
    )
}
