//! What was read, and what of the domain was recognised.

use super::page::Page;
use super::style::{FAULT, PLAIN, QUIET, STRONG};
use super::wrap::cells;
use crate::report::{DomainController, Input, Report};
use crate::{time, words};

pub(super) fn write(report: &Report, page: &mut Page) {
    if report.inputs.is_empty() {
        page.line(0, &[("Nothing was read.", FAULT)]);
        return;
    }
    inputs(report, page);
    domain(report, page);
}

fn inputs(report: &Report, page: &mut Page) {
    let shown: Vec<&Input> = chosen(report);
    let widest = shown.iter().map(|it| cells(it.title())).max().unwrap_or(0);
    let longest = shown.iter().map(|it| cells(&read(it))).max().unwrap_or(0);
    let beside = widest + 2 + longest <= page.width();
    for input in &shown {
        if beside {
            page.row_styled(
                0,
                (input.title(), STRONG),
                widest + 2,
                (&read(input), PLAIN),
            );
        } else {
            page.hanging(0, 2, input.title(), STRONG);
            page.paragraph(2, &read(input), PLAIN);
        }
        if let Some(damage) = &input.damage {
            page.hanging(2, 4, &format!("! damaged: {damage}"), FAULT);
        }
    }
    let more = report.inputs.len() - shown.len();
    if 0 < more {
        let text = format!("and {}", words::count(more as u64, "more file"));
        page.paragraph(0, &text, QUIET);
    }
    if 1 < report.inputs.len() {
        page.paragraph(0, &together(report), PLAIN);
    }
    if 0 < report.skipped.files {
        let text = format!(
            "{} in the folders left aside: not a capture",
            words::count(report.skipped.files, "file")
        );
        page.paragraph(0, &text, QUIET);
    }
    if report.summary.interrupted {
        let text = "! stopped before the end: this is what was read until then";
        page.paragraph(0, text, FAULT);
    }
}

/// Damaged inputs always, others as long as there is room.
fn chosen(report: &Report) -> Vec<&Input> {
    let mut room = INPUTS_SHOWN;
    report
        .inputs
        .iter()
        .filter(|it| {
            let shown = 0 < room || it.damage.is_some();
            room = room.saturating_sub(1);
            shown
        })
        .collect()
}

fn read(input: &Input) -> String {
    let mut text = format!(
        "{}, {}",
        words::count(input.packets, "packet"),
        words::size(input.bytes)
    );
    if let (Some(first), Some(last)) = (input.first, input.last) {
        text.push_str(&format!(
            ", {} UTC for {}",
            time::plain(first),
            time::span(last.saturating_since(first))
        ));
    }
    text
}

fn together(report: &Report) -> String {
    let mut text = format!(
        "{} files, {}, {}",
        report.inputs.len(),
        words::count(report.summary.packets, "packet"),
        words::size(report.summary.bytes)
    );
    if let Some((first, last)) = report.span() {
        text.push_str(&format!(", {} UTC", time::between(first, last)));
    }
    text
}

fn domain(report: &Report, page: &mut Page) {
    page.gap();
    let names: Vec<String> = report.domains.iter().map(|it| it.name.clone()).collect();
    let label = if names.len() == 1 {
        "Domain"
    } else {
        "Domains"
    };
    let names = if names.is_empty() {
        "none recognised".to_owned()
    } else {
        words::some(names, DOMAINS_SHOWN)
    };
    page.row(0, label, COLUMN, &names);
    if report.domain_controllers.is_empty() {
        let text = "none recognised; name them with --domain-controller ADDR if they are here";
        page.row(0, "DCs", COLUMN, text);
    }
    let mut label = "DCs";
    for controller in report.domain_controllers.iter().take(CONTROLLERS_SHOWN) {
        page.row(0, label, COLUMN, &describe(report, controller));
        label = "";
    }
    let more = report
        .domain_controllers
        .len()
        .saturating_sub(CONTROLLERS_SHOWN);
    if 0 < more {
        page.row(0, "", COLUMN, &format!("and {more} more"));
    }
}

/// `DC1 10.0.0.5: answered as KDC (dc.pcap, packet 12); ...`
fn describe(report: &Report, controller: &DomainController) -> String {
    let signs: Vec<String> = controller
        .evidence
        .iter()
        .map(|sign| match sign.packet {
            Some(packet) => {
                let file = report.short_file(packet);
                format!(
                    "{} ({file}, packet {})",
                    sign.what,
                    words::number(packet.packet)
                )
            }
            None => sign.what.clone(),
        })
        .collect();
    let name = match &controller.name {
        Some(name) => format!("{name} {}", controller.address),
        None => controller.address.clone(),
    };
    format!("{name}: {}", signs.join("; "))
}

/// Width of the labels on the left.
const COLUMN: usize = 9;

/// A folder of rotated files is summed up, not listed.
const INPUTS_SHOWN: usize = 6;

/// More than a screen of domains or controllers is for the other forms.
const DOMAINS_SHOWN: usize = 8;
const CONTROLLERS_SHOWN: usize = 16;
