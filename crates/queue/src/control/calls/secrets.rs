//! Variables and connections of the database. The environment and secret backends come first, on the Python side.

use serde_json::{Value, json};
use tradewind_store::Secret;
use tradewind_store::table::connection::GetConnection;
use tradewind_store::table::variable::{DeleteVariable, GetVariable, SetVariable, VariableKeys};

use super::Params;
use crate::control::Inner;
use crate::service::CallError;

impl Inner {
    pub(super) async fn variable_get(&self, params: &Params) -> Result<Value, CallError> {
        let found = self.store.run(GetVariable { key: params.need("key")? }).await?;
        Ok(json!({"found": found.is_some(), "value": found.map(|variable| variable.val.0)}))
    }

    pub(super) async fn variable_set(&self, params: &Params) -> Result<Value, CallError> {
        let (key, value): (String, String) = (params.need("key")?, params.need("value")?);
        self.store.run(SetVariable { key, val: Secret(value), description: params.may("description")?, only_new: false }).await?;
        Ok(json!({}))
    }

    pub(super) async fn variable_delete(&self, params: &Params) -> Result<Value, CallError> {
        let deleted = self.store.run(DeleteVariable { key: params.need("key")? }).await?;
        Ok(json!({"deleted": u8::from(deleted)}))
    }

    pub(super) async fn variable_keys(&self, params: &Params) -> Result<Value, CallError> {
        let prefix = params.may("prefix")?.unwrap_or_default();
        Ok(json!({"keys": self.store.run(VariableKeys { prefix }).await?}))
    }

    pub(super) async fn connection_get(&self, params: &Params) -> Result<Value, CallError> {
        let Some(found) = self.store.run(GetConnection { conn_id: params.need("conn_id")? }).await? else {
            return Ok(json!({"found": false}));
        };
        Ok(json!({"found": true, "connection": {
            "conn_id": found.conn_id, "conn_type": found.conn_type, "description": found.description, "host": found.host,
            "schema": found.schema, "login": found.login, "password": found.password.map(|secret| secret.0), "port": found.port,
            "extra": found.extra.map(|secret| secret.0),
        }}))
    }
}
