//! Rows for tests.

use tradewind_server::auth::{Role, password};
use tradewind_store::{Mode, Result, Store, Transaction, Tx, params};

struct AddUser {
    name: String,
    role: &'static str,
    hash: String,
}

impl Transaction for AddUser {
    type Out = ();
    const NAME: &'static str = "test.add_user";
    const MODE: Mode = Mode::Write;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<()> {
        let now = tx.now();
        let sql = "INSERT INTO app_user (username, role, password_hash, created_at) VALUES (?, ?, ?, ?)";
        tx.exec(sql, params![&self.name, self.role, &self.hash, now]).await?;
        Ok(())
    }
}

pub async fn user(store: &Store, name: &str, role: Role, password: &str) {
    // One hash serves all users of a test: it takes tens of milliseconds.
    static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let hash = HASH.get_or_init(|| password::hash(password).unwrap()).clone();
    store.run(AddUser { name: name.to_owned(), role: role.name(), hash }).await.unwrap();
}
