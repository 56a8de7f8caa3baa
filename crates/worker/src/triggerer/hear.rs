//! What the loop does with news.

use std::time::Duration;

use tokio::time::sleep;
use tradewind_metrics::names;
use tradewind_queue::control::Fire;

use super::{At, News, Triggerer, told};

/// Runners that may end with a trigger alone in them until it is the trigger's fault.
const ENDED_WITH: u32 = 3;
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));

impl Triggerer {
    pub(super) fn hear(&mut self, news: News) {
        match news {
            News::Ended { wait, runner, fire } => {
                let here = self.waits.get(&wait).is_some_and(|known| match (&known.at, runner) {
                    (At::Native(_), None) => true,
                    (At::Runner(at), Some(runner)) => *at == runner,
                    _ => false,
                });
                if let Some(runner) = runner {
                    self.runners.release(runner, wait);
                }
                // A runner that a trigger was taken from has nothing to say about it.
                if here {
                    self.fire(wait, fire);
                }
            }
            News::Fired { wait } => {
                self.waits.remove(&wait);
                self.shared.recorder.forget(wait);
            }
            News::Blocked { runner, wait, seconds, stack } => self.blocked(runner, wait, seconds, &stack),
            News::Stale { runner, wait } => {
                self.runners.retire(runner);
                self.runners.release(runner, wait);
                self.assign(wait);
            }
            News::Gone { runner, started, why } => self.gone(runner, started, &why),
        }
    }

    /// Writes an event, however long the database is away.
    pub(super) fn fire(&mut self, id: i64, fire: Fire) {
        let (Some(wait), Some(job)) = (self.waits.get_mut(&id), self.job) else { return };
        wait.at = At::Firing;
        told::fired(&fire);
        let (waiting, shared, news) = (wait.waiting.clone(), self.shared.clone(), self.news.clone());
        shared.recorder.note(id, level(&fire), &words(&waiting.classpath, &fire), &wait.place.secrets);
        self.crew.spawn(async move {
            shared.recorder.flushed().await;
            let mut backoff = BACKOFF.0;
            loop {
                match shared.control.fire(&waiting, job.owner.job, fire.clone()).await {
                    Ok(true) => break,
                    Ok(false) => {
                        tracing::debug!(deferral.id = id, "nobody waits for this event any more");
                        break;
                    }
                    Err(error) => tracing::warn!(deferral.id = id, "an event waits until the database answers: {error}"),
                }
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
            }
            drop(news.send(News::Fired { wait: id }).await);
        });
    }

    /// Gives a trigger to another runner.
    fn assign(&mut self, id: i64) {
        if let Some(wait) = self.waits.get_mut(&id)
            && matches!(wait.at, At::Runner(_))
        {
            wait.at = At::Runner(self.runners.assign(id, &wait.waiting, &wait.place));
        }
    }

    /// The process is left to the trigger that blocks it; all others go on elsewhere.
    fn blocked(&mut self, runner: u64, id: i64, seconds: f64, stack: &str) {
        // It may be one that nobody wants any more, and still it stands in the way of the others.
        let class = self.waits.get(&id).map(|wait| wait.waiting.classpath.clone());
        let Some(others) = self.runners.leave_to(runner, id, class.as_deref()) else { return };
        names::TRIGGERS_BLOCKED.count(1, &[]);
        tracing::warn!(
            deferral.id = id,
            trigger = class,
            "a trigger has blocked its process for {seconds:.1} s and is left alone in it:\n{stack}"
        );
        if let (Some(wait), Some(class)) = (self.waits.get(&id), class) {
            let text = format!(
                "Trigger {class} has blocked the loop that it shares with others for {seconds:.1} s; it goes on in a process of its own. Use \
                 what can be awaited, or a thread (asyncio.to_thread). It was here:\n{stack}"
            );
            self.shared.recorder.note(id, "warning", &text, &wait.place.secrets);
        }
        for other in others {
            self.assign(other);
        }
    }

    /// A runner has ended. Which of its triggers ended it is found by halves: what is alone and ends again and again fails.
    fn gone(&mut self, runner: u64, started: bool, why: &str) {
        let Some(mut left) = self.runners.remove(runner) else { return };
        left.retain(|id| self.waits.get(id).is_some_and(|wait| matches!(wait.at, At::Runner(at) if at == runner)));
        if left.is_empty() {
            return;
        }
        tracing::warn!(triggers = left.len(), "a process of triggers {why}; they are started again");
        if !started {
            // Not the fault of any of them.
            return left.into_iter().for_each(|id| self.assign(id));
        }
        if let [only] = left[..] {
            let Some(wait) = self.waits.get_mut(&only) else { return };
            wait.ended_with += 1;
            if wait.ended_with >= ENDED_WITH {
                let message = format!("its process {why}, {ENDED_WITH} times with this trigger alone in it");
                return self.fire(only, Fire::Failed { message, traceback: None });
            }
        }
        let half = left.len().div_ceil(2);
        for part in left.chunks(half) {
            let into = self.runners.apart();
            for id in part {
                if let Some(wait) = self.waits.get_mut(id) {
                    self.runners.assign_to(into, *id, &wait.waiting, &wait.place);
                    wait.at = At::Runner(into);
                }
            }
        }
    }
}

fn level(fire: &Fire) -> &'static str {
    if matches!(fire, Fire::Failed { .. }) { "error" } else { "info" }
}

fn words(class: &str, fire: &Fire) -> String {
    match fire {
        Fire::Event { payload } if payload.len() <= 500 => format!("Trigger {class} fired: {payload}"),
        Fire::Event { .. } => format!("Trigger {class} fired"),
        Fire::Failed { message, .. } => format!("Trigger {class} failed: {message}"),
        Fire::End { state, .. } => format!("Trigger {class} ends the task as {state}"),
    }
}
