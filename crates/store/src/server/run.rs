//! A transaction from `BEGIN` to its answer, repeated when the database asks for it.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::time::sleep;

use super::{Failed, Server, Session};
use crate::{Error, Result, Transaction, Tx};

/// Repeats of one transaction: conflicts are short, and a deadlock has one loser.
const REPEATS: u32 = 10;

impl Server {
    pub(crate) async fn run<T: Transaction>(&self, transaction: &T) -> Result<T::Out> {
        let mut repeats = 0;
        loop {
            match self.once(transaction).await {
                Ok(out) => return Ok(out),
                Err(Failed::Again(error)) if repeats < REPEATS => {
                    tracing::debug!(transaction = T::NAME, %error, repeats, "a transaction is repeated");
                    sleep(pause(repeats)).await;
                    repeats += 1;
                }
                Err(Failed::Again(error) | Failed::Ends(error)) => return Err(error),
            }
        }
    }

    async fn once<T: Transaction>(&self, transaction: &T) -> Result<T::Out, Failed> {
        let (mut session, micros) = Session::begin(&self.0, T::MODE).await?;
        let surroundings = &self.0.surroundings;
        let mut tx = Tx::on_server(&mut session, surroundings, surroundings.ticker.of_database(micros), T::NAME);
        let ran = AssertUnwindSafe(transaction.run(&mut tx)).catch_unwind().await;
        let keep = !tx.is_discarded();
        match ran {
            // The connection may be in the middle of an answer: it is not used again.
            Err(panic) => {
                let message = crate::tx::panic_message(panic.as_ref());
                Err(Failed::Ends(Error::Panicked { transaction: T::NAME, message }))
            }
            Ok(Ok(out)) => match session.end(keep).await {
                Ok(()) => Ok(out),
                // Whether a commit without an answer counts is unknown: the caller decides, who compares and sets.
                Err(error @ Error::Conflict { .. }) => Err(Failed::Again(error)),
                Err(error) => Err(Failed::Ends(error)),
            },
            Ok(Err(error)) => {
                // Its failure is the cause's, and the connection is gone with it.
                drop(session.end(false).await);
                Err(Failed::of(error))
            }
        }
    }
}

/// Longer each time, and never the same for two that met.
fn pause(repeats: u32) -> Duration {
    let most = 2_u64 << repeats.min(6);
    Duration::from_micros(rand::random_range(500..=most * 1_000))
}
