//! Texts that must not be shown.

/// A clear text that `Debug` hides.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(pub String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

impl From<&str> for Secret {
    fn from(clear: &str) -> Self {
        Self(clear.to_owned())
    }
}

impl From<String> for Secret {
    fn from(clear: String) -> Self {
        Self(clear)
    }
}
