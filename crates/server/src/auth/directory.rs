//! Users and revoked tokens, kept in memory for a few seconds.
//!
//! Every request asks whether its token is revoked and its user still there. Reading that from the database each time would
//! double the work of the cheapest requests, so a snapshot serves; what this process changes is seen at once, what others
//! change after [`FRESH`] at most.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use tradewind_store::Store;
use tradewind_store::list::small::{ReadSessions, RevokeToken};

use super::token::Claims;
use super::{Role, User};
use crate::error::{ApiError, Result};

const FRESH: Duration = Duration::from_secs(3);

/// A user as far as sign-in needs.
#[derive(Clone)]
pub struct Account {
    pub username: String,
    pub role: Role,
    pub password_hash: String,
    pub is_active: bool,
}

struct Snapshot {
    accounts: HashMap<String, Account>,
    revoked: HashSet<String>,
    read_at: Instant,
}

/// See the module.
pub struct Directory {
    store: Store,
    snapshot: RwLock<Option<Arc<Snapshot>>>,
    reading: Mutex<()>,
}

impl Directory {
    pub fn new(store: Store) -> Self {
        Self { store, snapshot: RwLock::new(None), reading: Mutex::new(()) }
    }

    /// The user of a token, with the role of now; a token that was revoked or whose user is gone is no token.
    pub async fn admit(&self, claims: &Claims) -> Result<User> {
        let snapshot = self.fresh().await?;
        if snapshot.revoked.contains(&claims.jti) {
            return Err(ApiError::Forbidden("Invalid JWT token".into()));
        }
        match snapshot.accounts.get(&claims.sub) {
            Some(account) if account.is_active => Ok(User { name: account.username.clone(), role: account.role }),
            _ => Err(ApiError::Unauthorized("Not authenticated")),
        }
    }

    /// The account of a name, read now.
    pub async fn lookup(&self, username: &str) -> Result<Option<Account>> {
        Ok(self.read().await?.accounts.get(username).cloned())
    }

    /// Revokes a token until `exp` (seconds since 1970).
    pub async fn revoke(&self, jti: String, exp: i64) -> Result<()> {
        self.store.run(RevokeToken { jti, exp }).await?;
        self.read().await?;
        Ok(())
    }

    async fn fresh(&self) -> Result<Arc<Snapshot>> {
        if let Some(snapshot) = self.current() {
            return Ok(snapshot);
        }
        let _one_reads = self.reading.lock().await;
        match self.current() {
            Some(snapshot) => Ok(snapshot),
            None => self.read().await,
        }
    }

    fn current(&self) -> Option<Arc<Snapshot>> {
        let snapshot = self.snapshot.read().unwrap_or_else(|poisoned| poisoned.into_inner());
        snapshot.as_ref().filter(|snapshot| snapshot.read_at.elapsed() < FRESH).cloned()
    }

    async fn read(&self) -> Result<Arc<Snapshot>> {
        let read_at = Instant::now();
        let sessions = self.store.run(ReadSessions).await?;
        let accounts = sessions
            .users
            .into_iter()
            .filter_map(|user| {
                let role = Role::parse(&user.role)?;
                let account = Account { username: user.username, role, password_hash: user.password_hash, is_active: user.is_active };
                Some((account.username.clone(), account))
            })
            .collect();
        let snapshot = Arc::new(Snapshot { accounts, revoked: sessions.revoked.into_iter().collect(), read_at });
        *self.snapshot.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(snapshot.clone());
        Ok(snapshot)
    }
}
