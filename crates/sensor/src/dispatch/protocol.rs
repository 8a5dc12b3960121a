//! The protocols we know, where they usually live, and their doors: one row each.

use realmward_event::local_name::NameService::{Llmnr, Mdns, Netbios};
use realmward_protocols::{
    Dissector, Recognised, dcerpc, dhcp, dns, http, kerberos, ldap, local_name, nmf, radius, rdp,
    smb, tds, tls,
};
use realmward_stream::{FlowKey, Side};
use std::fmt;

/// A protocol that can be recognised at the start of a flow.
pub(crate) type Protocol = &'static Row;

/// What the sensor must know of a protocol.
pub(crate) struct Row {
    name: &'static str,
    over: Over,
    believed: Believed,
    /// Where it usually lives.
    ports: &'static [u16],
    /// Whether first octets of a direction, or a datagram (`true`), are its own.
    recognise: fn(bool, &[u8]) -> Recognised,
    /// Begins a conversation over a stream or over datagrams (`true`).
    converse: fn(bool) -> Box<dyn Dissector>,
}

/// What carries it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Tcp,
    Udp,
    Both,
}

/// Where a look at octets is believed without the port.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Believed {
    /// Also in the middle of a foreign flow.
    Anywhere,
    /// At the start of a stream: its first octets are too common for more.
    AtStart,
}

use Believed::{Anywhere, AtStart};
use Over::{Both, Tcp, Udp};

/// The most telling first octets first.
#[rustfmt::skip]
static ROWS: &[Row] = &[
    row("smb", Tcp, Anywhere, &[139, 445], |_, it| smb::recognise(it), |_| Box::new(smb::Conversation::new())),
    row("dcerpc", Both, Anywhere, &[135], dcerpc::recognise_over, dcerpc::converse),
    row("ncacn_http", Tcp, AtStart, &[593], |_, it| dcerpc::http::recognise(it), |_| Box::new(dcerpc::http::Conversation::new())),
    row("tls", Tcp, AtStart, &[443, 636, 3269, 5986], |_, it| tls::recognise(it), |_| Box::new(tls::Conversation::new())),
    row("http", Tcp, AtStart, &[80, 5985, 8080, 8530, 47001], |_, it| http::recognise(it), |_| Box::new(http::Conversation::new())),
    row("nmf", Tcp, AtStart, &[9389], |_, it| nmf::recognise(it), |_| Box::new(nmf::Conversation::new())),
    row("rdp", Tcp, AtStart, &[3389], |_, it| rdp::recognise(it), |_| Box::new(rdp::Conversation::new())),
    row("tds", Tcp, AtStart, &[1433], |_, it| tds::recognise(it), |_| Box::new(tds::Conversation::new())),
    row("kerberos", Both, Anywhere, &[88, 464], kerberos::recognise, |udp| Box::new(kerberos::Conversation::new(udp))),
    row("ldap", Both, Anywhere, &[389, 3268], ldap::recognise, |udp| Box::new(ldap::Conversation::new(udp))),
    row("dns", Both, AtStart, &[53], dns::recognise, |udp| Box::new(dns::Conversation::new(udp))),
    row("dhcp", Udp, AtStart, &[67, 68, 546, 547], |_, it| dhcp::recognise(it), |_| Box::new(dhcp::Conversation::new())),
    row("radius", Udp, AtStart, &[1812, 1813, 1645, 1646], |_, it| radius::recognise(it), |_| Box::new(radius::Conversation::new())),
    row("nbns", Udp, AtStart, &[137], |_, it| local_name::recognise(Netbios, it), |_| Box::new(local_name::Conversation::new(Netbios))),
    row("browser", Udp, AtStart, &[138], |_, it| local_name::recognise_announcement(it), |_| Box::new(local_name::Conversation::announcements())),
    row("llmnr", Udp, AtStart, &[5355], |_, it| local_name::recognise(Llmnr, it), |_| Box::new(local_name::Conversation::new(Llmnr))),
    row("mdns", Udp, AtStart, &[5353], |_, it| local_name::recognise(Mdns, it), |_| Box::new(local_name::Conversation::new(Mdns))),
];

const fn row(
    name: &'static str,
    over: Over,
    believed: Believed,
    ports: &'static [u16],
    recognise: fn(bool, &[u8]) -> Recognised,
    converse: fn(bool) -> Box<dyn Dissector>,
) -> Row {
    Row {
        name,
        over,
        believed,
        ports,
        recognise,
        converse,
    }
}

impl Row {
    pub(crate) fn recognise(&self, over_udp: bool, octets: &[u8]) -> Recognised {
        (self.recognise)(over_udp, octets)
    }

    pub(crate) fn converse(&self, over_udp: bool) -> Box<dyn Dissector> {
        (self.converse)(over_udp)
    }

    /// Whether octets of this flow are believed without its port.
    const fn is_asked(&self, over_udp: bool, at_start: bool) -> bool {
        match (self.over, self.believed) {
            (Tcp, _) if over_udp => false,
            (Udp, _) if !over_udp => false,
            (_, Anywhere) => true,
            (_, AtStart) => at_start && !over_udp,
        }
    }
}

/// Those to be asked when the ports do not tell, in their order.
pub(crate) fn candidates(over_udp: bool, at_start: bool) -> impl Iterator<Item = Protocol> {
    ROWS.iter()
        .filter(move |it| it.is_asked(over_udp, at_start))
}

/// The protocols that usually live at the ports. Both may be known: a client's port is any.
pub(crate) fn of_ports(over_udp: bool, key: &FlowKey) -> [Option<Protocol>; 2] {
    [key.low.port, key.high.port]
        .map(|port| of_port(port).filter(|it| it.over != if over_udp { Tcp } else { Udp }))
}

/// The end that serves, told by the ports: a known one, else the lower.
pub(crate) fn served_side(key: &FlowKey) -> Option<Side> {
    let low = of_port(key.low.port).is_some();
    let high = of_port(key.high.port).is_some();
    match (low, high) {
        (true, false) => Some(Side::Low),
        (false, true) => Some(Side::High),
        _ => key.lower_port(),
    }
}

fn of_port(port: u16) -> Option<Protocol> {
    let place = PLACES.get(usize::from(port)).copied().unwrap_or_default();
    ROWS.get(usize::from(place).checked_sub(1)?)
}

/// For every port the place of its row, counted from 1: asked for each datagram that belongs to no
/// flow, so it must cost nothing.
static PLACES: [u8; 1 << 16] = places();

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "computed while compiling, where a place out of bounds is an error"
)]
const fn places() -> [u8; 1 << 16] {
    let mut places = [0; 1 << 16];
    let mut row = 0;
    while row < ROWS.len() {
        let mut port = 0;
        while port < ROWS[row].ports.len() {
            places[ROWS[row].ports[port] as usize] = row as u8 + 1;
            port += 1;
        }
        row += 1;
    }
    places
}

impl PartialEq for Row {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Row {}

impl fmt::Debug for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
