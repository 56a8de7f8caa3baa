//! Tasks that ask people.

use serde_json::Value;
use tradewind_store::table::hitl_detail::AskHitl;

use super::{Params, current};
use crate::control::Inner;
use crate::control::running::Facts;
use crate::service::CallError;

impl Inner {
    pub(super) async fn hitl_ask(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let json = |name: &str| params.need::<Value>(name).map(|value| value.to_string());
        let ask = AskHitl {
            task: facts.task.key(),
            attempt_id: facts.attempt_id,
            subject: params.need("subject")?,
            body: params.may("body")?,
            options: json("options")?,
            defaults: params.may::<Value>("defaults")?.map(|value| value.to_string()),
            multiple: params.may("multiple")?.unwrap_or(false),
            params: json("params")?,
            assigned_users: json("assigned_users")?,
        };
        current(self.store.run(ask).await?, facts)
    }
}
