//! Roles, ordered, and what each operation asks for.

use serde::{Deserialize, Serialize};

/// Each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    Viewer,
    User,
    Op,
    Admin,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Viewer, Self::User, Self::Op, Self::Admin];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "VIEWER",
            Self::User => "USER",
            Self::Op => "OP",
            Self::Admin => "ADMIN",
        }
    }

    /// `None` for a text that is no role.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name().eq_ignore_ascii_case(text))
    }

    pub fn may(self, access: Access) -> bool {
        self >= access.least()
    }
}

/// What an operation touches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// Read DAGs, runs, tasks, logs, XComs, pools, configuration, views.
    Read,
    /// Change DAGs, runs, tasks, XComs.
    Run,
    /// Change pools.
    Operate,
    /// Read or change connections and variables.
    Secrets,
}

impl Access {
    pub const fn least(self) -> Role {
        match self {
            Self::Read => Role::Viewer,
            Self::Run => Role::User,
            Self::Operate | Self::Secrets => Role::Op,
        }
    }
}
