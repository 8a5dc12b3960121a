//! Lines of `auth.txt` as events.

use realmward_event::kerberos::{ServiceTicketIssued, TicketGranted};
use realmward_event::ntlm::NtlmAuthenticated;
use realmward_event::smb::SmbSessionAnswered;
use realmward_event::{Endpoint, Event, Fact, Outcome, SessionPrincipal, Source};
use realmward_vocab::{
    AccountName, DomainName, EventTime, FlowId, HostName, NtStatus, Order, PacketRef,
    PrincipalName, Realm,
};
use std::net::{IpAddr, Ipv4Addr};

/// `time,source user@domain,destination user@domain,source computer,destination computer,
/// authentication type,logon type,orientation,Success or Fail`; log-offs say nothing here.
pub(super) fn event(line: &str, number: u64) -> Option<Event> {
    let fields: Vec<&str> = line.trim().split(',').collect();
    let [time, _, user, from, to, package, _, orientation, ended] = fields.as_slice() else {
        return None;
    };
    let works = *ended == "Success";
    let (account, domain) = account(user);
    let client = PrincipalName::new(account.as_str());
    let realm = Realm::new(domain.as_str().to_uppercase());
    let fact = match (*orientation, *package) {
        ("TGT", _) if works => Fact::TicketGranted(TicketGranted {
            client,
            realm,
            ..TicketGranted::default()
        }),
        ("TGS", _) if works => Fact::ServiceTicketIssued(ServiceTicketIssued {
            client,
            realm,
            ..ServiceTicketIssued::default()
        }),
        ("LogOn", "NTLM") => Fact::NtlmAuthenticated(ntlm(account, domain, from, works)),
        ("LogOn", _) => Fact::SmbSessionAnswered(SmbSessionAnswered {
            principal: SessionPrincipal::Named(AccountName::new(user)),
            status: if works {
                NtStatus::STATUS_SUCCESS
            } else {
                NtStatus::STATUS_LOGON_FAILURE
            },
            ..SmbSessionAnswered::default()
        }),
        _ => return None,
    };
    let port = if matches!(*orientation, "TGT" | "TGS") {
        88
    } else {
        445
    };
    Some(Event {
        time: EventTime::from_unix_seconds(time.parse().ok()?),
        order: Order {
            packet: number,
            index: 0,
        },
        source: Source::Wire(FlowId(number)),
        client: end(from, 50_000),
        server: end(to, port),
        evidence: vec![PacketRef {
            packet: number,
            ..PacketRef::default()
        }],
        fact,
    })
}

fn ntlm(user: AccountName, domain: DomainName, from: &str, works: bool) -> NtlmAuthenticated {
    NtlmAuthenticated {
        user,
        domain,
        workstation: HostName::new(from),
        client_version: Some((10, 0, 0)),
        negotiate_flags: Some(0x0200_0000),
        response_version: 2,
        has_mic: true,
        outcome: if works {
            Outcome::Success
        } else {
            Outcome::Failure
        },
        ..NtlmAuthenticated::default()
    }
}

/// `U66@DOM1`.
pub(super) fn account(text: &str) -> (AccountName, DomainName) {
    let (name, domain) = text.trim().split_once('@').unwrap_or((text, ""));
    (AccountName::new(name), DomainName::new(domain))
}

/// `C17693` gets an address of its own; the data has none.
fn end(computer: &str, port: u16) -> Endpoint {
    let digits = computer.trim_start_matches('C').parse::<u32>();
    let number = digits.unwrap_or_else(|_| {
        0x0080_0000
            | computer
                .bytes()
                .fold(7_u32, |sum, it| sum.wrapping_mul(31) ^ u32::from(it))
                & 0x7f_ffff
    });
    let [_, a, b, c] = number.to_be_bytes();
    Endpoint {
        name: Some(HostName::new(computer)),
        ..Endpoint::new(IpAddr::V4(Ipv4Addr::new(10, a, b, c)), port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_line_becomes_the_fact_that_fits() {
        for (line, kind) in [
            (
                "1,U1@DOM1,U1@DOM1,C5,C5,Kerberos,?,TGT,Success",
                Some("TicketGranted"),
            ),
            (
                "1,U1@DOM1,U1@DOM1,C5,C9,Kerberos,Network,TGS,Success",
                Some("ServiceTicketIssued"),
            ),
            (
                "1,U1@DOM1,U1@DOM1,C5,C9,NTLM,Network,LogOn,Fail",
                Some("NtlmAuthenticated"),
            ),
            (
                "1,U1@DOM1,U1@DOM1,C5,C9,Kerberos,Network,LogOn,Success",
                Some("SmbSessionAnswered"),
            ),
            ("1,C1$@DOM1,C1$@DOM1,C1,C1,?,?,LogOff,Success", None),
            ("1,U1@DOM1", None),
            ("x,U1@DOM1,U1@DOM1,C5,C9,NTLM,Network,LogOn,Fail", None),
        ] {
            let kind_of = event(line, 1).map(|it| it.fact.kind());
            assert_eq!(kind_of, kind, "{line}");
        }
        let it = event("7,U1@DOM1,U2@DOM1,C17693,C9,NTLM,Network,LogOn,Success", 3).unwrap();
        assert_eq!(it.client.address, Some("10.0.69.29".parse().unwrap()));
        assert_eq!(it.time, EventTime::from_unix_seconds(7));
    }
}
