//! Databases like a template: the schema is written once for each build of the tests and copied from then on.

use std::fs::File;
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use rustix::fs::{FlockOperation, flock};

use crate::shared::{hash, lock_file};
use crate::{Database, Kind, MariaDb, Postgres};

/// A template without its schema. Other tests of this build wait until it has one.
#[derive(Debug)]
pub struct Template {
    database: Database,
    filled: PathBuf,
    _lock: File,
}

impl Template {
    /// The database to write the schema to.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The schema is written and nobody is connected any more: gives the first database like it.
    ///
    /// # Panics
    /// When it cannot be copied.
    #[must_use]
    pub fn fill(self) -> Database {
        if self.database.kind == Kind::MariaDb {
            MariaDb::shared(false).dump(&self.database.name, &self.filled.with_extension("sql"));
        }
        std::fs::write(&self.filled, "").expect("the template is ready");
        let copy = copy(self.database.kind, &self.database.name, &self.filled);
        // It goes with its server.
        std::mem::forget(self.database);
        copy
    }
}

impl Database {
    /// A new one like the template of this build of the tests.
    ///
    /// # Errors
    /// The template has no schema yet: the caller writes it.
    ///
    /// # Panics
    /// As [`Database::new`].
    pub fn like_template(kind: Kind) -> Result<Self, Box<Template>> {
        let folder = match kind {
            Kind::Postgres => Postgres::shared(false).folder(),
            Kind::MariaDb => MariaDb::shared(false).folder(),
        };
        let name = format!("template_{:016x}", build());
        // Beside the folder of the server, which belongs to the server's user.
        let filled = folder.join(&name).with_extension("filled");
        if filled.exists() {
            return Ok(copy(kind, &name, &filled));
        }
        let lock = lock_file(&folder.join(&name).with_extension("lock"));
        flock(&lock, FlockOperation::LockExclusive).expect("the lock of the template");
        if filled.exists() {
            return Ok(copy(kind, &name, &filled));
        }
        // What a test left behind that ended in the middle.
        match kind {
            Kind::Postgres => Postgres::shared(false).drop_database(&name),
            Kind::MariaDb => MariaDb::shared(false).drop_database(&name),
        }
        Err(Box::new(Template { database: Self::named(kind, false, &name), filled, _lock: lock }))
    }
}

fn copy(kind: Kind, template: &str, filled: &std::path::Path) -> Database {
    let name = Database::fresh_name();
    match kind {
        Kind::Postgres => Postgres::shared(false).copy(template, &name),
        Kind::MariaDb => {
            let copy = MariaDb::shared(false).database(&name);
            MariaDb::shared(false).load(&name, &filled.with_extension("sql"));
            copy
        }
    }
}

/// Tells one build of these tests from another: both may find the same server.
fn build() -> u64 {
    let program = std::env::current_exe().expect("the path of this program");
    let about = program.metadata().expect("its file");
    let since = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    hash(format!("{} {} {}", program.display(), about.len(), since.as_nanos()).as_bytes())
}
