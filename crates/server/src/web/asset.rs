//! Style sheets, scripts and pictures, compiled in.
//!
//! The address of a file holds a hash of what is in it, so browsers may keep it for ever and still
//! get a new one at once after an update. Add a file to `crates/server/assets` and a line to
//! [`FILES`]; in a template write `{{ crate::web::asset::path("bare.css") }}`.

use super::refusal::Refusal;
use super::route::{PUBLIC, Route};
use super::secret;
use axum::extract::Path;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A file that pages refer to.
struct Asset {
    name: &'static str,
    media: &'static str,
    octets: &'static [u8],
}

/// All files.
const FILES: &[Asset] = &[
    Asset {
        name: "bare.css",
        media: CSS,
        octets: include_bytes!("../../assets/bare.css"),
    },
    Asset {
        name: "portal.css",
        media: CSS,
        octets: include_bytes!("../../assets/portal.css"),
    },
    Asset {
        name: "portal.js",
        media: "text/javascript; charset=utf-8",
        octets: include_bytes!("../../assets/portal.js"),
    },
    Asset {
        name: "glance.js",
        media: "text/javascript; charset=utf-8",
        octets: include_bytes!("../../assets/glance.js"),
    },
    Asset {
        name: "mark.svg",
        media: "image/svg+xml",
        octets: include_bytes!("../../assets/mark.svg"),
    },
];

/// Where a file is served. An unknown name gives an address that is not found.
pub(crate) fn path(name: &str) -> &'static str {
    PATHS.get(name).map_or("/assets/unknown", String::as_str)
}

pub(crate) fn routes() -> Vec<Route> {
    vec![Route::get("/assets/{file}", PUBLIC, file)]
}

async fn file(Path(wanted): Path<String>) -> Result<Response, Refusal> {
    let asset = FILES
        .iter()
        .find(|it| path(it.name).strip_prefix("/assets/") == Some(wanted.as_str()))
        .ok_or(Refusal::Missing)?;
    let headers = [
        (header::CONTENT_TYPE, asset.media),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, asset.octets).into_response())
}

/// Addresses by name: `bare.css` is at `/assets/bare.Vq2lX0fz.css`.
static PATHS: LazyLock<BTreeMap<&'static str, String>> = LazyLock::new(|| {
    FILES
        .iter()
        .map(|it| {
            let hash: String = secret::fingerprint(it.octets).chars().take(12).collect();
            let (stem, extension) = it.name.rsplit_once('.').unwrap_or((it.name, "bin"));
            (it.name, format!("/assets/{stem}.{hash}.{extension}"))
        })
        .collect()
});

const CSS: &str = "text/css; charset=utf-8";
