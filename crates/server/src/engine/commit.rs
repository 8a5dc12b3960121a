//! Puts together what the store is to keep, with what it already has.

use super::worker::Worker;
use crate::web::state::now;
use realmward_alert::Alert;
use realmward_event::operator::{Decided, Decision};
use realmward_store::{AlertRecord, Notice, Position, Produced, Store, StoreError};
use realmward_vocab::EventTime;
use std::collections::BTreeMap;

/// What came of the entries up to `position`; alerts as if nobody had judged any.
pub(super) fn produced(worker: &mut Worker, position: Position) -> Produced {
    let harvest = worker.harvest();
    let changed_at = now();
    Produced {
        position,
        time: worker.time(),
        activities: harvest.activities,
        alerts: harvest
            .alerts
            .into_iter()
            .map(|alert| record(alert, &harvest.judgements, changed_at))
            .collect(),
        users: harvest.users,
        computers: harvest.computers.into_values().collect(),
        hygiene: harvest.hygiene,
        summary: harvest
            .left_out
            .and_then(|it| serde_json::to_value(it).ok()),
        exclusion_hits: harvest.exclusion_hits,
        packets: harvest.packets,
        notices: Vec::new(),
        snapshot: None,
    }
}

/// Completes the alerts by what is stored of them, decides what outputs are told, and commits.
pub(super) fn write(store: &Store, produced: &mut Produced) -> Result<(), StoreError> {
    produced.notices.clear();
    for record in &mut produced.alerts {
        let before = store.alert(record.alert.id.0)?;
        if let Some(before) = &before
            && record.judged_at.is_none()
        {
            record.comment.clone_from(&before.comment);
            record.judged_by.clone_from(&before.judged_by);
            record.judged_at = before.judged_at;
        }
        if before.as_ref().is_none_or(|it| is_news(it, record)) {
            produced.notices.push(Notice {
                alert: record.alert.id.0,
                revision: record.revision,
                is_new: before.is_none(),
            });
        }
    }
    store.commit(produced)
}

fn record(
    alert: Alert,
    judgements: &BTreeMap<u64, (EventTime, Decided)>,
    changed_at: EventTime,
) -> AlertRecord {
    let judgement = judgements.get(&alert.id.0);
    let comment = judgement.and_then(|(_, it)| match &it.decision {
        Decision::AlertJudged { comment, .. } => Some(comment.clone()),
        _ => None,
    });
    AlertRecord {
        revision: alert.revision,
        status: alert.status,
        comment: comment.unwrap_or_default(),
        judged_by: judgement.map(|(_, it)| it.by.clone()).unwrap_or_default(),
        judged_at: judgement.map(|(time, _)| *time),
        changed_at,
        alert,
    }
}

/// Outputs hear of an alert that is worse, ended otherwise or was judged; not of each finding.
fn is_news(before: &AlertRecord, after: &AlertRecord) -> bool {
    before.revision < after.revision
        && (before.alert.severity < after.alert.severity
            || before.alert.outcome != after.alert.outcome
            || before.status != after.status)
}
