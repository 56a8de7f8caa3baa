//! The first steps: folders, and an admin who can sign in.

use std::path::PathBuf;

use anyhow::Context as _;
use tradewind_server::auth::password;
use tradewind_store::Store;
use tradewind_store::table::app_user::{CreateUser, ListUsers};

use super::parts::write_private;
use crate::context::Context;

/// Length of a generated password: about 95 bits.
const LENGTH: usize = 16;

/// What a newcomer needs to sign in.
pub struct Welcome {
    file: PathBuf,
    /// Whether the admin was made by this start.
    made: bool,
}

impl Welcome {
    /// The line that ends the start.
    pub fn line(&self, url: &str) -> String {
        if self.made || self.file.exists() {
            format!("Tradewind is ready: {url}  user: admin  password: in {}", self.file.display())
        } else {
            format!("Tradewind is ready: {url}")
        }
    }
}

/// Makes the folders, and the user `admin` with a random password when there is no user at all.
pub async fn ensure(cx: &Context, store: &Store) -> anyhow::Result<Welcome> {
    for folder in [&cx.settings.core.dags_folder, &cx.settings.core.plugins_folder, &cx.settings.logging.base_log_folder] {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let file = cx.settings.home.join("standalone_admin_password.txt");
    if !store.run(ListUsers).await?.is_empty() {
        return Ok(Welcome { file, made: false });
    }
    let secret = random_password();
    // The file first: a user whose password nobody knows would be worse than a file without a user.
    write_private(&file, &format!("{secret}\n")).with_context(|| format!("cannot write {}", file.display()))?;
    let admin = CreateUser {
        username: "admin".into(),
        email: None,
        first_name: None,
        last_name: None,
        role: "ADMIN".into(),
        password_hash: password::hash(&secret).map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))?,
        by: "standalone".into(),
    };
    store.run(admin).await?;
    Ok(Welcome { file, made: true })
}

fn random_password() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    (0..LENGTH).map(|_| char::from(LETTERS[rand::random_range(0..LETTERS.len())])).collect()
}
