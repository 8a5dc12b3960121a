use super::*;
use crate::flow::{End, FlowKey, Transport};
use proptest::prelude::*;
use realmward_vocab::{EventTime, FileId, PacketRef};

/// A connection under test, and what it delivered to either side.
struct Bench {
    connection: Connection,
    pool: Pool,
    /// Octets of each direction; a gap is written as `[lost]`.
    streams: [String; 2],
    packets: u64,
    /// Of the segments that follow.
    checksum: Checksum,
}

/// One segment: second, sender, flags, sequence, acknowledged, payload, cut.
#[derive(Clone, Copy)]
struct Shot<'a>(i64, Side, u8, u32, u32, &'a [u8], u32);

use Side::{High as B, Low as A};
const SYN: u8 = TcpFlags::SYN;
const FIN: u8 = TcpFlags::FIN;
const ACK: u8 = TcpFlags::ACK;
const RST: u8 = TcpFlags::RST;

impl Bench {
    fn new(held_octets_max: usize) -> Self {
        Self {
            connection: Connection::default(),
            pool: Pool::new(held_octets_max),
            streams: Default::default(),
            packets: 0,
            checksum: Checksum::Unset,
        }
    }

    fn send(&mut self, shot: Shot<'_>) -> Status {
        let Shot(second, from, flags, sequence, acknowledged, payload, cut) = shot;
        self.packets += 1;
        let end = |address| End { address, port: 1 };
        let (key, _) = FlowKey::new(Transport::Tcp, end(1), end(2));
        let head = Head {
            seen: Seen {
                time: EventTime::from_unix_seconds(second),
                packet: PacketRef {
                    file: FileId(0),
                    packet: self.packets,
                },
            },
            order: self.packets,
            key,
            from,
            tcp: Some(TcpHead {
                sequence,
                acknowledged,
                flags: TcpFlags(flags),
                checksum: self.checksum,
            }),
            cut,
        };
        let streams = &mut self.streams;
        self.connection
            .segment(&head, payload, &mut self.pool, &mut |side, piece| {
                write(streams, side, piece);
            })
    }

    fn finish(mut self) -> [String; 2] {
        let streams = &mut self.streams;
        self.connection.finish(&mut self.pool, &mut |side, piece| {
            write(streams, side, piece);
        });
        assert_eq!(self.pool.held_octets(), 0, "everything held was given back");
        self.streams
    }
}

fn write(streams: &mut [String; 2], side: Side, piece: Piece<'_>) {
    let stream = match side {
        A => &mut streams[0],
        B => &mut streams[1],
    };
    match piece {
        Piece::Octets(octets, _) => stream.push_str(&String::from_utf8_lossy(octets)),
        Piece::Gap(lost) => stream.push_str(&format!("[{lost}]")),
    }
}

fn check(shots: &[Shot<'_>], expected: [&str; 2]) {
    let mut bench = Bench::new(1 << 20);
    for shot in shots {
        bench.send(*shot);
    }
    assert_eq!(bench.finish(), expected);
}

#[test]
fn segments_out_of_order_and_repeated_give_the_stream() {
    check(
        &[
            Shot(0, A, SYN, 99, 0, b"", 0),
            Shot(0, A, 0, 104, 0, b"ef", 0),
            Shot(0, A, 0, 100, 0, b"abcd", 0),
            Shot(0, A, 0, 100, 0, b"abcd", 0),
            Shot(0, A, 0, 104, 0, b"efgh", 0),
            Shot(0, B, 0, 7000, 0, b"xy", 0),
        ],
        ["abcdefgh", "xy"],
    );
}

#[test]
fn sequence_numbers_wrap() {
    check(
        &[
            Shot(0, A, SYN, u32::MAX - 3, 0, b"", 0),
            Shot(0, A, 0, 1, 0, b"de", 0),
            Shot(0, A, 0, u32::MAX - 2, 0, b"abc", 0),
            Shot(0, A, 0, 0, 0, b"!", 0),
        ],
        ["abc!de", ""],
    );
}

#[test]
fn the_first_octets_win_wherever_segments_overlap() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"", 0),
            Shot(0, A, 0, 5, 0, b"EF", 0),
            Shot(0, A, 0, 3, 0, b"cdxxgh", 0),
            Shot(0, A, 0, 1, 0, b"ab", 0),
            Shot(0, A, 0, 1, 0, b"zzzzzzzzi", 0),
        ],
        ["abcdEFghi", ""],
    );
}

#[test]
fn a_hole_is_given_up_once_the_peer_acknowledges_past_it() {
    let lost = [
        Shot(0, A, SYN, 0, 0, b"", 0),
        Shot(0, A, 0, 1, 0, b"ab", 0),
        Shot(0, A, 0, 6, 0, b"fg", 0),
    ];
    let mut bench = Bench::new(1 << 20);
    for shot in lost {
        bench.send(shot);
    }
    bench.send(Shot(0, B, ACK, 1, 5, b"", 0));
    assert_eq!(bench.streams[0], "ab", "acknowledged only into the hole");
    bench.send(Shot(0, B, ACK, 1, 8, b"answer", 0));
    assert_eq!(bench.streams, ["ab[3]fg", "answer"]);
    // The late octets are no news any more.
    bench.send(Shot(0, A, 0, 3, 0, b"cde", 0));
    assert_eq!(bench.streams[0], "ab[3]fg");
    assert_eq!(bench.pool.counters.gaps, 1);
    assert_eq!(bench.pool.counters.lost_octets, 3);
}

#[test]
fn a_hole_already_acknowledged_is_not_waited_for() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"", 0),
            Shot(0, B, ACK, 0, 4, b"", 0),
            Shot(0, A, 0, 4, 0, b"d", 0),
            Shot(0, A, 0, 1, 0, b"abc", 0),
        ],
        ["[3]d", ""],
    );
}

#[test]
fn a_hole_is_given_up_after_two_seconds_even_in_one_direction_only() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"", 0),
            Shot(10, A, 0, 3, 0, b"c", 0),
            Shot(12, A, 0, 5, 0, b"e", 0),
            Shot(13, A, 0, 6, 0, b"f", 0),
            Shot(13, A, 0, 1, 0, b"late", 0),
        ],
        ["[2]ceef", ""],
    );
}

#[test]
fn what_is_held_is_bounded_for_one_connection_and_for_all() {
    for (pool, segment) in [(1 << 30, 1400), (10_000, 1400), (1 << 30, 1)] {
        let mut bench = Bench::new(pool);
        bench.send(Shot(0, A, SYN, 0, 0, b"", 0));
        let payload = vec![b'x'; segment];
        let mut most = 0;
        for index in 0..5000_u32 {
            let sequence = 1000 + index * 2 * u32::try_from(segment).unwrap();
            bench.send(Shot(0, A, 0, sequence, 0, &payload, 0));
            most = most.max(bench.pool.held_octets());
        }
        assert!(most <= pool.min(held::HELD_OCTETS_MAX) + segment);
        assert!(0 < bench.pool.counters.bound_reached);
        bench.finish();
    }
}

#[test]
fn octets_cut_by_the_snap_length_are_a_gap() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"", 0),
            Shot(0, A, 0, 11, 0, b"kl", 3),
            Shot(0, A, 0, 1, 0, b"abc", 7),
            Shot(0, A, 0, 16, 0, b"p", 0),
            Shot(0, A, 0, 8, 0, b"h", 20),
        ],
        ["abc[7]kl[3]p[12]", ""],
    );
}

#[test]
fn a_connection_joined_in_its_middle_begins_with_its_first_payload() {
    check(
        &[
            Shot(0, A, ACK, 500, 0, b"?", 0),
            Shot(0, A, ACK, 501, 0, b"abc", 0),
            Shot(0, B, ACK, 900, 504, b"xyz", 0),
            Shot(0, A, ACK, 503, 0, b"cd", 0),
        ],
        ["abcd", "xyz"],
    );
}

#[test]
fn both_ends_finish_and_a_reset_only_closes() {
    let mut bench = Bench::new(1 << 20);
    bench.send(Shot(0, A, SYN, 0, 0, b"", 0));
    bench.send(Shot(0, B, SYN | ACK, 0, 1, b"", 0));
    assert_eq!(bench.connection.client(), Some(A));
    assert_eq!(bench.send(Shot(0, A, FIN, 4, 0, b"d", 0)), Status::Open);
    assert_eq!(bench.send(Shot(0, B, FIN, 1, 0, b"x", 0)), Status::Open);
    assert_eq!(bench.send(Shot(0, A, 0, 1, 0, b"abc", 0)), Status::Finished);
    assert_eq!(bench.finish(), ["abcd", "x"]);

    let mut bench = Bench::new(1 << 20);
    bench.send(Shot(0, A, SYN, 0, 0, b"", 0));
    assert_eq!(bench.send(Shot(0, B, RST, 0, 0, b"", 0)), Status::Closing);
    bench.send(Shot(0, A, 0, 1, 0, b"still read", 0));
    assert_eq!(bench.finish(), ["still read", ""]);
}

#[test]
fn a_forged_fin_or_keep_alive_does_not_blind() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"", 0),
            Shot(0, A, 0, 1, 0, b"abc", 0),
            Shot(0, A, FIN, 4, 0, b"", 0),
            Shot(0, A, 0, 4, 0, b"?", 0),
            Shot(0, A, 0, 4, 0, b"def", 0),
        ],
        ["abcdef", ""],
    );
}

#[test]
fn a_syn_with_another_number_is_another_connection() {
    let mut bench = Bench::new(1 << 20);
    let syn = |sequence| TcpHead {
        sequence,
        acknowledged: 0,
        flags: TcpFlags(SYN),
        ..TcpHead::default()
    };
    assert!(!bench.connection.is_other(A, &syn(7)));
    bench.send(Shot(0, A, SYN, 7, 0, b"", 0));
    assert!(!bench.connection.is_other(A, &syn(7)), "repeated");
    assert!(bench.connection.is_other(A, &syn(8)));
}

#[test]
fn a_run_of_strays_is_followed() {
    let far = 1_000_000_000_u32;
    let mut bench = Bench::new(1 << 20);
    bench.send(Shot(0, A, SYN, far, 0, b"", 0));
    for (index, octet) in [b"a", b"b", b"c", b"d", b"e"].into_iter().enumerate() {
        let sequence = 1 + u32::try_from(index).unwrap();
        bench.send(Shot(0, A, 0, sequence, 0, octet, 0));
    }
    assert_eq!(bench.finish(), ["[1]de", ""]);
}

fn opened() -> Bench {
    let mut bench = Bench::new(1 << 20);
    bench.send(Shot(0, A, SYN, 0, 0, b"", 0));
    bench.send(Shot(0, B, SYN | ACK, 500, 1, b"", 0));
    bench
}

/// The checksum of a segment whose payload is this: so that it fits, or does not.
fn checksum(payload: &[u8], fits: bool) -> Checksum {
    let rest = u16::MAX - checksum::sum(payload);
    Checksum::Header(if fits { rest } else { rest ^ 0x100 })
}

#[test]
fn other_octets_for_what_came_first_change_nothing_and_are_counted() {
    let behind = [
        Shot(0, A, 0, 1, 0, b"user=ann", 0),
        Shot(0, A, 0, 1, 0, b"user=bob", 0),
    ];
    let longer = [
        Shot(0, A, 0, 1, 0, b"user", 0),
        Shot(0, A, 0, 1, 0, b"nobo=ann", 0),
    ];
    let held = [
        Shot(0, A, 0, 6, 0, b"ann", 0),
        Shot(0, A, 0, 6, 0, b"bob", 0),
        Shot(0, A, 0, 1, 0, b"user=", 0),
    ];
    // What fills the hole reaches into what waits behind it, which came first.
    let filling = [
        Shot(0, A, 0, 6, 0, b"ann", 0),
        Shot(0, A, 0, 1, 0, b"user=bob", 0),
    ];
    let sandwich = [
        Shot(0, A, 0, 3, 0, b"er", 0),
        Shot(0, A, 0, 6, 0, b"an", 0),
        Shot(0, A, 0, 1, 0, b"usXX=YYn", 0),
    ];
    for shots in [&behind[..], &longer, &held, &filling, &sandwich] {
        let mut bench = opened();
        for shot in shots {
            bench.send(*shot);
        }
        assert_eq!(bench.pool.counters.contradictions, 1);
        assert_eq!(bench.finish()[0], "user=ann");
    }
    // The same once more, cut differently, and a keep-alive are nothing to wonder at.
    let mut bench = opened();
    for shot in [
        Shot(0, A, 0, 1, 0, b"user=ann", 0),
        Shot(0, A, 0, 1, 0, b"user", 0),
        Shot(0, A, 0, 1, 0, b"user=ann", 0),
        Shot(0, A, 0, 8, 0, b"\0", 0),
    ] {
        bench.send(shot);
    }
    assert_eq!(bench.pool.counters.contradictions, 0);
}

#[test]
fn a_wrong_checksum_is_dropped_where_others_are_right() {
    let mut bench = opened();
    for (at, (payload, fits)) in [(b"us", true), (b"er", true), (b"XX", false), (b"=a", true)]
        .into_iter()
        .enumerate()
    {
        bench.checksum = checksum(payload, fits);
        let sequence = [1, 3, 5, 5][at];
        bench.send(Shot(0, A, 0, sequence, 0, payload, 0));
    }
    // Neither does one reset.
    bench.checksum = checksum(b"", false);
    assert_eq!(bench.send(Shot(0, A, RST, 7, 0, b"", 0)), Status::Open);
    assert_eq!(bench.pool.counters.bad_checksums, 2);
    assert_eq!(bench.finish()[0], "user=a");
}

#[test]
fn checksums_that_are_never_right_or_not_set_hide_nothing() {
    let mut bench = opened();
    for (sequence, payload, checksum) in [
        (1, b"us", checksum(b"us", false)),
        (3, b"er", checksum(b"er", false)),
        (5, b"=a", checksum(b"=a", true)),
        (7, b"nn", checksum(b"nn", false)),
        (9, b"-x", Checksum::Unset),
    ] {
        bench.checksum = checksum;
        bench.send(Shot(0, A, 0, sequence, 0, payload, 0));
    }
    let counters = bench.pool.counters;
    assert_eq!((counters.bad_checksums, counters.wrong_checksums), (0, 3));
    assert_eq!(bench.finish()[0], "user=ann-x");
    // Joined by the receiver's card after right ones: not set.
    let mut bench = opened();
    for (sequence, payload, checksum) in [
        (1, b"us", checksum(b"us", true)),
        (3, b"er", checksum(b"er", true)),
        (5, b"=a", Checksum::Unset),
    ] {
        bench.checksum = checksum;
        bench.send(Shot(0, A, 0, sequence, 0, payload, 0));
    }
    assert_eq!(bench.finish()[0], "user=a");
}

#[test]
fn a_segment_out_of_the_window_blinds_for_a_few_segments_at_most() {
    let mut bench = opened();
    bench.send(Shot(0, A, 0, 1, 0, b"a", 0));
    bench.send(Shot(0, A, 0, 20_000_000, 0, b"X", 0));
    bench.send(Shot(5, A, 0, 20_000_001, 0, b"Y", 0));
    assert!(bench.streams[0].ends_with("]XY"));
    for (sequence, octet) in (2..).zip([b"b", b"c", b"d", b"e", b"f"]) {
        bench.send(Shot(6, A, 0, sequence, 0, octet, 0));
        bench.send(Shot(6, B, ACK, 501, sequence, b"", 0));
    }
    assert!(
        bench.streams[0].ends_with("XY[1]ef"),
        "{}",
        bench.streams[0]
    );
}

#[test]
fn a_syn_amid_a_connection_is_believed_once_it_is_answered() {
    let mut bench = opened();
    let head = |flags, sequence, acknowledged| TcpHead {
        sequence,
        acknowledged,
        flags: TcpFlags(flags),
        ..TcpHead::default()
    };
    bench.send(Shot(0, A, 0, 1, 0, b"ab", 0));
    assert!(!bench.connection.is_other(A, &head(SYN, 9000, 0)));
    bench.send(Shot(0, A, SYN, 9000, 0, b"", 0));
    bench.send(Shot(0, A, 0, 3, 0, b"cd", 0));
    assert_eq!(bench.streams[0], "abcd", "the old one goes on");
    assert_eq!(bench.pool.counters.syn_within, 1);
    assert!(!bench.connection.is_other(B, &head(SYN | ACK, 7, 77)));
    assert!(bench.connection.is_other(B, &head(SYN | ACK, 7, 9001)));
    // After a reset nothing need be answered.
    bench.send(Shot(0, B, RST, 501, 0, b"", 0));
    assert!(bench.connection.is_other(A, &head(SYN, 9000, 0)));
}

#[test]
fn urgent_octets_stay_and_are_counted_and_a_window_of_zero_is_nothing() {
    let mut bench = opened();
    bench.send(Shot(0, A, TcpFlags::URG | ACK, 1, 501, b"aXb", 0));
    // The probe of a window of zero brings one octet, which comes again.
    bench.send(Shot(0, A, ACK, 4, 501, b"c", 0));
    bench.send(Shot(0, A, ACK, 4, 501, b"cd", 0));
    assert_eq!(bench.pool.counters.urgent, 1);
    assert_eq!(bench.finish()[0], "aXbcd");
}

#[test]
fn octets_on_a_syn_are_the_first_and_one_direction_alone_is_read() {
    check(
        &[
            Shot(0, A, SYN, 0, 0, b"fast", 0),
            Shot(0, A, ACK, 5, 9, b" open", 0),
        ],
        ["fast open", ""],
    );
    check(
        &[Shot(0, B, ACK, 77, 3, b"answers only", 0)],
        ["", "answers only"],
    );
}

#[test]
fn segments_of_one_octet_in_reverse_give_the_stream() {
    let text = b"segments of one octet, the last one first";
    let mut bench = opened();
    for at in (0..text.len()).rev() {
        let sequence = 1 + u32::try_from(at).unwrap();
        bench.send(Shot(0, A, 0, sequence, 0, &text[at..=at], 0));
    }
    assert_eq!(bench.finish()[0].as_bytes(), text);
}

proptest! {
    /// Whatever the cuts, the order and the repetitions: the receiver's octets.
    #[test]
    fn any_split_order_and_repetition_gives_the_same_octets(
        length in 1_usize..400,
        isn in any::<u32>(),
        cuts in prop::collection::vec((0_usize..400, 1_usize..60), 0..40),
        order in prop::collection::vec(any::<u32>(), 80),
    ) {
        let text: String = (0..length).map(|at| char::from(b'a' + u8::try_from(at % 26).unwrap())).collect();
        let octets = text.as_bytes();
        let mut pieces: Vec<(usize, usize)> =
            (0..length).step_by(10).map(|at| (at, (at + 10).min(length))).collect();
        pieces.extend(cuts.iter().filter(|(at, _)| *at < length).map(|(at, size)| (*at, (at + size).min(length))));
        let mut keyed: Vec<_> = pieces.into_iter().enumerate().map(|(index, piece)| (order[index], piece)).collect();
        keyed.sort_unstable();
        let mut bench = Bench::new(1 << 20);
        bench.send(Shot(0, A, SYN, isn, 0, b"", 0));
        for (_, (from, to)) in keyed {
            let sequence = isn.wrapping_add(1).wrapping_add(u32::try_from(from).unwrap());
            bench.send(Shot(0, A, 0, sequence, 0, &octets[from..to], 0));
        }
        prop_assert_eq!(bench.pool.counters.gaps, 0);
        prop_assert_eq!(bench.pool.held_octets(), 0);
        let [stream, _] = bench.finish();
        prop_assert_eq!(stream, text);
    }
}
