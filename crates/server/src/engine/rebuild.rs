//! The state of the engine anew, when its snapshot cannot be read.
//!
//! What was told stays as it was told: alerts with what people made of them, exclusions, tags and
//! known domain controllers come from the store. What the profile and the detectors learned is
//! learned again from the journal, without telling any of it a second time; what follows on that is
//! told as ever. So what is lost is what they learned from entries that the journal no longer has:
//! above all tickets that were issued before them, and what was usual for an account.

#[cfg(test)]
mod tests;

use super::worker::Worker;
use realmward_alert::{Alert, Book, Exclusion};
use realmward_pipeline::{Back, Pipeline, PipelineSettings};
use realmward_profile::Settings;
use realmward_store::{
    AlertFilter, ComputerFilter, ExclusionRecord, Page, Position, Store, StoreError, Tag,
};

/// A worker that knows what the store knows, and is to be taught the journal from its beginning.
pub(super) fn worker(store: &Store, settings: &PipelineSettings) -> Result<Worker, StoreError> {
    let settings = PipelineSettings {
        profile: profile(store, &settings.profile)?,
        exclusions: settings.exclusions.clone(),
    };
    let mut exclusions = settings.exclusions.clone();
    exclusions.extend(store.exclusions()?.iter().rev().filter_map(exclusion));
    let mut pipeline = Pipeline::new(&settings, 1);
    let book = Book::resumed(alerts(store)?, exclusions, store.last_alert()?);
    pipeline.back = Back::of(book);
    Ok(Worker::of(pipeline))
}

/// The place before the first entry that is kept.
pub(super) fn beginning(store: &Store) -> Result<Position, StoreError> {
    let first = store.journal_begins()?;
    Ok(first.map_or_else(Position::default, |it| Position(it.0.saturating_sub(1))))
}

fn profile(store: &Store, settings: &Settings) -> Result<Settings, StoreError> {
    let mut known = settings.clone();
    for tag in store.tags()? {
        match tag.tag {
            Tag::Sensitive => known.sensitive.push(tag.account),
            Tag::Honeytoken => known.honeytokens.push(tag.account),
        }
    }
    known.domain_controllers.extend(store.named_controllers()?);
    known.domain_controllers.extend(controllers(store)?);
    known.domain_controllers.sort_unstable();
    known.domain_controllers.dedup();
    Ok(known)
}

fn controllers(store: &Store) -> Result<Vec<std::net::IpAddr>, StoreError> {
    let filter = ComputerFilter {
        is_domain_controller: Some(true),
        ..ComputerFilter::default()
    };
    let found = store.computers(&filter, &Page::first(PAGE))?;
    Ok(found.items.into_iter().map(|it| it.address).collect())
}

fn alerts(store: &Store) -> Result<Vec<Alert>, StoreError> {
    let mut all = Vec::new();
    let mut page = Page::first(PAGE);
    loop {
        let found = store.alerts(&AlertFilter::default(), &page)?;
        all.extend(found.items.into_iter().map(|it| it.alert));
        page.after = found.next;
        if page.after.is_none() {
            return Ok(all);
        }
    }
}

/// One that is not removed, unless it cannot be read any more.
fn exclusion(record: &ExclusionRecord) -> Option<Exclusion> {
    if record.removed.is_some() {
        return None;
    }
    let mut exclusion: Exclusion = match record.rule.parse() {
        Ok(exclusion) => exclusion,
        Err(error) => {
            tracing::warn!(id = record.id, %error, "an exclusion cannot be read and hides nothing");
            return None;
        }
    };
    exclusion.id = record.id;
    exclusion.expires = record.expires;
    Some(exclusion.after_hits(record.hits))
}

/// As many rows as the store gives at once.
const PAGE: usize = 1_000;
