//! `connection`: where tasks connect to. Password and extra are encrypted when there is a key.

use crate::{Mode, Result, Row, Secret, Transaction, Tx, params};

/// A connection in clear.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Connection {
    pub conn_id: String,
    pub conn_type: String,
    pub description: Option<String>,
    pub host: Option<String>,
    pub schema: Option<String>,
    /// User name.
    pub login: Option<String>,
    pub password: Option<Secret>,
    pub port: Option<i64>,
    /// JSON text, usually.
    pub extra: Option<Secret>,
}

impl Connection {
    /// The select list of [`Connection::read`].
    pub const COLUMNS: &'static str =
        "conn_id, conn_type, description, host, schema_name, login, password, port, extra, is_encrypted, is_extra_encrypted";

    /// Reads and decrypts a row.
    ///
    /// # Errors
    /// [`crate::Error::Decrypt`] when no key fits.
    pub fn read(tx: &Tx<'_>, row: &Row, offset: usize) -> Result<Self> {
        let conn_id: String = row.get(offset)?;
        let open = |column: usize, flag: usize, what: &str| -> Result<Option<Secret>> {
            let Some(kept) = row.get::<Option<String>>(offset + column)? else { return Ok(None) };
            let clear = tx.fernet().open(&kept, row.get(offset + flag)?, || format!("the {what} of connection `{conn_id}`"))?;
            Ok(Some(Secret(clear)))
        };
        let (password, extra) = (open(6, 9, "password")?, open(8, 10, "extra")?);
        Ok(Self {
            conn_type: row.get(offset + 1)?,
            description: row.get(offset + 2)?,
            host: row.get(offset + 3)?,
            schema: row.get(offset + 4)?,
            login: row.get(offset + 5)?,
            port: row.get(offset + 7)?,
            conn_id,
            password,
            extra,
        })
    }
}

/// A connection by its id.
#[derive(Debug, Clone)]
pub struct GetConnection {
    pub conn_id: String,
}

impl Transaction for GetConnection {
    type Out = Option<Connection>;
    const NAME: &'static str = "get_connection";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Connection>> {
        let row = tx.row(format!("SELECT {} FROM connection WHERE conn_id = ?", Connection::COLUMNS), params![&self.conn_id]).await?;
        row.map(|row| Connection::read(tx, &row, 0)).transpose()
    }
}

/// Makes a connection, or puts this one in its place.
#[derive(Debug, Clone)]
pub struct SetConnection {
    pub connection: Connection,
    /// Changes nothing when there is one already.
    pub only_new: bool,
}

impl Transaction for SetConnection {
    /// Whether it is kept.
    type Out = bool;
    const NAME: &'static str = "set_connection";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        let one = &self.connection;
        let password = one.password.as_ref().map(|password| tx.seal(&password.0));
        let extra = one.extra.as_ref().map(|extra| tx.seal(&extra.0));
        let encrypted = |sealed: &Option<(String, bool)>| sealed.as_ref().is_some_and(|(_, encrypted)| *encrypted);
        let flags = (encrypted(&password), encrypted(&extra));
        let conflict = if self.only_new {
            "NOTHING"
        } else {
            "UPDATE SET conn_type = excluded.conn_type, description = excluded.description, host = excluded.host,
            schema_name = excluded.schema_name, login = excluded.login, password = excluded.password, port = excluded.port,
            extra = excluded.extra, is_encrypted = excluded.is_encrypted, is_extra_encrypted = excluded.is_extra_encrypted"
        };
        let sql = format!(
            "INSERT INTO connection ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (conn_id) DO {conflict}",
            Connection::COLUMNS
        );
        let values = params![
            &one.conn_id,
            &one.conn_type,
            &one.description,
            &one.host,
            &one.schema,
            &one.login,
            password.map(|(kept, _)| kept),
            one.port,
            extra.map(|(kept, _)| kept),
            flags.0,
            flags.1
        ];
        Ok(tx.exec(sql, values).await? == 1)
    }
}

/// Removes a connection.
#[derive(Debug, Clone)]
pub struct DeleteConnection {
    pub conn_id: String,
}

impl Transaction for DeleteConnection {
    /// Whether it was there.
    type Out = bool;
    const NAME: &'static str = "delete_connection";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<bool> {
        Ok(tx.exec("DELETE FROM connection WHERE conn_id = ?", params![&self.conn_id]).await? == 1)
    }
}

/// All connections, by id (export).
#[derive(Debug, Clone, Copy)]
pub struct AllConnections;

impl Transaction for AllConnections {
    type Out = Vec<Connection>;
    const NAME: &'static str = "all_connections";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Vec<Connection>> {
        let rows = tx.rows(format!("SELECT {} FROM connection ORDER BY conn_id", Connection::COLUMNS), params![]).await?;
        rows.iter().map(|row| Connection::read(tx, row, 0)).collect()
    }
}

/// Encrypts every variable and connection anew with the first key (`rotate-fernet-key`).
#[derive(Debug, Clone, Copy)]
pub struct RotateFernet;

impl Transaction for RotateFernet {
    /// How many variables and connections.
    type Out = (usize, usize);
    const NAME: &'static str = "rotate_fernet";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<(usize, usize)> {
        use super::variable::{AllVariables, SetVariable};
        let variables = AllVariables.run(tx).await?;
        let connections = AllConnections.run(tx).await?;
        let counts = (variables.len(), connections.len());
        for variable in variables {
            SetVariable { key: variable.key, val: variable.val, description: None, only_new: false }.run(tx).await?;
        }
        for connection in connections {
            SetConnection { connection, only_new: false }.run(tx).await?;
        }
        super::deferral::rotate(tx).await?;
        Ok(counts)
    }
}
