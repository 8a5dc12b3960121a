//! What stands behind the question mark of an address, read strictly: a filter with a spelling
//! mistake must not silently find everything.

use super::view;
use crate::web::refusal::Refusal;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use realmward_store::Page;
use realmward_vocab::EventTime;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::str::FromStr;

/// The parameters of a question.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(BTreeMap<String, String>);

impl<S: Sync + Send> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let Query(found) = Query::<Vec<(String, String)>>::from_request_parts(parts, state)
            .await
            .map_err(|error| Refusal::Bad(error.body_text()))?;
        let mut asked = BTreeMap::new();
        for (name, value) in found {
            if asked.contains_key(&name) {
                return Err(Refusal::Bad(format!(
                    "`{name}` stands there twice; several values are separated by commas"
                )));
            }
            if !value.is_empty() {
                asked.insert(name, value);
            }
        }
        Ok(Self(asked))
    }
}

impl Asked {
    /// Refuses parameters that are not among `known`, or those of a page.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let unknown = |it: &&String| !known.contains(&it.as_str()) && !PAGE.contains(&it.as_str());
        match self.0.keys().find(unknown) {
            None => Ok(()),
            Some(name) => Err(Refusal::Bad(format!(
                "there is no parameter `{name}` here; known are {}",
                [known, PAGE].concat().join(", ")
            ))),
        }
    }

    /// A text; empty if it is not there.
    pub(crate) fn text(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_default()
    }

    /// A name.
    pub(crate) fn name<T: for<'a> From<&'a str>>(&self, name: &str) -> Option<T> {
        self.0.get(name).map(|it| T::from(it))
    }

    /// Anything that is read from text.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(text) => text.parse().map(Some).map_err(|_| bad(name, text)),
        }
    }

    /// A point in time, in RFC 3339.
    pub(crate) fn time(&self, name: &str) -> Result<Option<EventTime>, Refusal> {
        match self.0.get(name) {
            None => Ok(None),
            Some(text) => view::read_time(text)
                .map(Some)
                .ok_or_else(|| bad(name, text)),
        }
    }

    /// A word of those that JSON knows for this type.
    pub(crate) fn word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, Refusal> {
        Ok(self.words(name)?.into_iter().next())
    }

    /// Words, separated by commas.
    pub(crate) fn words<T: DeserializeOwned>(&self, name: &str) -> Result<Vec<T>, Refusal> {
        self.list(name)
            .map(|it| {
                let word = serde_json::Value::String(it.to_owned());
                serde_json::from_value(word).map_err(|_| bad(name, it))
            })
            .collect()
    }

    /// Texts, separated by commas.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let texts = self.0.get(name).map_or("", String::as_str);
        texts.split(',').map(str::trim).filter(|it| !it.is_empty())
    }

    /// Anything that is read from text, separated by commas.
    pub(crate) fn all<T: FromStr>(&self, name: &str) -> Result<Vec<T>, Refusal> {
        self.list(name)
            .map(|it| it.parse().map_err(|_| bad(name, it)))
            .collect()
    }

    /// Which part of a list.
    pub(crate) fn page(&self) -> Result<Page, Refusal> {
        Ok(Page {
            limit: self.parsed("limit")?.unwrap_or(LIMIT),
            after: self.parsed("after")?,
            before: None,
        })
    }

    /// Which part of a list that can be paged both ways, by `before` too.
    pub(crate) fn page_either_way(&self) -> Result<Page, Refusal> {
        Ok(Page {
            before: self.parsed("before")?,
            ..self.page()?
        })
    }
}

fn bad(name: &str, text: &str) -> Refusal {
    Refusal::Bad(format!("`{name}` cannot be `{text}`"))
}

const PAGE: &[&str] = &["limit", "after"];

/// Rows of a page, if nobody says otherwise.
const LIMIT: usize = 100;
