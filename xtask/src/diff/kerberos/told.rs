//! What our facts say, in the words of the table.

use super::super::record::Record;
use super::{list, octets};
use realmward_event::Fact;
use realmward_event::kerberos::{RequestShape, Ticket};

/// What a fact says; the request in an answer is a fact of its own, and that of a change of a password
/// is three messages.
pub(super) fn ours(fact: &Fact, frames: Vec<u64>, told: &mut Vec<Record>) {
    if let Fact::PasswordChangeRequested(it) = fact {
        let change = Record::new("password change", frames.clone())
            .with("version", if it.is_set { "0xff80" } else { "0x0001" })
            .with("sealed", it.sealed_octets);
        let error = Record::new("KRB-ERROR", frames.clone());
        let error = it.error.map(|it| error.with("error-code", it.0));
        let presented = ticket(Record::new("AP-REQ", frames), &it.ticket)
            .with("authenticator", it.authenticator.cipher_octets);
        told.extend([change, presented]);
        told.extend(error);
    } else {
        told.extend(message(fact, frames));
    }
}

fn message(fact: &Fact, frames: Vec<u64>) -> Option<Record> {
    Some(match fact {
        Fact::TicketGrantRequested(it) => shape(Record::new("AS-REQ", frames), &it.shape)
            .with("cname", it.client.as_ref().map_or("", |it| it.as_str()))
            .with("realm", it.realm.as_str())
            .with("sname", it.service.as_str())
            .with("timestamp", octets(it.timestamp.map(|it| it.cipher_octets)))
            .with("certificates", it.certificates)
            .with_some("serial", it.certificate.as_ref().map(|it| &it.serial)),
        Fact::ServiceTicketRequested(it) => {
            let record = shape(Record::new("TGS-REQ", frames), &it.shape)
                .with("realm", it.realm.as_str())
                .with("sname", it.service.as_ref().map_or("", |it| it.as_str()))
                .with("additional-tickets", it.additional_tickets.len())
                .with(
                    "for user",
                    it.for_user.as_ref().map_or("", |it| it.as_str()),
                );
            ticket(record, &it.presented).with("authenticator", it.authenticator.cipher_octets)
        }
        Fact::TicketGranted(it) => ticket(Record::new("AS-REP", frames), &it.ticket)
            .with("cname", it.client.as_str())
            .with("crealm", it.realm.as_str())
            .with("enc-part etype", it.reply_etype.0),
        Fact::ServiceTicketIssued(it) => ticket(Record::new("TGS-REP", frames), &it.ticket)
            .with("cname", it.client.as_str())
            .with("crealm", it.realm.as_str())
            .with("enc-part etype", it.reply_etype.0),
        Fact::KerberosRefused(it) => Record::new("KRB-ERROR", frames)
            .with("error-code", it.code.0)
            .with("realm", it.realm.as_str())
            .with("sname", it.service.as_str())
            .with("offered", list(it.offered_etypes.iter().map(|it| it.0)))
            .with("stime", it.server_time.map_or(0, second))
            .with("ctime", it.client_time.map_or(0, second)),
        Fact::TicketPresented(it) => ticket(Record::new("AP-REQ", frames), &it.ticket)
            .with("authenticator", it.authenticator.cipher_octets),
        _ => return None,
    })
}

fn shape(record: Record, shape: &RequestShape) -> Record {
    record
        .with("kdc-options", format!("{:08x}", shape.options.0))
        .with("etype", list(shape.etypes.iter().map(|it| it.0)))
        .with("padata", list(shape.padata.iter().map(|it| it.0)))
        .with("nonce", shape.nonce)
        .with("till", &shape.till)
        .with("rtime", shape.rtime.as_deref().unwrap_or_default())
        .with("sname type", shape.service_name_type)
        .with(
            "include-pac",
            shape
                .include_pac
                .map_or("-", |it| if it { "1" } else { "0" }),
        )
        .with(
            "pac-options",
            shape
                .pac_options
                .map_or("-".to_owned(), |it| format!("{it:08x}")),
        )
        .with(
            "tunnel",
            octets(shape.fast.as_ref().map(|it| it.request.cipher_octets)),
        )
}

fn second(time: realmward_vocab::EventTime) -> i64 {
    time.unix_nanoseconds() / 1_000_000_000
}

fn ticket(record: Record, ticket: &Ticket) -> Record {
    record
        .with("ticket realm", ticket.realm.as_str())
        .with("ticket sname", ticket.service.as_str())
        .with("ticket etype", ticket.etype.0)
        .with("ticket kvno", octets(ticket.kvno))
        .with("ticket octets", ticket.cipher_octets)
        .with("ticket digest", format!("{:032x}", ticket.hash.0))
}
