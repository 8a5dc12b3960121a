//! What a person may do, in words.

pub(crate) use realmward_store::Role;

/// A role as people and programs write it.
pub(crate) trait Word {
    /// The word.
    fn word(self) -> &'static str;
}

impl Word for Role {
    fn word(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Analyst => "analyst",
            Self::Administrator => "administrator",
        }
    }
}

/// Reads the word of a role.
pub(crate) fn read(word: &str) -> Result<Role, String> {
    [Role::Viewer, Role::Analyst, Role::Administrator]
        .into_iter()
        .find(|it| it.word() == word)
        .ok_or_else(|| "one of viewer, analyst, administrator".to_owned())
}
