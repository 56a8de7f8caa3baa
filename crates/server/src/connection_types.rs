//! The types of connections that installed provider packages know, and what their forms show. Asked once, when somebody first wants to know.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

/// Asks the packages; may take seconds. The error is for the log.
pub type ReadConnectionTypes = Arc<dyn Fn() -> Asked + Send + Sync>;
/// See [`ReadConnectionTypes`].
pub type Asked = Pin<Box<dyn Future<Output = Result<Vec<ConnectionType>, String>> + Send>>;

/// A type of connection.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConnectionType {
    pub connection_type: String,
    /// What people call it.
    pub hook_name: String,
    pub package_name: String,
    /// Of the usual fields, those that mean nothing for it.
    pub hidden_fields: Vec<String>,
    /// Of the usual fields, the names that they have for it.
    pub relabeling: BTreeMap<String, String>,
    /// Examples of what stands in fields.
    pub placeholders: BTreeMap<String, String>,
    /// Keys of `extra` with fields of their own.
    pub fields: Vec<ConnectionField>,
}

/// A key of `extra`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ConnectionField {
    pub name: String,
    pub label: String,
    /// `string`, `integer`, `number` or `boolean`.
    pub r#type: String,
    pub description: Option<String>,
    pub secret: bool,
    /// What may be chosen; empty: anything.
    pub options: Vec<String>,
}

/// What was answered.
#[derive(Default)]
pub struct ConnectionTypes(OnceCell<Vec<ConnectionType>>);

impl ConnectionTypes {
    /// Empty when nobody can be asked; then the next one asks again.
    pub async fn get(&self, read: Option<&ReadConnectionTypes>) -> &[ConnectionType] {
        let Some(read) = read else { return &[] };
        match self.0.get_or_try_init(|| read()).await {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!("provider packages cannot be asked for the forms of connections: {error}");
                &[]
            }
        }
    }
}
