//! Messages of the project's own laboratory (Samba, MIT and Impacket), by what they are.

/// Declares the samples of a folder.
macro_rules! samples {
    ($folder:literal: $($name:literal)+) => {
        &[$(($name, include_bytes!(concat!("../../data/", $folder, "/", $name, ".bin")) as &[u8]),)+]
    };
}

/// Whole messages, without record marks.
pub(crate) const KERBEROS: &[(&str, &[u8])] = samples!["kerberos":
    "ap-rep"
    "ap-req-dce"
    "as-rep-aes"
    "as-rep-rc4"
    "as-req-certificate"
    "as-req-mit"
    "as-req-rc4"
    "as-req-timestamp"
    "error-etype-nosupp"
    "error-no-names"
    "error-preauth-failed"
    "error-preauth-required"
    "error-too-big"
    "krb-priv"
    "s4u2proxy-rep"
    "s4u2proxy-req"
    "s4u2self-rep"
    "s4u2self-req"
    "tgs-rep-fast"
    "tgs-rep-impacket"
    "tgs-req-impacket"
    "tgs-req-mit"
    "tgs-req-principal-name"
    "tgs-req-wrong-key"
];

/// A change of a password (RFC 3244) and its answer, by Samba, without record marks.
pub(crate) const PASSWORD: &[(&str, &[u8])] = samples!["kerberos":
    "password-reply"
    "password-request"
];

/// Tokens as carriers hold them.
pub(crate) const GSS: &[(&str, &[u8])] = samples!["gss":
    "accept-completed"
    "kerberos-spnego"
    "ntlm-authenticate-impacket-rpc"
    "ntlm-authenticate-no-version"
    "ntlm-authenticate-relayed"
    "ntlm-authenticate-spnego"
    "ntlm-challenge-spnego"
    "ntlm-negotiate-no-version"
    "ntlm-negotiate-spnego"
    "server-hint"
];

/// The sample of this name.
pub(crate) fn sample(name: &str) -> &'static [u8] {
    let found = KERBEROS.iter().chain(PASSWORD).find(|(it, _)| *it == name);
    found.unwrap_or_else(|| panic!("no sample {name}")).1
}

/// The sample behind a record mark.
pub(crate) fn record(name: &str) -> Vec<u8> {
    let message = sample(name);
    let mut record = u32::try_from(message.len()).unwrap().to_be_bytes().to_vec();
    record.extend(message);
    record
}
