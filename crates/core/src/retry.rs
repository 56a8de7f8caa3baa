//! When a failed try is followed by the next.

use crate::run_id::spaced;
use jiff::{SignedDuration, Timestamp};
use sha1::{Digest, Sha1};

/// `[core] max_task_retry_delay` when nothing is configured: a day, in seconds.
pub const DEFAULT_CAP_SECONDS: f64 = 86_400.0;

/// How long to wait, in seconds.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryDelays {
    pub delay: f64,
    /// Multiplier of each further try; 0 and 1 mean a constant delay.
    pub backoff: f64,
    /// The task's `max_retry_delay`; unset and 0 mean none. Bounds growing delays only.
    pub max_delay: Option<f64>,
    /// `[core] max_task_retry_delay`. Bounds growing delays only.
    pub cap: f64,
}

/// What spreads the delays of tasks that fail together: the names go into a hash, so the same try always waits as long.
#[derive(Clone, Copy, Debug)]
pub struct Failed<'a> {
    pub dag_id: &'a str,
    pub task_id: &'a str,
    pub logical_date: Option<Timestamp>,
    /// Number of the try that failed, from 1.
    pub try_number: u32,
}

impl RetryDelays {
    /// The wait after a failed try.
    pub fn after(&self, failed: Failed<'_>) -> SignedDuration {
        SignedDuration::try_from_secs_f64(self.seconds(failed)).unwrap_or(SignedDuration::MAX)
    }

    /// When the next try may start; `end` is when the failed one ended.
    pub fn next_try(&self, failed: Failed<'_>, end: Timestamp) -> Timestamp {
        end.checked_add(self.after(failed)).unwrap_or(Timestamp::MAX)
    }

    fn seconds(&self, failed: Failed<'_>) -> f64 {
        if self.backoff <= 0.0 || self.backoff == 1.0 {
            return self.delay;
        }
        let bound = self.max_delay.filter(|max| *max > 0.0).map_or(self.cap, |max| max.min(self.cap));
        let factor = self.backoff.powf(f64::from(failed.try_number.saturating_sub(1)));
        let least = (self.delay * factor).ceil().max(1.0);
        // `factor` may be infinite while the delay is 0; the wait is never less than `least`.
        if !factor.is_finite() || least >= bound {
            return bound;
        }
        (least + spread(failed, least as u64) as f64).min(bound)
    }
}

/// A number below `modulus` that depends on the names and the try only.
fn spread(failed: Failed<'_>, modulus: u64) -> u64 {
    let date = failed.logical_date.map_or_else(|| "None".to_owned(), spaced);
    let text = format!("{}#{}#{date}#{}", failed.dag_id, failed.task_id, failed.try_number);
    let digest = Sha1::digest(text.as_bytes());
    let modulus = u128::from(modulus);
    digest.iter().fold(0u128, |rest, byte| (rest << 8 | u128::from(*byte)) % modulus) as u64
}
