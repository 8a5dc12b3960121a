//! Kerberos encryption types, because "weak" is a property three floors argue about.

crate::open_enum! {
    /// Kerberos encryption type number (RFC 3961 section 8; IANA "Kerberos Encryption Type Numbers").
    pub struct EncryptionType(i32);
    /// RFC 3961.
    DES_CBC_CRC = 1,
    /// RFC 3961.
    DES_CBC_MD5 = 3,
    /// RFC 3961.
    DES3_CBC_SHA1 = 16,
    /// RFC 3962.
    AES128_CTS_HMAC_SHA1_96 = 17,
    /// RFC 3962.
    AES256_CTS_HMAC_SHA1_96 = 18,
    /// RFC 8009.
    AES128_CTS_HMAC_SHA256_128 = 19,
    /// RFC 8009.
    AES256_CTS_HMAC_SHA384_192 = 20,
    /// RFC 4757. Salted with nothing, so an offline guess costs one MD4.
    RC4_HMAC = 23,
    /// RFC 4757, export strength.
    RC4_HMAC_EXP = 24,
    /// RFC 6803.
    CAMELLIA128_CTS_CMAC = 25,
    /// RFC 6803.
    CAMELLIA256_CTS_CMAC = 26,
    /// Windows-private old RC4 (MS-KILE), seen in lists of stored keys only.
    RC4_HMAC_OLD = -133,
    /// Windows-private MD4 form of RC4 (MS-KILE), seen in lists of stored keys only.
    RC4_MD4 = -128,
    /// Windows-private export form of old RC4 (MS-KILE).
    RC4_HMAC_OLD_EXP = -135,
}

impl EncryptionType {
    /// Whether a key of this type can be guessed offline at NT-hash speed, or faster (DES).
    #[must_use]
    pub const fn is_weak(self) -> bool {
        matches!(
            self,
            Self::RC4_HMAC
                | Self::RC4_HMAC_EXP
                | Self::RC4_HMAC_OLD
                | Self::RC4_MD4
                | Self::RC4_HMAC_OLD_EXP
                | Self::DES_CBC_CRC
                | Self::DES_CBC_MD5
        )
    }

    /// Whether this is one of the AES types.
    #[must_use]
    pub const fn is_aes(self) -> bool {
        matches!(self.0, 17..=20)
    }
}
