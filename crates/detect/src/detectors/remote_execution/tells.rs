//! Habits of tools, in names and command lines that are in clear.

use super::Step;
use realmward_event::Fact;
use realmward_event::rpc::Arguments;
use realmward_profile::Sighting;

/// What in this step only tools do.
pub(super) fn of(sighting: &Sighting, step: &Step) -> Vec<String> {
    let mut tells = Vec::new();
    if let Step::ToolPipe(name) = step {
        tells.push(format!("pipe {name}"));
    }
    if let Step::Wrote(name) = step
        && is_tool_binary(name)
    {
        tells.push(format!("program {name}"));
    }
    let Fact::RpcCalled(call) = &sighting.event.fact else {
        return tells;
    };
    match &call.arguments {
        Arguments::Service { name, binary_path } => {
            let path = binary_path.as_deref().unwrap_or_default();
            if is_tool_service(name) || is_tool_binary(path) {
                tells.push(format!("service {name}"));
            }
            if runs_a_shell(path) {
                tells.push(format!("service command {path}"));
            }
        }
        Arguments::Task {
            command: Some(command),
            ..
        } if runs_a_shell(command) => tells.push(format!("task command {command}")),
        _ => {}
    }
    tells
}

fn is_tool_service(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    TOOL_SERVICES.iter().any(|tool| name.contains(tool))
}

/// A known tool, or eight random letters straight under the system folder.
fn is_tool_binary(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    let file = path.rsplit(['\\', '/']).next().unwrap_or_default();
    let stem = file.split('.').next().unwrap_or_default();
    let known = TOOL_SERVICES.iter().any(|tool| stem.contains(tool));
    let random = stem.len() == 8
        && file.ends_with(".exe")
        && stem.chars().all(|c| c.is_ascii_lowercase())
        && !has_vowels_like_a_word(stem);
    known || (random && path.contains("%systemroot%"))
}

fn has_vowels_like_a_word(stem: &str) -> bool {
    let vowels = stem.chars().filter(|c| "aeiou".contains(*c)).count();
    (3..=5).contains(&vowels)
}

/// A service or task that is a command line with its output sent somewhere.
fn runs_a_shell(command: &str) -> bool {
    let command = command.to_ascii_lowercase();
    let shell = ["%comspec%", "cmd.exe", "cmd /c", "powershell"]
        .iter()
        .any(|it| command.contains(it));
    let output = [
        "\\\\127.0.0.1\\",
        "__output",
        "\\temp\\",
        "%temp%",
        "-enc",
        "^>",
    ]
    .iter()
    .any(|it| command.contains(it));
    shell && output
}

/// Names of services and programs that public tools bring along.
const TOOL_SERVICES: &[&str] = &[
    "psexesvc",
    "remcomsvc",
    "paexec",
    "winexesvc",
    "csexec",
    "btobto",
    "krbscm",
    "smbexec",
];
