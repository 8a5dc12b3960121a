//! What a detector says of itself. The docs page, the portal and the ATT&CK map come from here
//! and from the titles of its scenario page; nothing of it is written twice.

use crate::Severity;

/// Everything but the logic.
#[derive(Clone, Copy, Debug)]
pub struct Metadata {
    /// Stable id; also the stem of the detector's file, of its scenario and of its page.
    pub id: &'static str,
    /// The number of Microsoft's product for the same alert, if it has one.
    pub external_id: Option<u16>,
    /// Title as people read it.
    pub title: &'static str,
    /// ATT&CK technique ids, most specific first.
    pub techniques: &'static [&'static str],
    /// Severity of an ordinary case; a finding may say otherwise.
    pub severity: Severity,
    /// What it looks for, one sentence.
    pub looks_for: &'static str,
    /// What it needs to see.
    pub needs: &'static [Data],
    /// How long it learns before it is useful, in words; `None` if it fires from the first packet.
    pub learning: Option<&'static str>,
    /// What to do about an alert: contain, check, mend; one imperative sentence each.
    pub next_steps: &'static [&'static str],
    /// Chance that a compromised account shows this within a week: .5 deterministic, .3 strong, .1 weak.
    pub probability_if_compromised: f64,
    /// Chance that an honest account shows this within a week, before anything is known of the organisation.
    pub probability_if_honest: f64,
}

/// A kind of input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Data {
    /// Kerberos to and from domain controllers.
    Kerberos,
    /// NTLM in any carrier.
    Ntlm,
    /// SMB with readable contents.
    Smb,
    /// DCE/RPC headers; contents may be sealed.
    Rpc,
    /// LDAP.
    Ldap,
    /// DNS.
    Dns,
}
