//! Packets by file and run, as a person cites them: `dc1.pcap 12-15, 20`.

use realmward_vocab::{FileId, PacketRef};

/// Packets of one input without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketRun {
    /// The input.
    pub file: FileId,
    /// The first packet.
    pub first: u64,
    /// The last packet.
    pub last: u64,
}

/// The runs of `packets`, in order. The packets need not be sorted.
#[must_use]
pub fn packet_runs(packets: &[PacketRef]) -> Vec<PacketRun> {
    let mut sorted = packets.to_vec();
    sorted.sort_unstable();
    let mut runs: Vec<PacketRun> = Vec::new();
    for packet in sorted {
        match runs.last_mut() {
            Some(run) if run.file == packet.file && packet.packet <= run.last.saturating_add(1) => {
                run.last = packet.packet;
            }
            _ => runs.push(PacketRun {
                file: packet.file,
                first: packet.packet,
                last: packet.packet,
            }),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_make_a_run_and_files_do_not_mix() {
        let packets: Vec<PacketRef> = [(0, 7), (0, 5), (0, 6), (0, 6), (0, 9), (1, 10)]
            .map(|(file, packet)| PacketRef {
                file: FileId(file),
                packet,
            })
            .into();
        let runs: Vec<_> = packet_runs(&packets)
            .iter()
            .map(|it| (it.file.0, it.first, it.last))
            .collect();
        assert_eq!(runs, [(0, 5, 7), (0, 9, 9), (1, 10, 10)]);
    }
}
