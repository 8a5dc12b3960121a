//! From the standard's words to the defender's.

use super::bindings::{Binding, Context};
use super::calls::{Call, Stub};
use super::handles::Handles;
use super::interfaces::{self, Clear, Interface, Meaning};
use super::message::ContextElement;
use super::security::LEVEL_PRIVACY;
use crate::Facts;
use realmward_event::rpc::{Arguments, EndpointMapped, RpcBound, RpcCalled, Transport};
use realmward_event::{Fact, Outcome, SessionPrincipal};

/// What all facts of a conversation say.
pub(super) struct Carried {
    /// What carried it.
    pub(super) transport: Transport,
    /// Who.
    pub(super) principal: SessionPrincipal,
}

/// One fact an interface: a bind may offer the same one in several transfer syntaxes, of which the
/// server takes one.
pub(super) fn report_bound(binding: &Binding, carried: &Carried, facts: &mut Facts) {
    let bind_time_features = binding
        .elements
        .iter()
        .any(|element| element.syntaxes.bind_time_features);
    let ndr64 = binding
        .elements
        .iter()
        .any(|element| element.syntaxes.ndr64);
    let mut reported = std::collections::BTreeSet::new();
    for element in &binding.elements {
        if !element.means_interface() || !reported.insert((element.interface, element.version)) {
            continue;
        }
        let (chosen, accepted) = verdict(binding, element);
        let fact = RpcBound {
            interface: element.interface,
            interface_name: interfaces::find(element.interface).map(|it| it.name.to_owned()),
            version: element.version,
            context: chosen.p_cont_id,
            contexts_asked: u16::try_from(binding.elements.len()).unwrap_or(u16::MAX),
            bind_time_features,
            ndr64,
            header_signing: binding.header_signing,
            association_group: binding.association_group,
            reject_reason: binding.reject_reason,
            accepted,
            auth_type: binding.auth_type,
            auth_level: binding.auth_level,
            transport: carried.transport.clone(),
            principal: carried.principal.clone(),
        };
        facts.report(binding.at, &binding.evidence, Fact::RpcBound(fact));
    }
}

/// The element of the same interface that the server took, or the first one.
fn verdict(binding: &Binding, first: &ContextElement) -> (ContextElement, Option<bool>) {
    if binding.accepted.is_empty() {
        return (*first, None);
    }
    let taken = binding
        .elements
        .iter()
        .zip(&binding.accepted)
        .find(|(element, accepted)| {
            **accepted
                && element.means_interface()
                && (element.interface, element.version) == (first.interface, first.version)
        });
    match taken {
        Some((element, _)) => (*element, Some(true)),
        None => (*first, Some(false)),
    }
}

/// Reports a call, answered or not, and what its answer tells beyond it.
pub(super) fn report_called(
    call: &Call,
    context: Option<&Context>,
    carried: Carried,
    handles: &mut Handles,
    facts: &mut Facts,
) {
    let known = context.and_then(|context| context.known);
    let return_code = return_code(call, known);
    let mut evidence = call.request.evidence.clone();
    if let Some(response) = &call.response {
        evidence.extend_from_slice(&response.evidence);
    }
    let mut fact = RpcCalled {
        interface: context.map(|context| context.interface),
        interface_name: known.map(|interface| interface.name.to_owned()),
        opnum: call.opnum,
        operation: known
            .and_then(|interface| interface.operation(call.opnum))
            .map(str::to_owned),
        context: call.context,
        object: call.object,
        auth_level: call.auth_level,
        request_octets: call.request.octets(),
        response_octets: call.response.as_ref().map(Stub::octets),
        fault: call.fault,
        return_code,
        outcome: outcome(call, known, return_code),
        arguments: Arguments::None,
        transport: carried.transport,
        principal: carried.principal,
    };
    match meaning(call, context, handles) {
        Meaning::Nothing => {}
        Meaning::Arguments(arguments) => fact.arguments = arguments,
        Meaning::Endpoint(mapped) => {
            facts.report(call.at, &evidence, Fact::RpcCalled(fact));
            let mapped = EndpointMapped {
                interface_name: interfaces::find(mapped.interface).map(|it| it.name.to_owned()),
                ..*mapped
            };
            return facts.report(call.at, &evidence, Fact::EndpointMapped(mapped));
        }
    }
    facts.report(call.at, &evidence, Fact::RpcCalled(fact));
}

/// The number at the end of a clear response, where the interface puts its return code.
fn return_code(call: &Call, known: Option<&Interface>) -> Option<u32> {
    let interface = known?;
    if call.auth_level == LEVEL_PRIVACY || !interface.returns_code(call.opnum) {
        return None;
    }
    call.response.as_ref()?.last_number()
}

/// How the call ended: a fault is a refusal, a return code speaks for itself, and of a sealed answer
/// only the size speaks, where the interface knows what size proves.
fn outcome(call: &Call, known: Option<&Interface>, return_code: Option<u32>) -> Outcome {
    if call.fault.is_some() {
        return Outcome::Failure;
    }
    let (Some(interface), Some(response)) = (known, &call.response) else {
        return Outcome::Attempt;
    };
    match return_code {
        Some(code) => interface.returns.outcome(code),
        None if interface.proves_success(call.opnum, response.octets()) => Outcome::Success,
        None => Outcome::Attempt,
    }
}

/// What the stubs say, if they are in clear and some decoder reads them.
fn meaning(call: &Call, context: Option<&Context>, handles: &mut Handles) -> Meaning {
    let Some((context, interface)) = context.and_then(|it| Some((it, it.known?))) else {
        return Meaning::Nothing;
    };
    if call.auth_level == LEVEL_PRIVACY || !interface.decodes(call.opnum) {
        return Meaning::Nothing;
    }
    interface.meaning(
        &Clear {
            opnum: call.opnum,
            request: call.request.ndr(context.ndr64, call.trailer_octets),
            response: call
                .response
                .as_ref()
                .map(|stub| stub.ndr(context.ndr64, 0)),
        },
        handles,
    )
}
