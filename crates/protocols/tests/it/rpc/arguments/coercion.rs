//! Calls that name a path on another host.

use super::super::build::Build;
use super::{Case, DFSNM, EFSR, FSRVP, HANDLE, PAR, POINTER, RPRN, paths};

pub(super) fn all(b: Build) -> Vec<Case> {
    let case = |interface, opnum, request, told: &[&str]| Case {
        interface,
        opnum,
        request,
        response: b.u32(0),
        told: paths(told),
    };
    let path = "\\\\10.0.0.66\\share\\x";
    let driver = |name: &str| {
        [
            b.unique(name),
            b.numbers(&[2, 2, POINTER, 3]),
            b.numbers(&[POINTER; 5]),
            b.string("name"),
            b.string("Windows x64"),
            b.string("C:\\driver.dll"),
            b.string(path),
            b.string("C:\\config.dll"),
            b.u32(0x8014),
        ]
        .concat()
    };
    let files = ["C:\\driver.dll", path, "C:\\config.dll"];
    vec![
        case(EFSR, 0, [b.string(path), b.u32(0)].concat(), &[path]),
        case(
            EFSR,
            15,
            [b.numbers(&[2, 0]), b.string(path)].concat(),
            &[path],
        ),
        case(
            RPRN,
            65,
            [
                HANDLE.to_vec(),
                b.numbers(&[0x100, 0]),
                b.unique("\\\\10.0.0.66"),
                b.u32(0),
            ]
            .concat(),
            &["\\\\10.0.0.66"],
        ),
        case(RPRN, 89, driver("\\\\dc1"), &files),
        case(PAR, 39, driver("\\\\dc1"), &files),
        case(FSRVP, 8, b.string(path), &[path]),
        case(
            DFSNM,
            13,
            [b.string("10.0.0.66"), b.string("root"), b.u32(0)].concat(),
            &["10.0.0.66", "root"],
        ),
    ]
}
