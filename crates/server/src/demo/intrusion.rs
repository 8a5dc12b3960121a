//! The intrusion: one stranger's machine, from the first question to the domain's own key.
//!
//! It comes in the last five days, counted back from the end of the story, so that what the newcomer sees
//! first is what happened last. Between two steps that something tells of there is never a whole
//! day: they are one incident. What no detection tells of yet is done all the same.

use std::fmt::Write as _;

/// A step of the intruder.
pub(super) struct Step {
    /// How long before the end: days, hours and minutes.
    pub(super) ago: (u64, u64, u64),
    pub(super) capture: &'static str,
    /// What is done, in words.
    pub(super) what: &'static str,
}

/// What happens in the intrusion, a line a step.
pub(super) fn words() -> String {
    let mut words = "Before the end of the story\n".to_owned();
    for step in INTRUSION {
        let (days, hours, minutes) = step.ago;
        let _ = writeln!(words, "{days} d {hours} h {minutes:02} min  {}", step.what);
    }
    words
}

macro_rules! steps {
    ($($days:literal $hours:literal:$minutes:literal $capture:ident $what:literal)+) => {
        &[$(Step {
            ago: ($days, $hours, $minutes),
            capture: stringify!($capture),
            what: $what,
        }),+]
    };
}

/// In the order in which it happens: days, hours and minutes before the end.
#[rustfmt::skip]
pub(super) const INTRUSION: &[Step] = steps![
    5  5:40  dns_transfer              "A machine that nobody knows, 10.77.0.66, asks the name server for the whole zone, then guesses names."
    5  4:55  enumerate_names           "It tries eighty-two names at the KDC to see which exist. Two do: alice and bob."
    5  2:20  asrep_roast_no_account    "It looks for accounts that need no pre-authentication and finds svc-legacy."
    4  6:10  spray_kerberos_slow       "One password for twelve people, one every four seconds. Nobody has it."
    4  3:30  spray_kerberos_hit        "Another password for twenty-one accounts, and svc-web has it: the first foothold."

    3  6:45  ldap_recon                "With the password of alice, who had typed it into a false portal, it asks the directory who is worth attacking."
    3  6:10  samr_enumeration          "It lists all users and groups over SAMR."
    3  5:10  bloodhound                "BloodHound collects the domain: who may what, and who is logged on where."
    3  4:20  session_enumeration       "It asks every server who is logged on: where do administrators work?"
    3  2:40  kerberoast                "It gets a ticket for each service account, to break their passwords at home."

    2  6:30  policies_searched         "It searches all policies for passwords that somebody left in them."
    2  5:50  coercion                  "It makes servers log on to it, in every known way."
    2  4:45  ntlm_relay                "adm-jane opens a share of it by mistake; her logon is passed on to ws1, and her hash is there for the taking."
    2  3:15  pass_the_hash             "With the stolen hash, as adm-jane, it opens the administrative share of ws1."
    2  2:30  pass_the_hash_many_hosts  "The same hash opens every server."

    1  6:20  psexec                    "It copies a program to ws1 and ws2 and makes services of it."
    1  5:15  remote_registry           "It searches the registry of ws1 for secrets."
    1  3:40  overpass_the_hash         "It exchanges the stolen hash for a ticket of adm-jane."
    1  1:50  pass_the_ticket           "It takes the ticket of bob from his workstation and uses it as its own."

    0  3:20  machine_added             "It adds a machine account, to have one that nobody misses."
    0  2:10  dcsync_krbtgt             "As adm-jane it asks a domain controller to replicate the secrets of krbtgt: the key to every ticket."
    0  1:25  admins_joined             "It adds walter to Domain Admins, should adm-jane be found."
    0  0:50  golden_ticket             "It forges a ticket of Administrator with the stolen key: the domain is its own."
    0  0:12  golden_ticket_ordinary_client "It comes back as Administrator with another forged ticket, from an ordinary client."
];
