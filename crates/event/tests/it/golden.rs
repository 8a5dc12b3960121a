//! Facts as they were once written into a journal: each must be read for ever, and mean the same.

use realmward_event::Fact;

/// A record as it was written when the fact was new.
const RECORDS: &[(&str, &str)] = &[
    (
        "NamesAsked",
        r#"{"NamesAsked":{"since":1,"until":2,"questions":300,"distinct":256,"unanswered":1,"missing":200,"refused":2,"reverse":7,"kinds":[{"query_type":16,"questions":9}],"services":["_ldap._tcp.lab.example"],"parents":[{"name":"lab.example","questions":300,"distinct":256,"label_octets_max":63,"below_octets_mean":40,"below_entropy_millibits":4100,"carrying":9,"octets_asked":9000,"octets_answered":90000}],"answer_octets_max":65281,"answer_kind_max":24}}"#,
    ),
    (
        "ZoneTransferred",
        r#"{"ZoneTransferred":{"zone":"lab.example","incremental":false,"response_code":0,"records":41,"octets":1800,"outcome":"success"}}"#,
    ),
    (
        "ZoneUpdated",
        r#"{"ZoneUpdated":{"zone":"lab.example","added":[{"name":"*.lab.example","record_type":1,"address":"10.0.0.66","host":null}],"deleted":[{"name":"ws1.lab.example","record_type":255,"address":null,"host":null}],"signature":"gss-tsig","response_code":5,"outcome":"failure"}}"#,
    ),
    (
        "AddressLeased",
        r#"{"AddressLeased":{"step":"granted","hardware_address":"00:0c:29:76:64:a1","address":"10.0.0.77","host":"WS-17","full_name":"ws-17.lab.example","vendor_class":"MSFT 5.0","lease_s":86400,"server":"10.0.0.5","relay":"10.0.1.1","name_servers":["10.0.0.5"],"domain":"lab.example"}}"#,
    ),
    (
        "NetworkAccessAsked",
        r#"{"NetworkAccessAsked":{"client":{"user":"LAB\\alice","address":null,"calling_station":"198.51.100.7","called_station":null,"tunnel_client":null,"host":null,"gateway":"10.0.0.1","gateway_name":"vpn1","port_type":5,"service_type":2},"method":"mschapv2","outcome":"success"}}"#,
    ),
    (
        "NetworkSessionReported",
        r#"{"NetworkSessionReported":{"client":{"user":"alice","address":"10.9.0.4","calling_station":null,"called_station":null,"tunnel_client":"198.51.100.7","host":"WS-17","gateway":null,"gateway_name":null,"port_type":null,"service_type":null},"status":2,"session":"0000001F","duration_s":60,"terminate_cause":1,"octets_in":9,"octets_out":4294967301,"acknowledged":true}}"#,
    ),
    (
        "LocalNameAsked",
        r#"{"LocalNameAsked":{"service":"llmnr","names":[{"name":"wpad","query_type":1,"suffix":null}]}}"#,
    ),
    (
        "LocalNameAnswered",
        r#"{"LocalNameAnswered":{"service":"netbios","name":{"name":"FILES","query_type":32,"suffix":32},"addresses":["10.0.0.66"],"names":[],"response_code":0,"by_client":false}}"#,
    ),
    (
        "NetbiosNameClaimed",
        r#"{"NetbiosNameClaimed":{"name":"LAB","suffix":28,"is_group":true,"address":"10.0.0.5","claim":"refreshed","response_code":0}}"#,
    ),
    (
        "HostAnnounced",
        r#"{"HostAnnounced":{"name":"DC1","command":1,"version":[10,0],"server_type":8458379,"comment":"the first"}}"#,
    ),
    (
        "RemoteDesktopAsked",
        r#"{"RemoteDesktopAsked":{"cookie":"admin","requested":11,"request_flags":1,"selected":2,"failure":null,"client_name":"WS-17","client_build":22621,"keyboard_layout":1033,"outcome":"success"}}"#,
    ),
    (
        "TlsNegotiated",
        r#"{"TlsNegotiated":{"version":771,"cipher_suite":49200,"server_name":"dc1.lab.example","alpn":["h2"],"alpn_chosen":"h2","certificate":{"subject":"CN=dc1.lab.example","issuer":"CN=Lab CA","serial":"1f","names":["dc1.lab.example"],"not_before":1,"not_after":2,"sha256":"00"},"client_certificate":null,"within":"ldap"}}"#,
    ),
    (
        "DatabaseLogon",
        r#"{"DatabaseLogon":{"user":"sa","integrated":false,"client_host":"WS-17","application":"app","server_name":"sql1","library":"ODBC","database":"master","encryption":2,"outcome":"failure","error":18456}}"#,
    ),
];

#[test]
fn an_old_record_is_read_and_written_as_it_was() {
    for (kind, record) in RECORDS {
        let fact: Fact =
            serde_json::from_str(record).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(fact.kind(), *kind);
        assert_eq!(serde_json::to_string(&fact).unwrap(), *record);
    }
}
