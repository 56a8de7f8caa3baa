//! What all handlers share.

use std::sync::Arc;

use regex::Regex;
use tokio::sync::{Semaphore, watch};
use tradewind_queue::Changes;
use tradewind_store::Store;

use crate::auth::directory::Directory;
use crate::auth::limit::LoginLimit;
use crate::auth::token::Tokens;
use crate::connection_types::{ConnectionType, ConnectionTypes};
use crate::execution::Execution;
use crate::feed::Feed;
use crate::forms::Forms;
use crate::options::ServerOptions;
use crate::remote_log::RemoteLogs;

/// Logs that are read at the same moment. A read takes up to a few megabytes and, for a search, half a second of a core.
const LOG_READS: usize = 8;

/// A cheap handle on the state of the server.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    store: Store,
    options: ServerOptions,
    changes: Changes,
    tokens: Tokens,
    directory: Directory,
    login_limit: LoginLimit,
    feed: Feed,
    forms: Forms,
    allowed_run_id: Regex,
    closing: watch::Sender<bool>,
    log_reads: Arc<Semaphore>,
    remote_logs: Option<RemoteLogs>,
    connection_types: ConnectionTypes,
}

impl App {
    /// `changes` is the bus of this process: the server tells it what API calls changed, and watches it for events.
    pub fn new(store: Store, changes: Changes, options: ServerOptions) -> Self {
        Self(Arc::new(Inner {
            tokens: Tokens::new(&options),
            directory: Directory::new(store.clone()),
            login_limit: LoginLimit::default(),
            feed: Feed::default(),
            closing: watch::Sender::new(false),
            log_reads: Arc::new(Semaphore::new(LOG_READS)),
            connection_types: ConnectionTypes::default(),
            remote_logs: options.log_secret.as_deref().and_then(RemoteLogs::new),
            forms: Forms::new(store.clone()),
            allowed_run_id: run_id_pattern(&options.allowed_run_id_pattern),
            store,
            changes,
            options,
        }))
    }

    pub fn store(&self) -> &Store {
        &self.0.store
    }

    pub fn options(&self) -> &ServerOptions {
        &self.0.options
    }

    /// What workers elsewhere ask, if they may.
    pub fn execution(&self) -> Option<&Execution> {
        self.0.options.execution.as_deref()
    }

    pub fn changes(&self) -> &Changes {
        &self.0.changes
    }

    pub fn tokens(&self) -> &Tokens {
        &self.0.tokens
    }

    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    pub fn feed(&self) -> &Feed {
        &self.0.feed
    }

    pub fn forms(&self) -> &Forms {
        &self.0.forms
    }

    /// What run ids of clients must match.
    pub fn allowed_run_id(&self) -> &Regex {
        &self.0.allowed_run_id
    }

    /// Becomes true when the server stops: answers without an end must end then.
    pub fn closing(&self) -> watch::Receiver<bool> {
        self.0.closing.subscribe()
    }

    /// Ends the answers that have no end of their own.
    pub fn close(&self) {
        self.0.closing.send_replace(true);
    }

    /// Whoever reads a log takes one of these.
    pub fn log_reads(&self) -> Arc<Semaphore> {
        self.0.log_reads.clone()
    }

    /// Logs of workers elsewhere, if they are asked.
    pub fn remote_logs(&self) -> Option<&RemoteLogs> {
        self.0.remote_logs.as_ref()
    }

    /// The types of connections that installed provider packages know.
    pub async fn connection_types(&self) -> &[ConnectionType] {
        self.0.connection_types.get(self.0.options.connection_types.as_ref()).await
    }

    pub fn login_limit(&self) -> &LoginLimit {
        &self.0.login_limit
    }
}

/// A pattern that cannot be read allows what the default allows: better too little than anything.
fn run_id_pattern(pattern: &str) -> Regex {
    Regex::new(pattern)
        .or_else(|_| Regex::new("^[A-Za-z0-9_.~:+-]+$"))
        .unwrap_or_else(|error| unreachable!("the default pattern is one: {error}"))
}
