//! A flame graph of the sensor writing lines, on the long load: where its time goes, by who called whom.
//!
//! Taken by perf(1), which samples the stack by the clock, and drawn here into
//! `docs/performance/flame.svg`. Frames of less than half a percent are left out, so that the picture
//! stays small and what stands in it means something. What the compiler put into its caller counts as
//! its caller. The samples stay beside the captures, for `perf report`.

use super::{PART, Run, load};
use anyhow::{Context as _, Result, ensure};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Samples and draws.
pub(super) fn run(program: &Path, captures: &[PathBuf]) -> Result<()> {
    let captures = match captures {
        [] => vec![load::captures()?.long],
        some => some.to_vec(),
    };
    // So that the capture is in memory, as in the other figures.
    Run::new("lines", captures.clone()).measure(program)?;
    let samples = load::folder()?.join("perf.data");
    let out = Command::new("perf")
        .args(["record", "--event=cpu-clock", "--call-graph=dwarf,16384"])
        .args(["--freq=2500", "--output"])
        .arg(&samples)
        .arg(program)
        .arg("bench")
        .args(captures)
        .env(PART, "lines")
        .output()
        .context("perf, of Debian's package linux-perf")?;
    let errors = String::from_utf8_lossy(&out.stderr);
    ensure!(out.status.success(), "perf record: {errors}");
    let out = Command::new("perf")
        .args(["script", "--no-inline", "--fields=ip,sym", "--input"])
        .arg(&samples)
        .output()
        .context("perf script")?;
    ensure!(out.status.success(), "perf script failed");
    let root = tree(&String::from_utf8_lossy(&out.stdout));
    ensure!(0 < root.samples, "no samples");
    let to = crate::tree::root().join("docs/performance/flame.svg");
    std::fs::write(&to, draw(&root))?;
    crate::tree::say(&format!("{} samples, {}\n", root.samples, to.display()))
}

/// A function, as called from the one above it.
#[derive(Debug, Default)]
struct Frame {
    samples: u64,
    calls: BTreeMap<String, Self>,
}

/// Samples are blocks of lines, the innermost function first: its address, then its name.
fn tree(script: &str) -> Frame {
    let mut root = Frame::default();
    for block in script.split("\n\n") {
        let names = block.lines();
        let mut names: Vec<String> = names
            .filter_map(|line| Some(short(line.trim().split_once(' ')?.1)))
            .collect();
        // What the kernel does within is one frame.
        let entered = |it: &String| KERNEL.iter().any(|entry| it == entry);
        if let Some(entry) = names.iter().rposition(entered) {
            names.drain(..entry);
            names.splice(..1, ["the kernel".to_owned()]);
        }
        // What is below `main` is the same in each.
        let begun = names.iter().position(|it| it == BEGIN);
        let names = names
            .get(..begun.unwrap_or(names.len()))
            .unwrap_or_default();
        if names.is_empty() {
            continue;
        }
        root.samples += 1;
        let mut frame = &mut root;
        for name in names.iter().rev() {
            frame = frame.calls.entry(name.clone()).or_default();
            frame.samples += 1;
        }
    }
    root
}

/// The last two words of a path are enough to find a function, or of a type and its method, whatever it
/// does for which trait.
fn short(name: &str) -> String {
    let method = name.rsplit_once(">::").map_or("", |it| it.1);
    let all = match name.split_once(" for ") {
        // `x::<impl c::Trait for a::b::Type>::method`
        Some((_, of)) => [words(of), words(method)].concat(),
        None => match name.split_once(" as ") {
            // `<a::b::Type as c::Trait>::method`
            Some((of, _)) => [words(of.trim_start_matches('<')), words(method)].concat(),
            None => words(name),
        },
    };
    let last = all.get(all.len().saturating_sub(2)..).unwrap_or_default();
    last.join("::")
}

/// The words of a path, without what it is generic over.
fn words(path: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let mut plain = String::new();
    for letter in path.chars() {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ if depth == 0 => plain.push(letter),
            _ => {}
        }
        if depth < 0 {
            // The path was within brackets, and ends.
            break;
        }
    }
    let words = plain.split("::").map(str::to_owned);
    words
        .filter(|it| !it.is_empty() && !it.starts_with('{'))
        .collect()
}

fn draw(root: &Frame) -> String {
    let mut boxes = String::new();
    let rows = place(root, root.samples, 0, 1, &mut boxes);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {}\" \
         font-family=\"monospace\" font-size=\"110\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"40\" y=\"120\">realmward-sensor, facts as JSON lines: share of CPU time</text>\n\
         {boxes}</svg>\n",
        rows * ROW
    )
}

/// Draws what a frame calls below it; tells the row after the lowest.
fn place(frame: &Frame, all: u64, mut left: u64, row: u64, boxes: &mut String) -> u64 {
    let mut calls: Vec<_> = frame.calls.iter().collect();
    calls.retain(|(_, it)| all <= it.samples * SHARE_MIN);
    calls.sort_by_key(|(_, it)| std::cmp::Reverse(it.samples));
    let mut lowest = row + 1;
    for (name, call) in calls {
        let width = call.samples * WIDTH / all;
        let letters = usize::try_from(width / LETTER).unwrap_or_default();
        let label: String = match letters {
            0..4 => String::new(),
            _ => name.chars().take(letters - 1).collect(),
        };
        let permille = call.samples * 1000 / all;
        let _ = writeln!(
            boxes,
            "<g><title>{}, {}.{} %</title><rect x=\"{left}\" y=\"{}\" width=\"{width}\" \
             height=\"{ROW}\" fill=\"{}\" stroke=\"#fff\" stroke-width=\"5\"/>\
             <text x=\"{}\" y=\"{}\">{}</text></g>",
            escaped(name),
            permille / 10,
            permille % 10,
            row * ROW,
            colour(name),
            left + 20,
            row * ROW + 120,
            escaped(&label)
        );
        lowest = lowest.max(place(call, all, left, row + 1, boxes));
        left += width;
    }
    lowest
}

/// Warm, and the same for the same name.
fn colour(name: &str) -> String {
    let mixed = name.bytes().fold(7_u32, |mixed, octet| {
        mixed.wrapping_mul(31).wrapping_add(octet.into())
    });
    format!("hsl({},80%,{}%)", 20 + mixed % 35, 62 + mixed / 35 % 16)
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

/// Tenths of a pixel.
const WIDTH: u64 = 12_000;
const ROW: u64 = 160;
const LETTER: u64 = 67;

/// One in so many samples: half a percent.
const SHARE_MIN: u64 = 200;

/// Where the kernel is entered: by a call, by a page that is not there.
const KERNEL: [&str; 2] = ["entry_SYSCALL_64_after_hwframe", "asm_exc_page_fault"];

/// The function of this program that does the work.
const BEGIN: &str = "child::run";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stacks_are_put_together_by_who_called_whom() {
        let script = "  55 realmward_stream::merge::Merge::next_frame\n  56 xtask::bench::child::run\n  57 main\n\n  \
                      58 <alloc::vec::Vec<T> as core::ops::Drop>::drop\n  59 realmward_sensor::lane::Lane::packet\n  \
                      56 xtask::bench::child::run\n\n";
        let root = tree(script);
        assert_eq!(root.samples, 2);
        for (name, wanted) in [
            ("a::b::c::d", "c::d"),
            (
                "<a::dns::Conversation as b::Dissector>::feed",
                "Conversation::feed",
            ),
            (
                "a::_::<impl s::Serialize for b::kerberos::Ticket>::serialize",
                "Ticket::serialize",
            ),
            ("alloc::raw_vec::RawVec<T,A>::grow_one", "RawVec::grow_one"),
            ("a::run::{{closure}}", "a::run"),
            ("read", "read"),
        ] {
            assert_eq!(short(name), wanted);
        }
        let lane = &root.calls["Lane::packet"];
        assert_eq!(lane.calls.keys().collect::<Vec<_>>(), ["Vec::drop"]);
        assert_eq!(root.calls["Merge::next_frame"].samples, 1);
        let drawn = draw(&root);
        assert!(drawn.contains("<title>Lane::packet, 50.0 %</title>"));
    }
}
