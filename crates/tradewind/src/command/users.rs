//! `users`: who may sign in.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use tradewind_server::auth::password;
use tradewind_store::Store;
use tradewind_store::table::app_user::{AppUser, ChangeUser, CreateUser, ListUsers, UserChange};

use crate::context::{Context, actor};
use crate::failure::missing;
use crate::output::{Cell, OutputArgs, Rows};

/// Commands of `users`.
#[derive(Debug, Subcommand)]
pub enum Users {
    /// Make a user.
    #[command(after_help = "Examples:\n  tradewind users create -u ada -r Admin -e ada@example.com -f Ada -l Lovelace\n  \
                      tradewind users create -u bot -r Op -e bot@example.com -f Bot -l Bot --use-random-password")]
    Create(Create),
    /// Remove a user.
    #[command(after_help = "Example:\n  tradewind users delete -u ada")]
    Delete(Who),
    /// List all users.
    #[command(after_help = "Example:\n  tradewind users list")]
    List(OutputArgs),
    /// Give a user a new password.
    #[command(
        after_help = "Examples:\n  tradewind users reset-password -u ada\n  tradewind users reset-password -u bot --use-random-password"
    )]
    ResetPassword {
        #[command(flatten)]
        who: Who,
        #[command(flatten)]
        password: Password,
    },
    /// Give a user a role; a user has one.
    #[command(after_help = "Example:\n  tradewind users add-role -u ada -r Op")]
    AddRole {
        #[command(flatten)]
        who: Who,
        /// The role.
        #[arg(short, long, value_enum, ignore_case = true)]
        role: Role,
    },
}

/// What a user may do; each role may do what the ones before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Role {
    /// Read.
    #[value(name = "Viewer")]
    Viewer,
    /// Run DAGs too.
    #[value(name = "User")]
    User,
    /// Change variables, connections and pools too.
    #[value(name = "Op")]
    Op,
    /// Everything.
    #[value(name = "Admin")]
    Admin,
}

impl Role {
    fn stored(self) -> &'static str {
        match self {
            Role::Viewer => "VIEWER",
            Role::User => "USER",
            Role::Op => "OP",
            Role::Admin => "ADMIN",
        }
    }
}

/// Names a user.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct Who {
    /// Name of the user.
    #[arg(short, long)]
    username: Option<String>,
    /// Mail address of the user.
    #[arg(short, long)]
    email: Option<String>,
}

/// Where a password comes from; without either it is asked for.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Password {
    /// The password. Others on this machine can see it while the command runs.
    #[arg(short, long)]
    password: Option<String>,
    /// Make a password and print it.
    #[arg(long)]
    use_random_password: bool,
}

/// Arguments of `users create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Name to sign in with.
    #[arg(short, long)]
    username: String,
    /// Mail address.
    #[arg(short, long)]
    email: String,
    /// First name.
    #[arg(short, long)]
    firstname: String,
    /// Last name.
    #[arg(short, long)]
    lastname: String,
    /// Role.
    #[arg(short, long, value_enum, ignore_case = true)]
    role: Role,
    #[command(flatten)]
    password: Password,
}

impl Users {
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await?;
        match self {
            Users::Create(create) => create.run(&store).await,
            Users::List(output) => list(&store, output).await,
            Users::Delete(who) => {
                let name = who.find(&store).await?;
                change(&store, &name, UserChange::Delete).await?;
                println!("User \"{name}\" deleted");
                Ok(ExitCode::SUCCESS)
            }
            Users::ResetPassword { who, password } => {
                let name = who.find(&store).await?;
                let hash = password.hash()?;
                change(&store, &name, UserChange::Password(hash)).await?;
                println!("User \"{name}\" password reset successfully");
                Ok(ExitCode::SUCCESS)
            }
            Users::AddRole { who, role } => {
                let name = who.find(&store).await?;
                change(&store, &name, UserChange::Role(role.stored().to_owned())).await?;
                println!("User \"{name}\" has role {}", role.stored());
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}

impl Create {
    async fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let create = CreateUser {
            username: self.username,
            email: Some(self.email),
            first_name: Some(self.firstname),
            last_name: Some(self.lastname),
            role: self.role.stored().to_owned(),
            password_hash: self.password.hash()?,
            by: actor(),
        };
        let name = create.username.clone();
        match store.run(create).await? {
            Some(user) => println!("User \"{name}\" created with role \"{}\"", user.role),
            None => bail!("the user \"{name}\" exists already; `tradewind users reset-password -u {name}` gives a new password"),
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn change(store: &Store, username: &str, change: UserChange) -> anyhow::Result<()> {
    let found = store.run(ChangeUser { username: username.to_owned(), change, by: actor() }).await?;
    if found { Ok(()) } else { Err(missing(format!("there is no user \"{username}\""))) }
}

async fn list(store: &Store, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let mut rows = Rows::new(["id", "username", "email", "first_name", "last_name", "roles"]);
    for user in store.run(ListUsers).await? {
        let AppUser { id, username, email, first_name, last_name, role, .. } = user;
        rows.push([id.into(), username.into(), email.into(), first_name.into(), last_name.into(), Cell::from(role)]);
    }
    output.print(&rows)?;
    Ok(ExitCode::SUCCESS)
}

impl Who {
    /// The name of the one user that is meant.
    async fn find(&self, store: &Store) -> anyhow::Result<String> {
        let users = store.run(ListUsers).await?;
        let meant = |user: &AppUser| match (&self.username, &self.email) {
            (Some(name), _) => user.username == *name,
            (None, email) => user.email == *email,
        };
        let asked = self.username.as_ref().or(self.email.as_ref()).map_or("", String::as_str);
        let mut found = users.into_iter().filter(meant);
        match (found.next(), found.next()) {
            (Some(user), None) => Ok(user.username),
            (Some(_), Some(_)) => bail!("several users have the address {asked}; name one with --username"),
            (None, _) => Err(missing(format!("there is no user \"{asked}\"; `tradewind users list` shows all"))),
        }
    }
}

impl Password {
    fn hash(&self) -> anyhow::Result<String> {
        let password = match &self.password {
            Some(password) => password.clone(),
            None if self.use_random_password => {
                let made = random_password();
                println!("Password: {made}");
                made
            }
            None => asked()?,
        };
        if password.is_empty() {
            bail!("the password is empty");
        }
        password::hash(&password).map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))
    }
}

/// Sixteen letters and digits: 95 bits.
fn random_password() -> String {
    use rand::seq::IndexedRandom as _;
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut rng = rand::rng();
    (0..16).filter_map(|_| LETTERS.choose(&mut rng)).map(|letter| char::from(*letter)).collect()
}

/// Reads the password from the standard input, twice and unseen when that is a terminal.
fn asked() -> anyhow::Result<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        let mut line = String::new();
        stdin.lock().read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let (first, second) = (unseen("Password: ")?, unseen("Repeat for confirmation: ")?);
    if first == second { Ok(first) } else { bail!("the two passwords differ") }
}

/// One line of a terminal that does not show what is typed.
fn unseen(prompt: &str) -> anyhow::Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = io::stdin();
    eprint!("{prompt}");
    io::stderr().flush()?;
    let before = tcgetattr(&stdin).context("the terminal cannot be read")?;
    let mut quiet = before.clone();
    quiet.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &quiet)?;
    let mut line = String::new();
    let read = stdin.lock().read_line(&mut line);
    tcsetattr(&stdin, OptionalActions::Flush, &before)?;
    eprintln!();
    read?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
