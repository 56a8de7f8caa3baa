//! Mail to people: no scheduler can be started.

use tradewind_alert::{AlertOptions, tell};
use tradewind_store::Store;

/// Subject unless the configuration has another.
const SUBJECT: &str = "No scheduler can be started";

/// Whom to tell, and how.
#[derive(Clone)]
pub struct Mailer {
    pub options: AlertOptions,
    pub to: Vec<String>,
    pub subject: Option<String>,
}

/// What went wrong.
#[derive(Debug, Clone, Default)]
pub struct Trouble {
    pub rounds: u32,
    /// Node and why there is no scheduler on it.
    pub nodes: Vec<(String, String)>,
}

impl Mailer {
    /// Sends it at once: without a scheduler nobody would deliver what waits in the outbox.
    ///
    /// # Errors
    /// Why it was not delivered.
    pub async fn send(&self, store: &Store, trouble: &Trouble) -> Result<(), String> {
        if self.to.is_empty() {
            return Err("[scheduler_failover] alert_to_email names nobody".into());
        }
        let subject = self.subject.clone().unwrap_or_else(|| format!("{}: {SUBJECT}", self.options.instance_name));
        let mut rows = vec![("Controller", self.options.hostname.clone()), ("Rounds", trouble.rounds.to_string())];
        rows.extend(trouble.nodes.iter().map(|(node, why)| ("Node", format!("{node}: {why}"))));
        tell(&self.options, store, &self.to, &subject, rows).await
    }

    /// A test message with the same subject.
    ///
    /// # Errors
    /// Why it was not delivered.
    pub async fn test(&self, store: &Store) -> Result<(), String> {
        let node = (self.options.hostname.clone(), "this is a test; nothing is wrong".to_owned());
        self.send(store, &Trouble { rounds: 0, nodes: vec![node] }).await
    }
}
