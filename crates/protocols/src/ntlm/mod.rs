//! NTLM messages (MS-NLMP), whatever carries them.
