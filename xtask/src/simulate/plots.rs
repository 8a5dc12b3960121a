//! The statistics as pictures.

use super::counts::Counts;
use super::numbers::float;
use anyhow::{Context as _, Result};
use plotters::prelude::*;
use std::fs;

/// Writes the pictures into docs/simulation.
pub(super) fn write(counts: &Counts) -> Result<()> {
    let folder = crate::tree::root().join("docs/simulation");
    fs::create_dir_all(&folder)?;
    let [working, weekend] = counts.hours;
    let total: u64 = working.iter().chain(&weekend).sum();
    let part = |counts: [u64; 24]| -> Vec<(u64, f64)> {
        (0..)
            .zip(counts)
            .map(|(hour, it)| (hour, float(it) / float(total.max(1))))
            .collect()
    };
    let pictures = [
        (
            "logons-a-day",
            "logons of an account on a working day",
            counts.logons_a_day.parts(16),
        ),
        (
            "addresses-a-day",
            "addresses of an account on a working day",
            counts.hosts_a_day.parts(6),
        ),
        (
            "tickets-each",
            "service tickets for each ticket-granting ticket",
            counts.tickets_each.parts(24),
        ),
        (
            "hours-working",
            "logons of people by hour, Monday to Friday",
            part(working),
        ),
        (
            "hours-weekend",
            "logons of people by hour, weekends",
            part(weekend),
        ),
    ];
    for (name, title, bars) in pictures {
        let text = picture(title, &bars).with_context(|| name.to_owned())?;
        fs::write(folder.join(format!("{name}.svg")), text)?;
    }
    Ok(())
}

fn picture(title: &str, bars: &[(u64, f64)]) -> Result<String> {
    let mut text = String::new();
    let last = bars.iter().map(|it| it.0).max().unwrap_or(1);
    let high = bars.iter().map(|it| it.1).fold(0.0, f64::max).max(1e-6);
    {
        let area = SVGBackend::with_string(&mut text, (520, 240)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(title, ("sans-serif", 16))
            .margin(8)
            .x_label_area_size(28)
            .y_label_area_size(44)
            .build_cartesian_2d(-0.5..float(last) + 0.5, 0.0..high * 1.1)?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .x_labels(9)
            .x_label_formatter(&|it| format!("{it:.0}"))
            .y_label_formatter(&|it| format!("{:.0} %", it * 100.0))
            .draw()?;
        chart.draw_series(bars.iter().map(|(at, part)| {
            let at = float(*at);
            Rectangle::new([(at - 0.4, 0.0), (at + 0.4, *part)], BLUE.filled())
        }))?;
        area.present()?;
    }
    Ok(text)
}
