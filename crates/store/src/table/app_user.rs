//! `app_user`: who may sign in.

use jiff::Timestamp;

use super::event_log::{self, NewEvent};
use crate::{Error, Mode, Result, Transaction, Tx, params};

row_type! {
    /// A user, without the hash of the password.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct AppUser as "u" {
        id: i64,
        username: String,
        email: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        /// `VIEWER`, `USER`, `OP` or `ADMIN`.
        role: String,
        is_active: bool,
        created_at: Timestamp,
    }
}

/// A user to make.
#[derive(Clone)]
pub struct CreateUser {
    pub username: String,
    pub email: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// `VIEWER`, `USER`, `OP` or `ADMIN`.
    pub role: String,
    pub password_hash: String,
    /// Who makes it, for the event log.
    pub by: String,
}

impl std::fmt::Debug for CreateUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "CreateUser({:?}, {})", self.username, self.role)
    }
}

impl Transaction for CreateUser {
    /// The user; `None` when the name is taken.
    type Out = Option<AppUser>;
    const NAME: &'static str = "create_user";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        if self.username.trim().is_empty() {
            return Err(Error::invalid("the name of a user", "it is empty"));
        }
        let now = tx.now();
        let sql = format!(
            "INSERT INTO app_user (username, email, first_name, last_name, role, password_hash, is_active, created_at)
            VALUES (?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT (username) DO NOTHING RETURNING {}",
            AppUser::COLUMNS
        );
        let values = params![&self.username, &self.email, &self.first_name, &self.last_name, &self.role, &self.password_hash, now];
        let Some(row) = tx.row(sql, values).await? else { return Ok(None) };
        log(tx, "create_user", &self.username, &self.by).await?;
        Ok(Some(AppUser::read(&row, 0)?))
    }
}

/// All users by name.
#[derive(Debug, Clone)]
pub struct ListUsers;

impl Transaction for ListUsers {
    type Out = Vec<AppUser>;
    const NAME: &'static str = "list_users";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = format!("SELECT {} FROM app_user ORDER BY username", AppUser::COLUMNS);
        tx.rows(sql, params![]).await?.iter().map(|row| AppUser::read(row, 0)).collect()
    }
}

/// What to change of a user.
#[derive(Clone)]
pub enum UserChange {
    /// Set the hash of a new password.
    Password(String),
    /// Set the role.
    Role(String),
    /// Remove the user.
    Delete,
}

/// Changes one user.
#[derive(Clone)]
pub struct ChangeUser {
    pub username: String,
    pub change: UserChange,
    /// Who changes it, for the event log.
    pub by: String,
}

impl std::fmt::Debug for ChangeUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChangeUser({:?})", self.username)
    }
}

impl Transaction for ChangeUser {
    /// Whether there is such a user.
    type Out = bool;
    const NAME: &'static str = "change_user";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let name = &self.username;
        let (event, changed) = match &self.change {
            UserChange::Password(hash) => {
                ("reset_password", tx.exec("UPDATE app_user SET password_hash = ? WHERE username = ?", params![hash, name]).await?)
            }
            UserChange::Role(role) => ("edit_user", tx.exec("UPDATE app_user SET role = ? WHERE username = ?", params![role, name]).await?),
            UserChange::Delete => ("delete_user", tx.exec("DELETE FROM app_user WHERE username = ?", params![name]).await?),
        };
        if changed > 0 {
            log(tx, event, name, &self.by).await?;
        }
        Ok(changed > 0)
    }
}

async fn log(tx: &mut Tx<'_>, event: &str, username: &str, by: &str) -> Result<()> {
    let extra = serde_json::json!({ "username": username }).to_string();
    event_log::insert(tx, &[NewEvent { event: event.into(), owner: Some(by.into()), extra: Some(extra), ..NewEvent::default() }]).await
}
