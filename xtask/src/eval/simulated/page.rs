//! The scoreboard of simulated organisations, as a page and as JSON.

use super::Options;
use super::measure::{Estimate, calibration, costs, mean};
use super::outcome::Trial;
use super::scores::{TOPS, Way, number};
use realmward_detect::Severity;
use realmward_testkit::organisation::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Page and JSON.
pub(super) fn of(options: &Options, trials: &[Trial], took: Duration) -> (String, String) {
    let mut page = String::new();
    let mut json = serde_json::Map::new();
    head(&mut page, options, trials, took);
    json.insert("seeds".to_owned(), json!(seeds(options)));
    json.insert("users".to_owned(), json!(options.users));
    json.insert("days".to_owned(), json!(options.days));
    json.insert("lost_in_10000".to_owned(), json!(options.lost));
    json.insert("ranks".to_owned(), ranks(&mut page, trials));
    json.insert("cost_of_recall".to_owned(), price(&mut page, trials));
    json.insert("honest".to_owned(), honest(&mut page, trials));
    json.insert("calibration".to_owned(), stated(&mut page, trials));
    json.insert("steps".to_owned(), steps(&mut page, trials));
    let larger = super::larger::kept();
    page.push_str(&super::larger::section(&larger));
    json.insert("larger".to_owned(), json!(larger));
    page.push_str(ANCHORS);
    let text = serde_json::to_string_pretty(&Value::Object(json)).unwrap_or_default();
    (page, text + "\n")
}

fn head(page: &mut String, options: &Options, trials: &[Trial], took: Duration) {
    let events: u64 = trials.iter().map(|it| it.events).max().unwrap_or(0);
    let _ = writeln!(
        page,
        "# Intruders in simulated organisations\n\n\
         Written by `cargo xtask eval --simulated`; what is simulated, and what is not, says [simulation/README.md](simulation/README.md).\n\n\
         {} organisations (seeds {}) of {} people for up to {} days, {:.1} million events in the longest; {} events in 10,000 are lost by the sensor.\n\
         Each organisation is broken into three times, each time alone, at ten o'clock of day {}: noisily, in the ordinary way, patiently.\n\
         Alerts of what operators exclude in their first week (scanner, software distribution, synchronisation, monitoring, backup) are left out where nothing else is said.\n\
         In brackets: where 95 of 100 repetitions lie (bootstrap over seeds).\n\
         The run took {:.0} s on {} threads of a shared machine.\n",
        options.seeds,
        seeds(options),
        options.users,
        options.days,
        crate::simulate::numbers::float(events) / 1e6,
        options.lost,
        super::quiet_days(options) + 1,
        took.as_secs_f64(),
        options.threads,
    );
}

/// `101 to 130`.
pub(super) fn seeds(options: &Options) -> String {
    let last = options.first_seed + options.seeds.saturating_sub(1);
    format!("{} to {last}", options.first_seed)
}

fn of_kind(trials: &[Trial], kind: Option<Kind>) -> Vec<&Trial> {
    let fits = |it: &&Trial| kind.is_none_or(|kind| it.kind == kind);
    trials.iter().filter(fits).collect()
}

fn kinds() -> [(Option<Kind>, &'static str); 4] {
    let [a, b, c] = Kind::ALL;
    [
        (Some(a), a.word()),
        (Some(b), b.word()),
        (Some(c), c.word()),
        (None, "all"),
    ]
}

fn ranks(page: &mut String, trials: &[Trial]) -> Value {
    page.push_str(
        "## Where the compromised user stands\n\n\
         The best place of an account that the intruder has used, after the second step; ties are broken by chance.\n\n\
         | intruder | order by | median place, 1 h | 24 h | 72 h | first, 24 h | in 5, 24 h | in 10, 24 h | in 10, 72 h |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut rows = Vec::new();
    for (kind, word) in kinds() {
        let these = of_kind(trials, kind);
        for way in Way::ALL {
            let at = |check: usize| -> Vec<f64> {
                these
                    .iter()
                    .filter_map(|it| it.places.get(&(check, way)))
                    .map(|it| it.rank)
                    .collect()
            };
            let within = |check: usize, top: usize| -> Vec<f64> {
                let places = these.iter().filter_map(|it| it.places.get(&(check, way)));
                places
                    .filter_map(|it| it.within.get(top).copied())
                    .collect()
            };
            let medians = [0, 1, 2].map(|check| Estimate::median(&at(check)));
            let parts = [(1, 0), (1, 1), (1, 2), (2, 2)]
                .map(|(check, top)| Estimate::mean(&within(check, top)));
            let cells: Vec<String> = medians.iter().map(|it| it.words(1)).collect();
            let more: Vec<String> = parts.iter().map(Estimate::percent).collect();
            let _ = writeln!(
                page,
                "| {word} | {} | {} | {} |",
                way.words(),
                cells.join(" | "),
                more.join(" | ")
            );
            let recall: Vec<Value> = [0, 1, 2]
                .iter()
                .map(|check| {
                    let tops = (0..TOPS.len()).map(|top| Estimate::mean(&within(*check, top)));
                    json!(tops.collect::<Vec<_>>())
                })
                .collect();
            rows.push(json!({
                "intruder": word, "order": way.words(), "median_place": medians,
                "recall_at_1_5_10_after_1h_24h_72h": recall, "trials": these.len(),
            }));
        }
    }
    page.push('\n');
    json!(rows)
}

fn price(page: &mut String, trials: &[Trial]) -> Value {
    page.push_str(
        "## What recall costs\n\n\
         An intruder is found if an account of theirs passes the threshold within 72 hours of the second step.\n\
         The cost is how many honest accounts pass it anew, a day and 1,000 accounts, at the highest threshold that finds so many.\n\n\
         | intruder | order by | half found | 80 % | 90 % | 94.5 % | all |\n| --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let mut rows = Vec::new();
    for (kind, word) in kinds() {
        let these = of_kind(trials, kind);
        for way in Way::ALL.into_iter().filter(|it| *it != Way::Random) {
            let costs = costs(&these, way);
            let cells: Vec<String> = costs
                .iter()
                .map(|it| {
                    it.a_day
                        .map_or_else(|| "not found".to_owned(), |it| format!("{it:.2}"))
                })
                .collect();
            let _ = writeln!(page, "| {word} | {} | {} |", way.words(), cells.join(" | "));
            rows.push(json!({"intruder": word, "order": way.words(), "costs": costs}));
        }
    }
    page.push('\n');
    json!(rows)
}

fn honest(page: &mut String, trials: &[Trial]) -> Value {
    let a_day = |part: &dyn Fn(&Trial) -> f64| -> Estimate {
        let by_seed: Vec<f64> = trials
            .chunks(Kind::ALL.len())
            .map(|it| mean(&it.iter().map(part).collect::<Vec<_>>()))
            .collect();
        Estimate::mean(&by_seed)
    };
    let per = |it: &Trial| it.users / 1_000.0;
    let of_red = |it: &Trial, fresh: bool| {
        let counts: Vec<f64> = it
            .red
            .iter()
            .map(|(all, new)| number(if fresh { *new } else { *all }))
            .collect();
        mean(&counts) / per(it)
    };
    let red = a_day(&|it| of_red(it, false));
    let fresh = a_day(&|it| of_red(it, true));
    let plain = a_day(&|it| {
        mean(
            &it.red_unexcluded
                .iter()
                .map(|it| number(*it))
                .collect::<Vec<_>>(),
        ) / per(it)
    });
    let _ = writeln!(
        page,
        "## What honest people cause\n\n\
         A day and 1,000 accounts: {} honest accounts stand red (a priority of 50 and above), {} of them new that day; {} if nothing is excluded.\n\n\
         | alerts a day and 1,000 accounts | severity | all | without excluded |\n| --- | --- | ---: | ---: |",
        red.words(2),
        fresh.words(2),
        plain.words(2),
    );
    let mut sums: BTreeMap<(String, Severity), (f64, f64)> = BTreeMap::new();
    let exposure: f64 = trials.iter().map(|it| it.days * per(it)).sum();
    for trial in trials {
        for ((detector, severity), (all, kept)) in &trial.honest {
            for name in [detector.as_str(), "all"] {
                let sum = sums.entry((name.to_owned(), *severity)).or_default();
                sum.0 += crate::simulate::numbers::float(*all);
                sum.1 += crate::simulate::numbers::float(*kept);
            }
        }
    }
    let mut rows = Vec::new();
    for ((detector, severity), (all, kept)) in sums {
        let (all, kept) = (all / exposure, kept / exposure);
        let _ = writeln!(
            page,
            "| {detector} | {} | {all:.3} | {kept:.3} |",
            severity.word()
        );
        rows.push(
            json!({"detector": detector, "severity": severity.word(), "all": all, "kept": kept}),
        );
    }
    page.push('\n');
    json!({"red": red, "new_red": fresh, "red_if_nothing_is_excluded": plain, "alerts": rows})
}

fn stated(page: &mut String, trials: &[Trial]) -> Value {
    let (bins, brier, error) = calibration(&of_kind(trials, None));
    let _ = writeln!(
        page,
        "## Whether the probability comes true\n\n\
         Every account at every midnight; Brier score {brier:.5}, expected calibration error {error:.5}.\n\n\
         | stated | accounts | mean stated | truly compromised |\n| --- | ---: | ---: | ---: |"
    );
    for bin in &bins {
        let _ = writeln!(
            page,
            "| {:.3} to {:.3} | {} | {:.4} | {:.4} |",
            bin.from,
            bin.to.min(1.0),
            bin.accounts,
            bin.stated,
            bin.true_part
        );
    }
    page.push('\n');
    json!({"bins": bins, "brier": brier, "expected_calibration_error": error})
}

fn steps(page: &mut String, trials: &[Trial]) -> Value {
    page.push_str(
        "## Which steps are seen\n\n\
         A step is seen if a detector that looks for it names its account and its source.\n\n\
         | intruder | technique | detectors that look for it | steps | seen | median time to the alert |\n| --- | --- | --- | ---: | ---: | ---: |\n",
    );
    let mut groups: BTreeMap<(Kind, &str, String), Vec<Option<f64>>> = BTreeMap::new();
    for trial in trials {
        for (step, after) in &trial.seen {
            let key = (trial.kind, step.technique, step.detectors.join(", "));
            let after = after.map(|it| it.as_secs_f64());
            groups.entry(key).or_default().push(after);
        }
    }
    let mut rows = Vec::new();
    for ((kind, technique, detectors), after) in groups {
        let seen: Vec<f64> = after.iter().flatten().copied().collect();
        let part = number(seen.len()) / number(after.len()).max(1.0);
        let median = Estimate::median(&seen).value;
        let shown = if detectors.is_empty() {
            "none yet"
        } else {
            &detectors
        };
        let time = if seen.is_empty() {
            "-".to_owned()
        } else {
            format!("{median:.0} s")
        };
        let _ = writeln!(
            page,
            "| {} | {technique} | {shown} | {} | {:.0} % | {time} |",
            kind.word(),
            after.len(),
            part * 100.0
        );
        rows.push(json!({"intruder": kind.word(), "technique": technique, "detectors": detectors, "steps": after.len(), "seen": part}));
    }
    page.push('\n');
    json!(rows)
}

/// Published figures to stand beside, none of them measured on this data.
const ANCHORS: &str = "## Published figures\n\n\
These stand beside for orientation. None was measured on these events, so none is beaten or missed by them.\n\n\
| system | data | figure | source |\n| --- | --- | --- | --- |\n\
| Hopper | 15 months of one company's internal logins, about 1.7 million a day, more than 300 scenarios | 94.5 % of incidents with fewer than 9 alerts a day | Ho et al., USENIX Security 2021 |\n\
| Bowman et al. | LANL | 85 % true and 0.9 % false positive rate of edges | RAID 2020 |\n\
| Euler | LANL, 518 anomalous of 45.87 million edges | precision 0.0056 at 89.65 % recall | NDSS 2022 |\n\
| Argus | LANL, one-hour snapshots | precision 0.217 at 82.7 % recall | IEEE S&P 2024 |\n\
| red at or above the 90th percentile | any organisation | one in ten accounts is red by definition | documentation of a withdrawn investigation priority score |\n";
