//! What a call or an opened file means on the way to running something.

use crate::interfaces::{call, has_arguments};
use realmward_event::rpc::{Arguments, RpcCalled};
use realmward_event::smb::FileOpened;
use realmward_event::{Fact, Outcome};
use realmward_profile::Sighting;
use realmward_vocab::Guid;
use realmward_vocab::interface::{
    ACTIVATION, ATSVC, DISPATCH, SVCCTL, SYSTEM_ACTIVATOR, TASK_SCHEDULER, WBEM_SERVICES,
};
use serde::{Deserialize, Serialize};

/// A way of running code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Method {
    Service,
    Task,
    Wmi,
    Dcom,
}

impl Method {
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Service => "service control",
            Self::Task => "scheduled task",
            Self::Wmi => "WMI method",
            Self::Dcom => "DCOM object",
        }
    }
}

/// What a sighting means here.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Step {
    /// Runs something by itself.
    Runs(Method),
    /// Runs nothing yet.
    Prepares(Method),
    /// Runs what was prepared.
    Completes(Method),
    /// Writes a WMI object; a filter, a consumer and what binds them together run a command.
    Installs,
    /// Removes what was made.
    Undoes,
    /// A program or script was written to an administrative share.
    Wrote(String),
    /// A pipe that only a remote execution tool serves.
    ToolPipe(String),
}

/// The step in a sighting, if there is one.
pub(super) fn of(sighting: &Sighting) -> Option<Step> {
    if let Fact::FileOpened(it) = &sighting.event.fact {
        return of_file(it);
    }
    let (interface, call) = call(sighting)?;
    of_call(interface, call)
}

fn of_call(interface: Guid, call: &RpcCalled) -> Option<Step> {
    if (interface, call.opnum) != (SVCCTL, DELETE_SERVICE) && !has_arguments(call) {
        return None;
    }
    let step = match (interface, call.opnum) {
        // RCreateServiceW/A, RCreateServiceWOW64A/W, RCreateWowService (MS-SCMR section 3.1.4).
        (SVCCTL, 12 | 24 | 44 | 45 | 60) => Step::Runs(Method::Service),
        // RChangeServiceConfigW/A; when it starts may change without what it runs.
        (SVCCTL, 11 | 23) if keeps_program(call) => return None,
        (SVCCTL, 11 | 23) => Step::Prepares(Method::Service),
        // RStartServiceW/A.
        (SVCCTL, 19 | 31) => Step::Completes(Method::Service),
        // RDeleteService.
        (SVCCTL, DELETE_SERVICE) => Step::Undoes,
        // NetrJobAdd; SchRpcRegisterTask and SchRpcRun (MS-TSCH section 3.2.5).
        (ATSVC, 0) | (TASK_SCHEDULER, 1 | 12) => Step::Runs(Method::Task),
        // SchRpcDelete.
        (TASK_SCHEDULER, 13) => Step::Undoes,
        // IWbemServices::PutInstance and PutInstanceAsync (MS-WMI section 3.1.4.3).
        (WBEM_SERVICES, 14 | 15) => Step::Installs,
        // IWbemServices::ExecMethod and ExecMethodAsync (MS-WMI section 3.1.4.3).
        (WBEM_SERVICES, 24 | 25) => Step::Runs(Method::Wmi),
        // RemoteGetClassObject and RemoteCreateInstance, RemoteActivation (MS-DCOM section 3.1.2.5.2.3).
        (SYSTEM_ACTIVATOR, 3 | 4) | (ACTIVATION, 0) => activation(call),
        // IDispatch::GetIDsOfNames and Invoke (MS-OAUT section 3.1.4).
        (DISPATCH, 5 | 6) => Step::Completes(Method::Dcom),
        _ => return None,
    };
    Some(step)
}

/// An activation alone runs nothing, unless it names a class that is there to run things.
fn activation(call: &RpcCalled) -> Step {
    match call.arguments {
        Arguments::Activation { class } if RUNNERS.contains(&class.0) => Step::Runs(Method::Dcom),
        _ => Step::Prepares(Method::Dcom),
    }
}

/// Whether a readable change of a service names no program.
const fn keeps_program(call: &RpcCalled) -> bool {
    matches!(
        call.arguments,
        Arguments::Service {
            binary_path: None,
            ..
        }
    )
}

fn of_file(it: &FileOpened) -> Option<Step> {
    let name = it.name.to_ascii_lowercase();
    if it.is_pipe {
        let tool = TOOL_PIPES.iter().any(|tool| name.contains(tool));
        return tool.then(|| Step::ToolPipe(it.name.clone()));
    }
    let runnable = RUNNABLE.iter().any(|ending| name.ends_with(ending));
    let worked = it.status.is_none_or(|status| !status.is_error());
    let written = it.may_create && it.access & WRITE != 0 && worked;
    (it.share.is_administrative() && runnable && written)
        .then(|| Step::Wrote(format!("{}\\{}", it.share, it.name)))
}

/// Whether a file is a library in a folder from which services load theirs (T1574.001).
pub(super) fn is_system_library(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let folder = [r"\system32\", r"\syswow64\"]
        .iter()
        .any(|it| name.contains(it));
    folder && name.ends_with(".dll")
}

/// How the step ended.
pub(super) fn outcome(sighting: &Sighting) -> Outcome {
    match &sighting.event.fact {
        Fact::RpcCalled(it) => it.outcome,
        Fact::FileOpened(it) => it.status.map_or(Outcome::Attempt, Outcome::from),
        _ => Outcome::Unknown,
    }
}

impl Step {
    /// The operation, as evidence.
    pub(super) fn words(&self, sighting: &Sighting) -> String {
        match (&sighting.event.fact, self) {
            (Fact::RpcCalled(it), _) => {
                let operation = it.operation.as_deref().unwrap_or("operation");
                let detail = match &it.arguments {
                    Arguments::Service { name, binary_path } => match binary_path {
                        Some(path) => format!(" for {name}: {path}"),
                        None => format!(" for {name}"),
                    },
                    Arguments::Task { path, command } => match command {
                        Some(command) => format!(" for {path}: {command}"),
                        None => format!(" for {path}"),
                    },
                    _ => String::new(),
                };
                format!("{operation} ({}){detail}", it.opnum)
            }
            (_, Self::ToolPipe(name)) => format!("pipe {name} opened"),
            _ => "file opened".to_owned(),
        }
    }

    /// The middle of a sentence: who ... whom.
    pub(super) const fn told(&self) -> &'static str {
        match self {
            Self::Runs(Method::Service) => "created a service on",
            Self::Completes(Method::Service) => "started a service on",
            Self::Runs(Method::Task) | Self::Completes(Method::Task) => "ran a scheduled task on",
            Self::Installs => "wrote WMI objects that can run a command on",
            Self::Runs(Method::Wmi) | Self::Completes(Method::Wmi) => "called a WMI method on",
            Self::Runs(Method::Dcom) | Self::Completes(Method::Dcom) => "used a DCOM object on",
            Self::Undoes => "deleted what it had just made on",
            Self::ToolPipe(_) => "spoke with a remote execution tool on",
            Self::Prepares(_) | Self::Wrote(_) => "planted a library for a service to load on",
        }
    }
}

/// RDeleteService; takes nothing but a handle.
const DELETE_SERVICE: u16 = 2;

/// Generic write, write data, or append (MS-SMB2 section 2.2.13.1).
const WRITE: u32 = 0x4000_0006;

/// Endings that Windows runs.
const RUNNABLE: &[&str] = &[
    ".exe", ".dll", ".bat", ".cmd", ".ps1", ".vbs", ".js", ".hta", ".msi", ".scr", ".com", ".sys",
];

/// Pipes of PsExec, RemCom, winexe and their kin.
const TOOL_PIPES: &[&str] = &[
    "psexesvc",
    "remcom_",
    "paexec",
    "winexesvc",
    "csexecsvc",
    "svcctl_exec",
];

/// Classes that run commands on request: MMC20.Application, ShellWindows, ShellBrowserWindow,
/// Excel.Application, Outlook.Application, Word.Application, Visio.Application, HTAFile, Msi install
/// server (their registry entries in Windows and Office).
const RUNNERS: &[u128] = &[
    0x49b2_791a_b1ae_4c90_9b8e_e860_ba07_f889,
    0x9ba0_5972_f6a8_11cf_a442_00a0_c90a_8f39,
    0xc08a_fd90_f2a1_11d1_8455_00a0_c91f_3880,
    0x0002_4500_0000_0000_c000_0000_0000_0046,
    0x0006_f03a_0000_0000_c000_0000_0000_0046,
    0x0002_09ff_0000_0000_c000_0000_0000_0046,
    0x0002_1a20_0000_0000_c000_0000_0000_0046,
    0x3050_f4d8_98b5_11cf_bb82_00aa_00bd_ce0b,
    0x000c_101c_0000_0000_c000_0000_0000_0046,
];
