//! The captures that the story is made of, and what a sensor tells of each: every one is read once.

use anyhow::{Context as _, Result};
use realmward_event::batch::Batch;
use realmward_sensor::service::batch_of;
use realmward_stream::CaptureReader;
use realmward_vocab::{EventTime, FileId};
use std::collections::BTreeMap;
use std::io::Cursor;

/// A capture as a sensor tells it, at the time at which it was made.
pub(super) struct Told {
    pub(super) batch: Batch,
    pub(super) first: EventTime,
}

/// Captures that were read, by name.
#[derive(Default)]
pub(super) struct Shelf {
    told: BTreeMap<&'static str, Told>,
}

impl Shelf {
    /// Reads the captures of these names, each once.
    ///
    /// # Errors
    /// When there is no such capture, or it cannot be read; they are part of the program and tests read
    /// them all, so that this never is.
    pub(super) fn read(names: impl IntoIterator<Item = &'static str>) -> Result<Self> {
        let mut shelf = Self::default();
        for name in names {
            if !shelf.told.contains_key(name) {
                shelf.told.insert(name, told(name)?);
            }
        }
        Ok(shelf)
    }

    /// What a capture tells.
    pub(super) fn told(&self, name: &str) -> Result<&Told> {
        self.told
            .get(name)
            .with_context(|| format!("the capture {name} was not read"))
    }
}

fn told(name: &'static str) -> Result<Told> {
    let (_, octets) = CAPTURES
        .iter()
        .find(|(it, _)| *it == name)
        .with_context(|| format!("the program has no capture {name}"))?;
    let capture = CaptureReader::new(name.to_owned(), Box::new(Cursor::new(*octets)))?;
    let batch = batch_of(capture, FileId::default())?;
    let first = batch.events.iter().map(|it| it.time).min();
    Ok(Told {
        first: first.unwrap_or_default(),
        batch,
    })
}

macro_rules! captures {
    ($($name:ident)+) => {
        &[$((stringify!($name), include_bytes!(concat!(
            env!("CARGO_MANIFEST_DIR"), "/../../fixtures/captures/scenarios/",
            stringify!($name), ".pcap.zst"
        )))),+]
    };
}

/// Those of one run of the lab, so of one domain. Left out are the largest (a promotion, a replication
/// of everything), those that begin in the middle of a session, and ways of one attack that would tell
/// the same again.
#[rustfmt::skip]
pub(super) const CAPTURES: &[(&str, &[u8])] = captures![
    address_book admin_creates_a_service admin_looks_at_sessions admin_ntlm_by_address appliance_ntlm application_binds backup_reads_all_users
    directory_sealed dns_search_list dns_updates group_changed helpdesk_looks_one_up helpdesk_reset
    helpdesk_restarts_a_service laptop_moves member_joins member_looks_names_up member_passes_ntlm_on
    mistyped nat_clients nat_mistypes no_preauthentication old_names password_changed policies_read
    printers_listed radius_accounting rc4_legacy_client rc4_printer registry_read replication replication_status
    secure_channel service_acts_for_its_user service_keytab service_stale_password
    service_tickets_many services_listed shares_listed sign_in ticket_renewed vulnerability_scanner

    admins_joined asrep_roast_no_account bloodhound coercion dcsync_krbtgt dns_transfer
    enumerate_names golden_ticket golden_ticket_ordinary_client kerberoast ldap_recon machine_added
    ntlm_relay overpass_the_hash pass_the_hash pass_the_hash_many_hosts pass_the_ticket
    policies_searched psexec remote_registry samr_enumeration session_enumeration
    spray_kerberos_hit spray_kerberos_slow
];
