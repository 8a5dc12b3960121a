//! Heads of messages in the words of RFC 9110, borrowed from the octets they came in.

/// The head of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    /// `method`.
    pub(crate) method: &'a str,
    /// `request-target`.
    pub(crate) target: &'a str,
    /// `Host`.
    pub(crate) host: &'a [u8],
    /// `User-Agent`.
    pub(crate) user_agent: &'a [u8],
    /// `Authorization` or `Proxy-Authorization`.
    pub(crate) credentials: Option<Credentials<'a>>,
    /// How its body is delimited.
    pub(crate) body: Body,
}

/// The head of a response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Response<'a> {
    /// `status-code`.
    pub(crate) status: u16,
    /// `Server`.
    pub(crate) server: &'a [u8],
    /// `WWW-Authenticate` or `Proxy-Authenticate`, at most `CHALLENGES_MAX`.
    pub(crate) challenges: Vec<Scheme<'a>>,
    /// How its body is delimited, if it has one.
    pub(crate) body: Body,
}

/// `auth-scheme [ 1*SP token68 ]` (RFC 9110 section 11.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scheme<'a> {
    /// `auth-scheme`.
    pub(crate) name: &'a str,
    /// What follows it.
    pub(crate) rest: &'a str,
}

/// Credentials of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Credentials<'a> {
    /// The scheme and what follows it.
    pub(crate) scheme: Scheme<'a>,
    /// Whether they are for a proxy.
    pub(crate) to_proxy: bool,
}

/// How long a body is (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Body {
    /// The head does not say: none in a request, up to the end of the connection in a response.
    #[default]
    Unsaid,
    /// `Content-Length`.
    Length(u64),
    /// `Transfer-Encoding: chunked`.
    Chunked,
}
