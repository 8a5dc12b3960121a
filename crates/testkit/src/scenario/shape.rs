//! Request shapes of known programs, and interfaces by their short names.

use anyhow::{Result, bail};
use realmward_event::kerberos::RequestShape;
use realmward_vocab::{EncryptionType, KdcOptions, PaDataType};
use serde_json::Value;

/// The shape that a program gives its requests, as measured on captures of it.
pub(super) fn request(name: &str) -> Result<Value> {
    let it = match name {
        "as-windows" => shape(0x4081_0010, 2, &[18, 17, 23, 24, -135, 3], &[2, 128], SAME),
        "as-windows-stored-keys" => {
            let etypes = [18, 23, -133, -128, 24, -135];
            shape(0x4081_0010, 2, &etypes, &[2, 128], SAME)
        }
        "as-mimikatz" => {
            let etypes = [0, 0, 23, -133, -128, 24, -135];
            shape(0x4081_0010, 2, &etypes, &[2, 128], SAME)
        }
        "as-impacket" => a_day(shape(0x5080_0000, 1, &[23], &[2, 128], SAME)),
        "as-impacket-aes" => a_day(shape(0x5080_0000, 1, &[18], &[2, 128], SAME)),
        "as-rubeus" => shape(0x4080_0010, 2, &[23], &[2, 128], SAME),
        "as-mit" => shape(0x10, 2, MIT, &[2, 150, 149], None),
        "as-mit-rc4" => shape(0x10, 2, &[23], &[2, 150, 149], None),
        "as-samba" => shape(0x4081_0000, 2, &[18, 17, 23], &[2, 128], None),
        "tgs-windows" => shape(0x4081_0000, 2, &[18, 17, 23, 24, -135], &[1, 167], None),
        "tgs-impacket" => a_day(shape(0x4081_0010, 2, &[23, 16, 3, 18], &[1], None)),
        "tgs-mit" => shape(0x0081_0000, 2, MIT, &[1, 136], None),
        "tgs-samba" => shape(0x4081_0000, 2, &[18, 17, 23], &[1], None),
        other => bail!("no program is known to ask like `{other}`"),
    };
    Ok(serde_json::to_value(it)?)
}

fn shape(
    options: u32,
    service_name_type: i32,
    etypes: &[i32],
    padata: &[i32],
    rtime: Option<&str>,
) -> RequestShape {
    RequestShape {
        options: KdcOptions(options),
        etypes: etypes.iter().copied().map(EncryptionType).collect(),
        padata: padata.iter().copied().map(PaDataType).collect(),
        service_name_type,
        till: SAME.unwrap_or_default().to_owned(),
        rtime: rtime.map(str::to_owned),
        ..RequestShape::default()
    }
}

/// Asks for a day, as impacket does, where Windows asks until 2037.
fn a_day(shape: RequestShape) -> RequestShape {
    RequestShape {
        rtime: shape.rtime.map(|_| A_DAY.to_owned()),
        till: A_DAY.to_owned(),
        ..shape
    }
}

const A_DAY: &str = "20260102000000Z";
const SAME: Option<&str> = Some("20370913024805Z");
const MIT: &[i32] = &[18, 17, 20, 19, 16, 23, 25, 26];

/// The number of an interface.
pub(super) fn interface(name: &str) -> Result<&'static str> {
    let Some((_, guid)) = INTERFACES.iter().find(|(short, _)| *short == name) else {
        bail!("no interface is called `{name}`");
    };
    Ok(guid)
}

const INTERFACES: &[(&str, &str)] = &[
    ("drsuapi", "e3514235-4b06-11d1-ab04-00c04fc2dcd2"),
    ("srvsvc", "4b324fc8-1670-01d3-1278-5a47bf6ee188"),
    ("wkssvc", "6bffd098-a112-3610-9833-46c3f87e345a"),
    ("winreg", "338cd001-2244-31f1-aaaa-900038001003"),
    ("svcctl", "367abb81-9844-35f1-ad32-98f038001003"),
    ("atsvc", "1ff70682-0a51-30e8-076d-740be8cee98b"),
    ("tasks", "86d35949-83c9-4044-b424-db363231fd0c"),
    ("activator", "000001a0-0000-0000-c000-000000000046"),
    ("activation", "4d9f4ab8-7d1c-11cf-861e-0020af6e7c57"),
    ("terminals", "88143fd0-c28d-4b2b-8fef-8d882f6a9390"),
    ("dispatch", "00020400-0000-0000-c000-000000000046"),
    ("typeinfo", "00020401-0000-0000-c000-000000000046"),
    ("wbem", "9556dc99-828c-11cf-a37e-00aa003240c7"),
    ("samr", "12345778-1234-abcd-ef00-0123456789ac"),
    ("lsarpc", "12345778-1234-abcd-ef00-0123456789ab"),
];
