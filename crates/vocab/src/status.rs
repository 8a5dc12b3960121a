//! Result numbers of the protocols that answer with them.

crate::open_enum! {
    /// An NTSTATUS (MS-ERREF section 2.3).
    pub struct NtStatus(u32);
    /// It worked.
    STATUS_SUCCESS = 0x0000_0000,
    /// The answer will come later.
    STATUS_PENDING = 0x0000_0103,
    /// A first leg of several worked.
    STATUS_MORE_PROCESSING_REQUIRED = 0xc000_0016,
    /// More data than fits the answer.
    STATUS_BUFFER_OVERFLOW = 0x8000_0005,
    /// Not allowed.
    STATUS_ACCESS_DENIED = 0xc000_0022,
    /// No such name.
    STATUS_OBJECT_NAME_NOT_FOUND = 0xc000_0034,
    /// No such user.
    STATUS_NO_SUCH_USER = 0xc000_0064,
    /// Wrong password.
    STATUS_WRONG_PASSWORD = 0xc000_006a,
    /// Wrong user or password.
    STATUS_LOGON_FAILURE = 0xc000_006d,
    /// The account is disabled.
    STATUS_ACCOUNT_DISABLED = 0xc000_0072,
    /// The account is locked.
    STATUS_ACCOUNT_LOCKED_OUT = 0xc000_0234,
}

impl NtStatus {
    /// Whether the severity bits say error (MS-ERREF section 2.3).
    #[must_use]
    pub const fn is_error(self) -> bool {
        self.0 >> 30 == 3
    }
}

crate::open_enum! {
    /// An LDAP result code (RFC 4511 section 4.1.9).
    pub struct ResultCode(u32);
    /// It worked.
    SUCCESS = 0,
    /// A SASL exchange goes on.
    SASL_BIND_IN_PROGRESS = 14,
    /// Wrong name or password.
    INVALID_CREDENTIALS = 49,
    /// Not allowed.
    INSUFFICIENT_ACCESS_RIGHTS = 50,
}
