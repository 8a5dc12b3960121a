//! Why Kerberos is told otherwise.

use crate::diff::table::{Class, Whose};

pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "e-data of other errors",
        whose: Whose::Theirs,
        why: "tshark reads the key types in e-data of error 25 only; a KDC gives them with error 24 too.",
        holds: |it, _| {
            it.field == Some("offered")
                && it.theirs_says("offered") == Some("")
                && it.theirs_says("error-code") != Some("25")
        },
    },
    Class {
        name: "number below zero",
        whose: Whose::Theirs,
        why: "Some clients write a nonce as a signed number in as few octets as that takes; tshark shows those octets without their sign.",
        holds: |it, _| {
            let number = |text: Option<&str>| text.and_then(|it| it.parse::<u32>().ok());
            let (ours, theirs) = (
                number(it.ours_says("nonce")),
                number(it.theirs_says("nonce")),
            );
            it.field == Some("nonce")
                && ours.zip(theirs).is_some_and(|(ours, theirs)| {
                    [8, 16, 24]
                        .into_iter()
                        .any(|bits| ours == theirs | u32::MAX << bits && theirs >> (bits - 1) == 1)
                })
        },
    },
    Class {
        name: "names outside ASCII",
        whose: Whose::Theirs,
        why: "Windows and Samba write UTF-8 into a KerberosString; tshark takes it for ASCII.",
        holds: |it, _| {
            let says = it.field.and_then(|field| it.theirs_says(field));
            says.is_some_and(|it| it.contains(char::REPLACEMENT_CHARACTER))
        },
    },
    Class {
        name: "credentials at level packet",
        whose: Whose::Theirs,
        why: "tshark does not look into the credentials of a DCE/RPC bind that asks for the level `packet`.",
        holds: |it, of| it.theirs.is_none() && it.kind() == "AP-REQ" && of.has(it, "dcerpc"),
    },
    Class {
        name: "names of the request",
        whose: Whose::Policy,
        why: "An error that names no realm and no service (Samba's, when it cannot open the ticket) is told with those of the request it answers.",
        holds: |it, _| {
            matches!(it.field, Some("realm" | "sname"))
                && (it.theirs_says("sname") == Some("")
                    || it.theirs_says("realm") == Some("<unspecified realm>"))
        },
    },
];
