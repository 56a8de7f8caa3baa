//! Statements in the words of the server, each put there once.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dialect::{mysql, postgres};

/// More than the number of distinct statements of a busy process; lists with many filters make new ones.
const TEXTS: usize = 2_000;

#[derive(Debug, Default)]
pub(super) struct Texts {
    postgres: Mutex<HashMap<String, Arc<str>>>,
    mysql: Mutex<HashMap<String, Arc<mysql::Plan>>>,
    /// Columns of primary keys, by table.
    keys: Mutex<HashMap<String, Arc<[String]>>>,
}

impl Texts {
    pub(super) fn postgres(&self, sql: &str) -> Arc<str> {
        remembered(&self.postgres, sql, || postgres::translate(sql).into())
    }

    pub(super) fn mysql(&self, sql: &str) -> Arc<mysql::Plan> {
        remembered(&self.mysql, sql, || Arc::new(mysql::translate(sql)))
    }

    pub(super) fn key(&self, table: &str) -> Option<Arc<[String]>> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(table).cloned()
    }

    pub(super) fn learn_key(&self, table: &str, key: Arc<[String]>) {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(table.to_owned(), key);
    }
}

fn remembered<T: Clone>(texts: &Mutex<HashMap<String, T>>, sql: &str, make: impl FnOnce() -> T) -> T {
    let mut texts = texts.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = texts.get(sql) {
        return known.clone();
    }
    if texts.len() >= TEXTS {
        texts.clear();
    }
    let made = make();
    texts.insert(sql.to_owned(), made.clone());
    made
}
