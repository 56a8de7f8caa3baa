//! What all handlers share.

use std::sync::Arc;

use tradewind_queue::Changes;
use tradewind_store::Store;

use crate::auth::directory::Directory;
use crate::auth::limit::LoginLimit;
use crate::auth::token::Tokens;
use crate::feed::Feed;
use crate::forms::Forms;
use crate::options::ServerOptions;

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
}

impl App {
    /// `changes` is the bus of this process: the server tells it what API calls changed, and watches it for events.
    pub fn new(store: Store, changes: Changes, options: ServerOptions) -> Self {
        Self(Arc::new(Inner {
            tokens: Tokens::new(&options),
            directory: Directory::new(store.clone()),
            login_limit: LoginLimit::default(),
            feed: Feed::default(),
            forms: Forms::new(store.clone()),
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

    pub fn login_limit(&self) -> &LoginLimit {
        &self.0.login_limit
    }
}
