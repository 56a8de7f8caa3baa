//! XComs, rendered fields, labels.

use serde_json::{Value, json};
use tradewind_store::call::{DropXcom, PutXcom, SetMapLabel, SetRendered, XcomValues};

use super::{Params, current};
use crate::control::Inner;
use crate::control::running::Facts;
use crate::service::CallError;

impl Inner {
    pub(super) async fn xcom_get(&self, params: &Params) -> Result<Value, CallError> {
        let map_index: i32 = params.may("map_index")?.unwrap_or(-1);
        let values = self.store.run(wanted(params)?).await?;
        let value = values.into_iter().find(|(index, _)| *index == map_index).map(|(_, value)| value);
        Ok(json!({"found": value.is_some(), "value": value}))
    }

    pub(super) async fn xcom_list(&self, params: &Params) -> Result<Value, CallError> {
        Ok(json!({"values": self.store.run(wanted(params)?).await?}))
    }

    pub(super) async fn xcom_set(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let (key, value): (String, String) = (params.need("key")?, params.need("value")?);
        if key.is_empty() {
            return Err(CallError::Invalid("the key of an XCom is empty".into()));
        }
        current(self.store.run(PutXcom { attempt_id: facts.attempt_id, key, value }).await?, facts)
    }

    pub(super) async fn xcom_delete(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        current(self.store.run(DropXcom { attempt_id: facts.attempt_id, key: params.need("key")? }).await?, facts)
    }

    pub(super) async fn rendered_set(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let fields: Value = params.need("fields")?;
        current(self.store.run(SetRendered { attempt_id: facts.attempt_id, fields: fields.to_string() }).await?, facts)
    }

    pub(super) async fn map_label_set(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        current(self.store.run(SetMapLabel { attempt_id: facts.attempt_id, label: params.need("label")? }).await?, facts)
    }
}

fn wanted(params: &Params) -> Result<XcomValues, CallError> {
    Ok(XcomValues {
        dag_id: params.need("dag_id")?,
        run_id: params.need("run_id")?,
        task_id: params.need("task_id")?,
        key: params.need("key")?,
        include_prior_dates: params.may("include_prior_dates")?.unwrap_or(false),
    })
}
