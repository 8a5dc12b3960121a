//! A user by priority, for programs.

use super::time;
use realmward_score::{Reason, ReasonKind};
use realmward_store::{Tag, UserRecord};
use serde::Serialize;
use utoipa::ToSchema;

/// A user, how urgent a look at them is, and why.
#[derive(Serialize, ToSchema)]
pub(crate) struct UserView {
    /// The account.
    name: String,
    /// Its domain; empty if not known.
    domain: String,
    /// 0 to 100: the probability that the account is compromised, in percent.
    priority: u8,
    /// The sum of the reasons, exactly; `priority` is 100 / (1 + 10^(-decibans/10)), rounded.
    decibans: f64,
    /// Activities in all.
    activities: u64,
    /// When first seen acting.
    first_seen: Option<String>,
    /// When last seen acting.
    last_seen: Option<String>,
    /// `sensitive`, `honeytoken`.
    #[schema(value_type = Vec<String>)]
    tags: Vec<Tag>,
    /// Every term of the sum.
    reasons: Vec<ReasonView>,
}

/// One term of the sum.
#[derive(Serialize, ToSchema)]
pub(crate) struct ReasonView {
    /// `alert`, `repetition`, `chain` or `prior`.
    kind: &'static str,
    /// Number of the alert.
    alert: Option<u64>,
    /// How much it moves the odds.
    decibans: f64,
    /// In plain words.
    text: String,
    /// The priority if this term were not there.
    priority_without: u8,
}

impl UserView {
    pub(crate) fn new(record: &UserRecord) -> Self {
        let user = &record.priority;
        Self {
            name: user.name.as_str().to_owned(),
            domain: user.domain.as_str().to_owned(),
            priority: user.priority,
            decibans: user.evidence.value(),
            activities: record.activities,
            first_seen: record.first_seen.map(time),
            last_seen: record.last_seen.map(time),
            tags: record.tags.clone(),
            reasons: user.reasons.iter().map(ReasonView::new).collect(),
        }
    }
}

impl ReasonView {
    fn new(reason: &Reason) -> Self {
        let (kind, alert) = match reason.kind {
            ReasonKind::Alert(id) => ("alert", Some(id.0)),
            ReasonKind::Repetition(id) => ("repetition", Some(id.0)),
            ReasonKind::Chain => ("chain", None),
            ReasonKind::Prior => ("prior", None),
        };
        Self {
            kind,
            alert,
            decibans: reason.evidence.value(),
            text: reason.text.clone(),
            priority_without: reason.without,
        }
    }
}
