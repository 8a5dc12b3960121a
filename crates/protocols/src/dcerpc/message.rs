//! The connection-oriented protocol data units of C706 chapter 12 and MS-RPCE section 2.2.2, as far
//! as a listener needs them. The connectionless protocol (version 4) is deliberately absent: no
//! Windows since 2000 speaks it.

use realmward_vocab::{Direction, Guid};

/// `PTYPE` of a connection-oriented PDU (C706 section 12.6.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PacketType {
    /// A call, or a fragment of one.
    Request,
    /// The results of a call, or a fragment of them.
    Response,
    /// The call failed in the RPC runtime.
    Fault,
    /// The first offer of presentation contexts.
    Bind,
    /// The answer to [`PacketType::Bind`].
    BindAck,
    /// The bind was refused as a whole.
    BindNak,
    /// A later offer of presentation contexts, or the next leg of an authentication.
    AlterContext,
    /// The answer to [`PacketType::AlterContext`].
    AlterContextResp,
    /// The third leg of an authentication; it has no answer (MS-RPCE section 2.2.2.5).
    Auth3,
    /// The server asks the client to close.
    Shutdown,
    /// The client asks to cancel a call.
    CoCancel,
    /// The client forgot a call.
    Orphaned,
}

impl PacketType {
    /// The type with this number, if it is one of the connection-oriented protocol.
    #[must_use]
    pub const fn from_wire(number: u8) -> Option<Self> {
        Some(match number {
            0 => Self::Request,
            2 => Self::Response,
            3 => Self::Fault,
            11 => Self::Bind,
            12 => Self::BindAck,
            13 => Self::BindNak,
            14 => Self::AlterContext,
            15 => Self::AlterContextResp,
            16 => Self::Auth3,
            17 => Self::Shutdown,
            18 => Self::CoCancel,
            19 => Self::Orphaned,
            _ => return None,
        })
    }

    /// Which side sends it.
    #[must_use]
    pub const fn sent(self) -> Direction {
        match self {
            Self::Request
            | Self::Bind
            | Self::AlterContext
            | Self::Auth3
            | Self::CoCancel
            | Self::Orphaned => Direction::ToServer,
            Self::Response
            | Self::Fault
            | Self::BindAck
            | Self::BindNak
            | Self::AlterContextResp
            | Self::Shutdown => Direction::ToClient,
        }
    }
}

/// Integer representation of `packed_drep` (C706 section 14.2.5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant octet first.
    #[default]
    Little,
    /// Most significant octet first.
    Big,
}

/// `pfc_flags` (C706 section 12.6.3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u8);

impl Flags {
    /// `PFC_FIRST_FRAG`.
    #[must_use]
    pub const fn first(self) -> bool {
        self.0 & 0x01 != 0
    }

    /// `PFC_LAST_FRAG`.
    #[must_use]
    pub const fn last(self) -> bool {
        self.0 & 0x02 != 0
    }

    /// `PFC_SUPPORT_HEADER_SIGN` of a bind (MS-RPCE section 2.2.2.3).
    #[must_use]
    pub const fn header_signing(self) -> bool {
        self.0 & 0x04 != 0
    }

    /// `PFC_OBJECT_UUID`: the request names an object.
    #[must_use]
    pub const fn object(self) -> bool {
        self.0 & 0x80 != 0
    }
}

/// The common header (C706 section 12.6.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// `PTYPE`.
    pub ptype: PacketType,
    /// `pfc_flags`.
    pub flags: Flags,
    /// From `packed_drep`.
    pub order: ByteOrder,
    /// Octets of the whole fragment.
    pub frag_length: u16,
    /// Octets of the authentication token at its end.
    pub auth_length: u16,
    /// Pairs a request with its answer.
    pub call_id: u32,
}

/// `auth_verifier_co_t` (C706 section 13.2.6.1, MS-RPCE section 2.2.2.11).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthVerifier<'a> {
    /// 9 SPNEGO, 10 NTLM, 16 Kerberos, 68 netlogon secure channel.
    pub auth_type: u8,
    /// 2 connect, 4 packet, 5 integrity, 6 privacy.
    pub auth_level: u8,
    /// Tells several security contexts of one connection apart.
    pub auth_context_id: u32,
    /// The token of a bind, the signature of a call.
    pub token: &'a [u8],
}

/// A fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pdu<'a> {
    /// What every fragment says.
    pub header: Header,
    /// What this type says.
    pub body: Body<'a>,
    /// Its authentication, if it has one.
    pub auth: Option<AuthVerifier<'a>>,
}

/// What a type of PDU says beyond its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// `bind` or `alter_context`.
    Bind(Bind),
    /// `bind_ack` or `alter_context_response`.
    BindAck(BindAck),
    /// `bind_nak`.
    BindNak {
        /// `provider_reject_reason`.
        reason: u16,
    },
    /// `request`.
    Request(Request<'a>),
    /// `response`.
    Response(Response<'a>),
    /// `fault`.
    Fault {
        /// `status`.
        status: u32,
    },
    /// `auth3`, `shutdown`, `cancel`, `orphaned`: nothing beyond the header and the verifier.
    Empty,
}

/// `bind` (C706 section 12.6.4.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bind {
    /// Whether the client offers to sign headers.
    pub header_signing: bool,
    /// `p_context_elem`, at most 255.
    pub contexts: Vec<ContextElement>,
}

/// `p_cont_elem_t`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContextElement {
    /// `p_cont_id`.
    pub p_cont_id: u16,
    /// UUID of `abstract_syntax`.
    pub interface: Guid,
    /// Version of `abstract_syntax`: the major one in the low half.
    pub version: u32,
    /// What `transfer_syntaxes` offers.
    pub syntaxes: Syntaxes,
}

/// The transfer syntaxes that a context element offers, or that an answer chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Syntaxes {
    /// NDR 2.0 (C706 chapter 14).
    pub ndr: bool,
    /// NDR64 (MS-RPCE section 2.2.5).
    pub ndr64: bool,
    /// Bind-time feature negotiation (MS-RPCE section 3.3.1.5.3): no interface is meant.
    pub bind_time_features: bool,
}

/// `bind_ack` (C706 section 12.6.4.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BindAck {
    /// `assoc_group_id`.
    pub association_group: u32,
    /// `p_result_list`, in the order of the context elements, at most 255.
    pub results: Vec<ContextResult>,
}

/// `p_result_t`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ContextResult {
    /// `result`: 0 acceptance, 1 user rejection, 2 provider rejection, 3 feature negotiation.
    pub result: u16,
    /// The transfer syntax chosen.
    pub syntaxes: Syntaxes,
}

/// `request` (C706 section 12.6.4.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// `p_cont_id`.
    pub p_cont_id: u16,
    /// `opnum`.
    pub opnum: u16,
    /// `object`.
    pub object: Option<Guid>,
    /// Stub data of this fragment, without padding.
    pub stub: &'a [u8],
    /// Octets after `stub` that were not captured.
    pub missing: usize,
}

/// `response` (C706 section 12.6.4.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Response<'a> {
    /// Stub data of this fragment, without padding.
    pub stub: &'a [u8],
    /// Octets after `stub` that were not captured.
    pub missing: usize,
}
