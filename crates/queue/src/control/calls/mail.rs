//! Mails that tasks write: safe in the outbox when the call is answered.

use serde_json::{Value, json};
use tradewind_core::alert::{Facts as Told, MailFacts, RunFacts, TaskFacts};
use tradewind_store::table::alert::EnqueueMail;

use super::Params;
use crate::changes::Change;
use crate::control::Inner;
use crate::control::running::Facts;
use crate::service::CallError;

/// Characters of base64: 30 MiB of mail, above what servers take.
const LARGEST: usize = 40 << 20;

impl Inner {
    pub(super) async fn mail_enqueue(&self, facts: &Facts, params: &Params) -> Result<Value, CallError> {
        let (key, message): (String, String) = (params.need("key")?, params.need("message")?);
        let recipients: Vec<String> = params.need("recipients")?;
        if recipients.is_empty() {
            return Err(CallError::Invalid("a mail needs an address in to, cc or bcc".to_owned()));
        }
        if message.len() > LARGEST {
            let (size, most) = (message.len() / 4 * 3, LARGEST / 4 * 3);
            return Err(CallError::Invalid(format!("the mail has {size} bytes with its attachments, at most {most} are taken")));
        }
        let mail = EnqueueMail {
            unique_key: format!("mail/{}/{key}", facts.attempt_id),
            recipients,
            subject: params.may("subject")?.unwrap_or_default(),
            message,
            facts: told(
                facts,
                MailFacts { conn_id: params.may("conn_id")?.unwrap_or_default(), sender: params.may("sender")?.unwrap_or_default() },
            ),
        };
        let id = self.store.run(mail).await?;
        self.changes.send(Change::Outbox);
        Ok(json!({"id": id}))
    }
}

fn told(facts: &Facts, mail: MailFacts) -> Told {
    let (run, task) = (&facts.run, &facts.task);
    Told {
        dag_id: run.dag_id.to_string(),
        run: Some(RunFacts { run_id: run.run_id.to_string(), run_type: run.run_type.clone(), ..RunFacts::default() }),
        task: Some(TaskFacts {
            task_id: task.task_id.to_string(),
            map_index: task.map_index,
            try_number: task.try_number,
            ..TaskFacts::default()
        }),
        mail: Some(mail),
        ..Told::default()
    }
}
