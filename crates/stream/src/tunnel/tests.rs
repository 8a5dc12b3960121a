use super::*;

/// An IPv4 header and no more: enough to be found.
const IP: &[u8] = &[
    0x45, 0, 0, 20, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
];
const MACS: [u8; 12] = [7; 12];

fn ethernet() -> Vec<u8> {
    [&MACS[..], &[0x08, 0x00], IP].concat()
}

fn udp(port: u16, message: &[u8]) -> Vec<u8> {
    let length = u16::try_from(message.len() + 8).unwrap();
    let header = [49_152, port, length, 0].map(u16::to_be_bytes).concat();
    [header.as_slice(), message].concat()
}

/// What lies under the header is found; cut anywhere, nothing but a beginning of it is.
fn check(protocol: u8, header: &[u8], inner: &[u8], expected: Tunnel) {
    let packet = [header, inner].concat();
    assert_eq!(
        inside(protocol, &packet),
        Some((expected, Some(IP))),
        "{header:02x?}"
    );
    for cut in 0..packet.len() {
        if let Some((_, Some(found))) = inside(protocol, &packet[..cut]) {
            assert!(IP.starts_with(found), "{header:02x?} cut at {cut}");
        }
    }
}

fn check_udp(port: u16, header: &[u8], inner: &[u8], expected: Option<Tunnel>) {
    let packet = udp(port, &[header, inner].concat());
    let found = inside(UDP, &packet).map(|(tunnel, inner)| (tunnel, inner.unwrap_or_default()));
    assert_eq!(found, expected.map(|it| (it, IP)), "{port} {header:02x?}");
}

#[test]
fn gre_carries_ip_and_ethernet_behind_any_of_its_fields() {
    for (flags, fields) in [(0x00, 0), (0x80, 4), (0x20, 4), (0x10, 4), (0xb0, 12)] {
        let header = |kind: [u8; 2]| [&[flags, 0][..], &kind, &vec![0xee; fields]].concat();
        check(GRE, &header([0x08, 0x00]), IP, Tunnel::Gre);
        check(GRE, &header([0x86, 0xdd]), IP, Tunnel::Gre);
        check(GRE, &header([0x65, 0x58]), &ethernet(), Tunnel::Gre);
        let labels = [&[0, 1, 0, 64][..], &[0, 2, 1, 64], IP].concat();
        check(GRE, &header([0x88, 0x47]), &labels, Tunnel::Gre);
    }
    for (flags, version) in [(0x40, 0), (0x00, 1)] {
        let packet = [&[flags, version, 0x08, 0x00, 0, 0, 0, 0][..], IP].concat();
        assert_eq!(inside(GRE, &packet), None, "source routing, PPTP");
    }
}

#[test]
fn erspan_of_every_type_carries_the_frame() {
    let type_1 = [0, 0, 0x88, 0xbe];
    check(GRE, &type_1, &ethernet(), Tunnel::Erspan);
    let type_2 = [
        &[0x10, 0, 0x88, 0xbe, 0, 0, 0, 9][..],
        // Version 1, VLAN 5; class, session 100; index.
        &[0x10, 5, 0x08, 100, 0, 0, 0, 1],
    ];
    check(GRE, &type_2.concat(), &ethernet(), Tunnel::Erspan);
    let type_3 = |last: u16| {
        let gre = [0x10, 0, 0x22, 0xeb, 0, 0, 0, 9];
        let header = [0x20, 5, 0x08, 100, 1, 2, 3, 4, 0, 0];
        [&gre[..], &header, &last.to_be_bytes()].concat()
    };
    check(GRE, &type_3(0), &ethernet(), Tunnel::Erspan);
    check(GRE, &type_3(0x8000 | 2 << 10), IP, Tunnel::Erspan);
    let platform = [type_3(1), vec![0xee; 8]].concat();
    check(GRE, &platform, &ethernet(), Tunnel::Erspan);
    for odd in [
        type_3(9 << 10),
        [&[0x10, 0, 0x88, 0xbe][..], &[0; 12]].concat(),
    ] {
        let packet = [odd, ethernet()].concat();
        assert_eq!(inside(GRE, &packet), Some((Tunnel::Erspan, None)));
    }
}

#[test]
fn ip_in_ip_and_mpls_in_ip() {
    check(IPV4, &[], IP, Tunnel::Ip);
    check(IPV6, &[], IP, Tunnel::Ip);
    check(MPLS, &[0, 1, 1, 64], IP, Tunnel::Mpls);
    let control_word = [0; 4];
    let pseudowire = [&[0, 1, 1, 64][..], &control_word].concat();
    check(MPLS, &pseudowire, &ethernet(), Tunnel::Mpls);
    let endless = [[0, 1, 0, 64].repeat(40), IP.to_vec()].concat();
    assert_eq!(inside(MPLS, &endless), Some((Tunnel::Mpls, None)));
}

#[test]
fn tunnels_over_udp_are_told_by_destination_port_and_header() {
    let vxlan = [8, 0, 0, 0, 0, 0, 42, 0];
    check_udp(4789, &vxlan, &ethernet(), Some(Tunnel::Vxlan));
    check_udp(8472, &vxlan, &ethernet(), None);
    check_udp(4789, &[0, 0, 0, 0, 0, 0, 42, 0], &ethernet(), None);
    let mut answer = udp(4789, &[&vxlan[..], &ethernet()].concat());
    answer[..4].rotate_left(2);
    assert_eq!(inside(UDP, &answer), None, "from the port is not to it");

    let geneve = [0, 0, 0x65, 0x58, 0, 0, 42, 0];
    check_udp(6081, &geneve, &ethernet(), Some(Tunnel::Geneve));
    let options = [2, 0x40, 0x08, 0x00, 0, 0, 42, 0, 1, 2, 3, 1, 9, 9, 9, 9];
    check_udp(6081, &options, IP, Some(Tunnel::Geneve));
    check_udp(6081, &[0x40, 0, 0x65, 0x58, 0, 0, 42, 0], &ethernet(), None);

    let tzsp = [1, 0, 0, 1, 1];
    check_udp(37_008, &tzsp, &ethernet(), Some(Tunnel::Tzsp));
    // Padding, signal strength, then the end.
    let tagged = [1, 1, 0, 1, 0, 0, 10, 1, 0xc8, 1];
    check_udp(37_008, &tagged, &ethernet(), Some(Tunnel::Tzsp));
    for other in [[2, 0, 0, 1, 1], [1, 4, 0, 1, 1], [1, 0, 0, 0x12, 1]] {
        check_udp(37_008, &other, &ethernet(), None);
    }
    check_udp(37_008, &[&[1, 0, 0, 1][..], &[0; 100]].concat(), &[1], None);
}
