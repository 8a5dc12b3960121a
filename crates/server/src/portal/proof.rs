//! The packets that prove an alert, as a table.

use super::words::When;
use realmward_alert::Alert;
use realmward_event::batch::EvidencePacket;
use realmward_export::words::{count, number, size};
use realmward_vocab::FileId;
use std::collections::BTreeMap;

/// Packets of an alert.
pub(super) struct Proof {
    pub(super) rows: Vec<ProofRow>,
    /// Packets past those.
    pub(super) more: u64,
    /// How many there are and are kept, in words.
    pub(super) summary: String,
    /// Whether there is something to download.
    pub(super) is_kept: bool,
}

/// A packet.
pub(super) struct ProofRow {
    /// Its place on the page: who sends a link means this packet.
    pub(super) anchor: String,
    pub(super) packet: String,
    pub(super) origin: String,
    /// When it was captured, if it is kept.
    pub(super) when: Option<When>,
    /// Of the second, `.176703`: packets of one message are closer than a second.
    pub(super) fraction: String,
    pub(super) size: String,
    /// The beginning of it in hex, if it is kept.
    pub(super) octets: String,
}

/// Names the packets, and what is kept of them.
pub(super) fn proof(
    alert: &Alert,
    kept: &[EvidencePacket],
    origins: &BTreeMap<FileId, String>,
) -> Proof {
    let by_reference: BTreeMap<_, _> = kept.iter().map(|it| (it.packet, it)).collect();
    let rows: Vec<ProofRow> = alert
        .evidence
        .iter()
        .take(ROWS_MAX)
        .map(|reference| {
            let kept = by_reference.get(reference);
            let when = kept.map(|it| When::new(it.time));
            ProofRow {
                anchor: format!("packet-{}-{}", reference.file.0, reference.packet),
                fraction: when.as_ref().map_or_else(String::new, fraction),
                packet: number(reference.packet),
                origin: origins.get(&reference.file).cloned().unwrap_or_default(),
                when,
                size: kept.map_or_else(String::new, |it| size(it.octets_on_wire.into())),
                octets: kept.map_or_else(String::new, |it| hex(&it.octets)),
            }
        })
        .collect();
    let all = alert.evidence.len() as u64;
    Proof {
        more: all - rows.len() as u64,
        summary: format!(
            "{}; {} kept. Secrets in them are blanked.",
            count(all, "packet"),
            if kept.len() == 1 {
                "1 is still".to_owned()
            } else {
                format!("{} are still", number(kept.len() as u64))
            }
        ),
        is_kept: !kept.is_empty(),
        rows,
    }
}

fn fraction(when: &When) -> String {
    let second = when.machine.trim_end_matches('Z');
    second
        .rfind('.')
        .and_then(|at| second.get(at..))
        .unwrap_or_default()
        .to_owned()
}

/// Octets in hex with their readable letters beside them, 16 a line.
fn hex(octets: &[u8]) -> String {
    let shown = octets.get(..OCTETS_MAX).unwrap_or(octets);
    let mut out = String::new();
    for (line, part) in shown.chunks(16).enumerate() {
        let digits: Vec<String> = part.iter().map(|it| format!("{it:02x}")).collect();
        let letters: String = part
            .iter()
            .map(|it| {
                if it.is_ascii_graphic() {
                    char::from(*it)
                } else {
                    '.'
                }
            })
            .collect();
        out.push_str(&format!(
            "{:04x}  {:<47}  {letters}\n",
            line * 16,
            digits.join(" ")
        ));
    }
    out
}

/// The file that is downloaded has all.
const ROWS_MAX: usize = 25;
/// Enough for the headers and the beginning of a message.
const OCTETS_MAX: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_shown_with_their_letters() {
        assert_eq!(
            hex(b"NTLMSSP\0"),
            "0000  4e 54 4c 4d 53 53 50 00                          NTLMSSP.\n"
        );
    }
}
