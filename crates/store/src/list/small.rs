//! Smaller reads of the API: tags, statistics, warnings, versions, sources, favourites, sign-in.

use super::filter::{Filter, Listed, OrderKey, OrderNames, Page, Patterns};
use super::{Select, VersionView};
use crate::{Mode, Result, Row, Transaction, Tx, params};

/// A page of the tags in use.
#[derive(Debug, Clone)]
pub struct ListTags {
    pub names: Patterns,
    pub descending: bool,
    pub page: Page,
}

impl Transaction for ListTags {
    type Out = Listed<String>;
    const NAME: &'static str = "list.tags";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const TAGS: Select = Select { columns: "name", tables: " FROM (SELECT DISTINCT name FROM dag_tag) tag", ties: &["name"] };
        let mut filter = Filter::new();
        filter.patterns("name", &self.names);
        let order = [OrderKey { expression: "name", descending: self.descending }];
        TAGS.page(tx, &filter, &order, self.page, |row| row.get(0_usize)).await
    }
}

/// How many runs a DAG has in a state.
#[derive(Debug, Clone)]
pub struct RunCount {
    pub dag_id: String,
    pub dag_display_name: String,
    /// `None` when the DAG has no runs at all.
    pub state: Option<String>,
    pub count: i64,
}

/// Runs by DAG and state, for all DAGs or for some.
#[derive(Debug, Clone)]
pub struct CountRuns {
    pub dag_ids: Vec<String>,
}

impl Transaction for CountRuns {
    type Out = Vec<RunCount>;
    const NAME: &'static str = "list.count_runs";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let mut filter = Filter::new();
        filter.among("d.dag_id", &self.dag_ids);
        if self.dag_ids.is_empty() {
            filter.and("d.is_stale = 0", []);
        }
        let sql = format!(
            "SELECT d.dag_id, d.dag_display_name, r.state, count(r.id) FROM dag d LEFT JOIN dag_run r ON r.dag_id = d.dag_id{} \
             GROUP BY d.dag_id, d.dag_display_name, r.state ORDER BY d.dag_id",
            filter.clause()
        );
        let rows = tx.rows(sql, filter.values()).await?;
        rows.iter()
            .map(|row| {
                Ok(RunCount {
                    dag_id: row.get(0_usize)?,
                    dag_display_name: row.get(1_usize)?,
                    state: row.get(2_usize)?,
                    count: row.get(3_usize)?,
                })
            })
            .collect()
    }
}

/// A warning about a DAG. Time in microseconds.
#[derive(Debug, Clone)]
pub struct WarningView {
    pub dag_id: String,
    pub warning_type: String,
    pub message: String,
    pub timestamp: i64,
    pub dag_display_name: String,
}

/// What warnings may be sorted by.
pub const WARNING_ORDER: OrderNames =
    &[("dag_id", "w.dag_id"), ("warning_type", "w.warning_type"), ("message", "w.message"), ("timestamp", "w.timestamp")];

/// A page of warnings.
#[derive(Debug, Clone)]
pub struct ListWarnings {
    pub dag_id: Option<String>,
    pub warning_type: Option<String>,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListWarnings {
    type Out = Listed<WarningView>;
    const NAME: &'static str = "list.warnings";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const WARNINGS: Select = Select {
            columns: "w.dag_id, w.warning_type, w.message, w.timestamp, coalesce(d.dag_display_name, w.dag_id)",
            tables: " FROM dag_warning w LEFT JOIN dag d ON d.dag_id = w.dag_id",
            ties: &["w.dag_id", "w.warning_type", "w.message"],
        };
        let mut filter = Filter::new();
        filter.equals("w.dag_id", self.dag_id.clone()).equals("w.warning_type", self.warning_type.clone());
        let read = |row: &Row| {
            Ok(WarningView {
                dag_id: row.get(0_usize)?,
                warning_type: row.get(1_usize)?,
                message: row.get(2_usize)?,
                timestamp: row.get(3_usize)?,
                dag_display_name: row.get(4_usize)?,
            })
        };
        WARNINGS.page(tx, &filter, &self.order, self.page, read).await
    }
}

/// What versions may be sorted by.
pub const VERSION_ORDER: OrderNames =
    &[("id", "v.id"), ("version_number", "v.version_number"), ("bundle_name", "d.bundle_name"), ("bundle_version", "NULL")];

/// A page of versions, with the display names of their DAGs.
#[derive(Debug, Clone)]
pub struct ListVersions {
    pub dag_id: Option<String>,
    pub version_number: Option<i64>,
    pub bundle_name: Option<String>,
    pub order: Vec<OrderKey>,
    pub page: Page,
}

impl Transaction for ListVersions {
    type Out = Listed<(VersionView, String)>;
    const NAME: &'static str = "list.versions";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        const VERSIONS: Select = Select {
            columns: "v.uuid, v.version_number, v.dag_id, d.bundle_name, v.created_at, coalesce(d.dag_display_name, v.dag_id)",
            tables: " FROM dag_version v LEFT JOIN dag d ON d.dag_id = v.dag_id",
            ties: &["v.id"],
        };
        let mut filter = Filter::new();
        filter
            .equals("v.dag_id", self.dag_id.clone())
            .equals("v.version_number", self.version_number)
            .equals("d.bundle_name", self.bundle_name.clone());
        let listed = VERSIONS.page(tx, &filter, &self.order, self.page, |row| Ok((VersionView::read(row, 0)?, row.get(5_usize)?))).await?;
        let rows = listed.rows.into_iter().filter_map(|(version, name)| Some((version?, name))).collect();
        Ok(Listed { rows, total: listed.total })
    }
}

/// The source of a DAG's file as it was at a version.
#[derive(Debug, Clone)]
pub struct SourceView {
    pub source: String,
    pub version_number: i64,
    pub dag_display_name: String,
}

/// The source of a version, by default the newest.
#[derive(Debug, Clone)]
pub struct GetSource {
    pub dag_id: String,
    pub version_number: Option<i64>,
}

impl Transaction for GetSource {
    type Out = Option<SourceView>;
    const NAME: &'static str = "list.source";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let mut filter = Filter::new();
        filter.equals("v.dag_id", Some(self.dag_id.clone())).equals("v.version_number", self.version_number);
        let sql = format!(
            "SELECT s.source, v.version_number, coalesce(d.dag_display_name, v.dag_id) FROM dag_version v \
             JOIN dag_source s ON s.source_hash = v.source_hash LEFT JOIN dag d ON d.dag_id = v.dag_id{} \
             ORDER BY v.version_number DESC LIMIT 1",
            filter.clause()
        );
        let row = tx.row(sql, filter.values()).await?;
        row.map(|row| Ok(SourceView { source: row.get(0_usize)?, version_number: row.get(1_usize)?, dag_display_name: row.get(2_usize)? }))
            .transpose()
    }
}

/// Makes a DAG a favourite of a user, or no longer; tells whether that changed anything.
#[derive(Debug, Clone)]
pub struct SetFavorite {
    pub username: String,
    pub dag_id: String,
    pub favorite: bool,
}

impl Transaction for SetFavorite {
    type Out = bool;
    const NAME: &'static str = "list.set_favorite";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let sql = if self.favorite {
            "INSERT INTO dag_favorite (username, dag_id) VALUES (?, ?) ON CONFLICT (username, dag_id) DO NOTHING"
        } else {
            "DELETE FROM dag_favorite WHERE username = ? AND dag_id = ?"
        };
        Ok(tx.exec(sql, params![&self.username, &self.dag_id]).await? > 0)
    }
}

/// What became of a request to parse a file again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reparse {
    Requested,
    /// A request waits already.
    Pending,
    NoFile,
}

/// Asks for a file to be parsed again.
#[derive(Debug, Clone)]
pub struct RequestReparse {
    pub relative_fileloc: String,
}

impl Transaction for RequestReparse {
    type Out = Reparse;
    const NAME: &'static str = "list.request_reparse";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let now = tx.now();
        let sql = "UPDATE dag_file SET reparse_requested = ? WHERE relative_fileloc = ? AND reparse_requested IS NULL";
        if tx.exec(sql, params![now, &self.relative_fileloc]).await? > 0 {
            return Ok(Reparse::Requested);
        }
        let known = tx.row("SELECT 1 FROM dag_file WHERE relative_fileloc = ?", params![&self.relative_fileloc]).await?;
        Ok(if known.is_some() { Reparse::Pending } else { Reparse::NoFile })
    }
}

/// Who may sign in, and which tokens may not.
#[derive(Clone)]
pub struct Sessions {
    pub users: Vec<SessionUser>,
    /// Ids of revoked tokens that have not expired.
    pub revoked: Vec<String>,
}

/// A user as far as sign-in needs.
#[derive(Clone)]
pub struct SessionUser {
    pub username: String,
    pub role: String,
    pub password_hash: String,
    pub is_active: bool,
}

/// Reads all users and revoked tokens.
#[derive(Debug, Clone)]
pub struct ReadSessions;

impl Transaction for ReadSessions {
    type Out = Sessions;
    const NAME: &'static str = "list.sessions";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Out> {
        let users = tx.rows("SELECT username, role, password_hash, is_active FROM app_user", params![]).await?;
        let users = users
            .iter()
            .map(|row| {
                Ok(SessionUser {
                    username: row.get(0_usize)?,
                    role: row.get(1_usize)?,
                    password_hash: row.get(2_usize)?,
                    is_active: row.get(3_usize)?,
                })
            })
            .collect::<Result<_>>()?;
        let now = tx.now().as_second();
        let revoked = tx.rows("SELECT jti FROM revoked_token WHERE exp > ?", params![now - 60]).await?;
        Ok(Sessions { users, revoked: revoked.iter().map(|row| row.get(0_usize)).collect::<Result<_>>()? })
    }
}

/// Revokes a token until it expires, and forgets those that have.
#[derive(Debug, Clone)]
pub struct RevokeToken {
    pub jti: String,
    /// Seconds since 1970.
    pub exp: i64,
}

impl Transaction for RevokeToken {
    type Out = ();
    const NAME: &'static str = "list.revoke_token";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now().as_second();
        tx.exec("DELETE FROM revoked_token WHERE exp < ?", params![now - 3_600]).await?;
        tx.exec("INSERT INTO revoked_token (jti, exp) VALUES (?, ?) ON CONFLICT (jti) DO NOTHING", params![&self.jti, self.exp]).await?;
        Ok(())
    }
}
