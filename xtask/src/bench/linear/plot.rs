//! A series as a picture: CPU time on the left, memory on the right.

use anyhow::Result;
use plotters::prelude::*;
use std::fs;

/// Draws steps with their CPU seconds and peak MiB into `docs/performance`.
pub(super) fn write(name: &str, unit: &str, points: &[(f64, f64, f64)]) -> Result<()> {
    let folder = crate::tree::root().join("docs/performance");
    fs::create_dir_all(&folder)?;
    let most = |of: fn(&(f64, f64, f64)) -> f64| points.iter().map(of).fold(1e-3, f64::max);
    let (last, cpu, peak) = (most(|it| it.0), most(|it| it.1), most(|it| it.2));
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (520, 260)).into_drawing_area();
        area.fill(&WHITE)?;
        let mut chart = ChartBuilder::on(&area)
            .caption(format!("cost by {name}"), ("sans-serif", 16))
            .margin(8)
            .x_label_area_size(34)
            .y_label_area_size(44)
            .right_y_label_area_size(44)
            .build_cartesian_2d(0.0..last, 0.0..cpu * 1.1)?
            .set_secondary_coord(0.0..last, 0.0..peak * 1.5);
        chart.configure_mesh().x_desc(unit).y_desc("CPU s").draw()?;
        chart.configure_secondary_axes().y_desc("peak MiB").draw()?;
        let time: Vec<_> = points.iter().map(|it| (it.0, it.1)).collect();
        let memory: Vec<_> = points.iter().map(|it| (it.0, it.2)).collect();
        let dots = |points: &[(f64, f64)], colour: RGBColor| -> Vec<_> {
            let dot = |it: &(f64, f64)| Circle::new(*it, 3, colour.filled());
            points.iter().map(dot).collect()
        };
        chart.draw_series(dots(&time, BLUE))?;
        chart
            .draw_series(LineSeries::new(time, BLUE))?
            .label("CPU s");
        chart.draw_secondary_series(dots(&memory, RED))?;
        let line = LineSeries::new(memory, RED);
        chart.draw_secondary_series(line)?.label("peak MiB");
        area.present()?;
    }
    fs::write(folder.join(format!("{name}.svg")), text)?;
    Ok(())
}
