//! A courier delivers what is due of one channel.
//!
//! *Authority:* a claim of the row, proved again just before a message is handed over. *Clock:* the database's. *May be lost:* any hint; the outbox
//! is looked at every second. *Failure:* of a delivery, the row waits longer each time; of the courier, its claims end and others take the rows.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tradewind_config::{Channel, ChannelKind};
use tradewind_core::alert::EMAIL;
use tradewind_queue::{Change, Changes};
use tradewind_store::Store;
use tradewind_store::step::{HandOver, NextAlert, ReleaseClaims, RenewClaims, SettleAlert, TakeAlerts};
use tradewind_store::table::alert::Alert;

use crate::mails;
use crate::options::{AlertOptions, signed};
use crate::outcome::Tried;
use crate::prepared::prepare;
use crate::{command, text, webhook};

/// Taken at once. A claim must outlive what is done before its turn; it is renewed on the way.
const BATCH: u32 = 100;
/// Deliveries after which the claims of the others are renewed.
const RENEW_EACH: usize = 10;

/// See the module.
pub struct Courier {
    pub(crate) channel: String,
    way: Way,
    pub(crate) options: AlertOptions,
    pub(crate) store: Store,
    changes: Changes,
    pub(crate) token: String,
    lease: jiff::SignedDuration,
    stop: watch::Receiver<bool>,
}

enum Way {
    Mail,
    Posts { client: reqwest::Client, channel: Channel },
    Runs { channel: Channel },
}

/// The couriers of a process, one for each channel. Each is to be run by a task of its own.
///
/// # Errors
/// TLS for webhooks cannot be set up.
pub fn couriers(options: &AlertOptions, store: &Store, changes: &Changes, stop: &watch::Receiver<bool>) -> Result<Vec<Courier>, String> {
    let courier = |channel: &str, way: Way, limit: Duration| Courier {
        channel: channel.to_owned(),
        way,
        options: options.clone(),
        store: store.clone(),
        changes: changes.clone(),
        token: uuid::Uuid::now_v7().to_string(),
        // The longest silence of a delivery is that of a mail server that looks into a mail.
        lease: signed(limit * 2 + Duration::from_secs(5)),
        stop: stop.clone(),
    };
    let mut all = vec![courier(EMAIL, Way::Mail, options.smtp.timeout)];
    for channel in &options.channels {
        let (way, limit) = match &channel.kind {
            ChannelKind::Email { .. } => (Way::Mail, options.smtp.timeout),
            ChannelKind::Slack { .. } | ChannelKind::Webhook { .. } => {
                (Way::Posts { client: webhook::client()?, channel: channel.clone() }, channel.timeout)
            }
            ChannelKind::Command { .. } => (Way::Runs { channel: channel.clone() }, channel.timeout),
        };
        all.push(courier(&channel.name, way, limit));
    }
    Ok(all)
}

impl Courier {
    /// Delivers until told to stop.
    pub async fn run(self) {
        let mut changes = self.changes.subscribe();
        let mut stop = self.stop.clone();
        while !*stop.borrow() {
            let wait = match self.round().await {
                Ok(wait) => wait,
                Err(error) => {
                    tracing::warn!(channel = self.channel, "the outbox of alerts cannot be read: {error}");
                    self.options.poll
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => {}
                () = hint(&mut changes) => {}
                () = tokio::time::sleep(wait) => {}
            }
        }
        let release = ReleaseClaims { channel: self.channel.clone(), token: self.token.clone() };
        if let Err(error) = self.store.run(release).await {
            tracing::warn!(channel = self.channel, "alerts could not be given back, others take them when the claims end: {error}");
        }
    }

    /// Delivers all that is due; gives the time until there may be more.
    async fn round(&self) -> tradewind_store::Result<Duration> {
        loop {
            let next = self.store.run(NextAlert { channel: self.channel.clone() }).await?;
            let wait = next.map_or(self.options.poll, |next| {
                Duration::try_from(next.duration_since(self.store.now())).unwrap_or_default().min(self.options.poll)
            });
            if !wait.is_zero() || self.stopping() {
                return Ok(wait);
            }
            let taken = self.store.run(self.take()).await?;
            if taken.is_empty() {
                // Held back now, or taken by another; never a loop without a wait.
                return Ok(self.options.poll.min(Duration::from_millis(50)));
            }
            match &self.way {
                Way::Mail => mails::deliver(self, taken).await?,
                Way::Posts { .. } | Way::Runs { .. } => self.deliver(taken).await?,
            }
        }
    }

    fn take(&self) -> TakeAlerts {
        TakeAlerts {
            channel: self.channel.clone(),
            token: self.token.clone(),
            lease: self.lease,
            limit: BATCH,
            grouping: self.options.grouping,
        }
    }

    pub(crate) fn stopping(&self) -> bool {
        *self.stop.borrow()
    }

    async fn deliver(&self, taken: Vec<Alert>) -> tradewind_store::Result<()> {
        for (index, alert) in taken.iter().enumerate() {
            if self.stopping() {
                return Ok(());
            }
            self.renew(index).await?;
            let tried = match prepare(&self.options, alert) {
                Err(error) => Tried { answered: false, ..Tried::failed(error) },
                Ok(_) if !self.hand_over(alert).await? => continue,
                Ok(ready) => {
                    let value = text::json(alert.id, ready.kind, &ready.facts, &ready.story, alert.created_at);
                    Tried { subject: Some(ready.story.subject.clone()), ..self.send(&value, &text::slack(&ready.story)).await }
                }
            };
            self.settle(alert, tried).await?;
        }
        Ok(())
    }

    async fn send(&self, alert: &serde_json::Value, slack: &serde_json::Value) -> Tried {
        match &self.way {
            Way::Posts { client, channel } => post(client, channel, alert, slack).await,
            Way::Runs { channel } => run(channel, alert).await,
            Way::Mail => Tried::failed("mail is delivered in another way"),
        }
    }

    /// Proves the claim, and writes down that the message goes out now.
    pub(crate) async fn hand_over(&self, alert: &Alert) -> tradewind_store::Result<bool> {
        self.store.run(HandOver { id: alert.id, token: self.token.clone(), lease: self.lease }).await
    }

    /// Keeps the claims of what is still to come.
    pub(crate) async fn renew(&self, index: usize) -> tradewind_store::Result<()> {
        if index % RENEW_EACH == RENEW_EACH - 1 {
            let renew = RenewClaims { channel: self.channel.clone(), token: self.token.clone(), lease: self.lease };
            self.store.run(renew).await?;
        }
        Ok(())
    }

    /// Writes down how it went, and tells those who watch.
    pub(crate) async fn settle(&self, alert: &Alert, tried: Tried) -> tradewind_store::Result<()> {
        let settlement = tried.settlement(self.options.backoff, self.store.now());
        let mut outcomes: BTreeMap<_, _> = alert.outcomes();
        outcomes.extend(tried.outcomes);
        let settle = SettleAlert {
            id: alert.id,
            token: self.token.clone(),
            settlement,
            subject: tried.subject,
            outcomes,
            error: tried.error.clone(),
            answered: tried.answered,
        };
        let Some(settled) = self.store.run(settle).await? else { return Ok(()) };
        if let Some(error) = tried.error {
            tracing::warn!(alert.id = alert.id, channel = self.channel, tries = alert.tries, state = settled.state, "an alert: {error}");
        }
        self.changes.send(Change::Alert {
            id: alert.id,
            kind: alert.kind.clone(),
            channel: alert.channel.clone(),
            state: settled.state,
            dag_id: alert.dag_id.clone(),
            run_id: alert.run_id.clone(),
            task_id: alert.task_id.clone(),
        });
        Ok(())
    }
}

/// Posts to the webhook of a channel.
pub(crate) async fn post(client: &reqwest::Client, channel: &Channel, alert: &serde_json::Value, slack: &serde_json::Value) -> Tried {
    match &channel.kind {
        ChannelKind::Slack { url } => webhook::post(client, url, &[], channel.timeout, slack).await,
        ChannelKind::Webhook { url, headers } => webhook::post(client, url, headers, channel.timeout, alert).await,
        ChannelKind::Command { .. } | ChannelKind::Email { .. } => Tried::failed("this channel has no webhook"),
    }
}

/// Runs the command of a channel.
pub(crate) async fn run(channel: &Channel, alert: &serde_json::Value) -> Tried {
    match &channel.kind {
        ChannelKind::Command { argv } => command::run(argv, channel.timeout, alert).await,
        _ => Tried::failed("this channel has no command"),
    }
}

/// Waits until alerts were written, as far as this process knows.
async fn hint(changes: &mut broadcast::Receiver<Change>) {
    loop {
        match changes.recv().await {
            Ok(Change::Outbox) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            Ok(_) => {}
            // The bus ends with the process.
            Err(broadcast::error::RecvError::Closed) => return std::future::pending().await,
        }
    }
}
