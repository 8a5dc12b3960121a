//! The simulated organisation holds together, and its tools speak as the captured ones do.

use realmward_event::{Event, Fact};
use realmward_pipeline::{Pipeline, PipelineSettings};
use realmward_testkit::organisation::{Kind, Plan, Simulation};
use realmward_testkit::run::{events, fixtures};
use realmward_vocab::Guid;
use std::net::IpAddr;

fn plan() -> Plan {
    Plan {
        loss: 0.0,
        ..Plan::new(60, 2, 5)
    }
}

fn intruded(kind: Kind) -> (Vec<Event>, Option<IpAddr>) {
    let plan = Plan::new(60, 9, 5);
    let mut simulation = Simulation::new(&plan);
    simulation.intrude(kind, plan.at(1, 10.0));
    let events: Vec<Event> = simulation.by_ref().collect();
    let source = simulation.steps().first().map(|it| it.source);
    (events, source)
}

fn captured(name: &str) -> Vec<Event> {
    events(&[fixtures().join(format!("captures/{name}.pcap.zst"))]).unwrap_or_default()
}

/// What a tool chose: all of a fact but names, numbers that are random, and lengths of tickets.
fn choice(fact: &Fact) -> Option<String> {
    Some(match fact {
        Fact::TicketGrantRequested(it) => {
            let shape = &it.shape;
            format!(
                "AS {:?} {:?} {:?} {} rtime {} cname {} address {} proof {:?}",
                shape.options,
                shape.etypes,
                shape.padata,
                shape.service_name_type,
                shape.rtime.as_ref() == Some(&shape.till),
                shape.has_cname,
                shape.netbios_address.is_some(),
                it.timestamp
            )
        }
        Fact::ServiceTicketRequested(it) => {
            let shape = &it.shape;
            let [first, second, third, ..] = shape.etypes.as_slice() else {
                return None;
            };
            format!(
                "TGS {:?} {first} {second} {third} {} {:?} {} rtime {} cname {} data {}",
                shape.options,
                shape.etypes.len(),
                shape.padata,
                shape.service_name_type,
                shape.rtime.is_some(),
                shape.has_cname,
                it.enc_authorization_data_octets
            )
        }
        Fact::SmbNegotiated(it) => format!(
            "SMB {:?} {:?} {:#x} smb1 {} letters {}",
            it.dialects,
            it.dialect,
            it.client_capabilities,
            it.offers_smb1,
            it.client_guid.is_some_and(Guid::is_ascii_text)
        ),
        Fact::NtlmAuthenticated(it) => format!(
            "NTLM {:#x} {:?} {:?} {} mic {} workstation {} target {:?}",
            it.flags,
            it.negotiate_flags,
            it.client_version,
            it.response_version,
            it.has_mic,
            !it.workstation.is_empty(),
            it.target_name
                .as_ref()
                .map(|it| it.split('/').next().map(str::to_owned))
        ),
        _ => return None,
    })
}

#[test]
fn the_tools_of_the_noisy_intruder_word_their_messages_as_captured_ones_do() {
    let (events, own) = intruded(Kind::Noisy);
    let made: Vec<String> = events
        .iter()
        .filter(|it| it.client.address == own)
        .filter_map(|it| choice(&it.fact))
        .collect();
    let attacker: IpAddr = "10.77.0.66".parse().unwrap();
    for name in [
        "a14_pass_the_hash",
        "a15_overpass_hash_rc4",
        "a27_psexec",
        "a17_golden_ticket",
    ] {
        for event in captured(name)
            .iter()
            .filter(|it| it.client.address == Some(attacker))
        {
            if let Some(choice) = choice(&event.fact) {
                assert!(made.contains(&choice), "{name}: {choice}");
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_events_and_another_gives_others() {
    let events: Vec<Event> = Simulation::new(&plan()).collect();
    assert!(1_000 < events.len());
    assert!(events.is_sorted_by_key(|it| (it.time, it.order)));
    assert_eq!(events, Simulation::new(&plan()).collect::<Vec<_>>());
    let other = Plan { seed: 6, ..plan() };
    assert_ne!(events, Simulation::new(&other).collect::<Vec<_>>());
}

#[test]
fn every_step_of_an_intruder_is_labelled_and_leaves_events() {
    for kind in Kind::ALL {
        let plan = Plan::new(60, 14, 5);
        let mut simulation = Simulation::new(&plan);
        simulation.intrude(kind, plan.at(1, 10.0));
        let events: Vec<Event> = simulation.by_ref().collect();
        let steps = simulation.steps();
        assert!(5 <= steps.len(), "{kind:?}: {} steps", steps.len());
        for step in steps {
            let seen = events
                .iter()
                .any(|it| step.time <= it.time && it.client.address == Some(step.source));
            assert!(seen, "{kind:?}: {step:?}");
        }
    }
}

#[test]
fn an_intruder_is_told_and_found_at_the_top() {
    let plan = Plan::new(60, 5, 5);
    let mut simulation = Simulation::new(&plan);
    simulation.intrude(Kind::Noisy, plan.at(2, 10.0));
    let mut pipeline = Pipeline::new(&PipelineSettings::default(), 2);
    pipeline.take(simulation.by_ref().collect());
    pipeline.finish();
    for step in simulation
        .steps()
        .iter()
        .filter(|it| !it.detectors.is_empty())
    {
        let told = pipeline.alerts().iter().any(|alert| {
            step.detectors.contains(&alert.detector.as_str())
                && alert.sources().any(|it| it.ip == Some(step.source))
        });
        assert!(told, "{step:?}");
    }
}

#[test]
fn a_small_organisation_stays_in_its_memory() {
    let mut simulation = Simulation::new(&Plan::new(200, 3, 1));
    let count = simulation.by_ref().count();
    assert!(50_000 < count, "{count}");
    assert_eq!(simulation.next(), None);
}
