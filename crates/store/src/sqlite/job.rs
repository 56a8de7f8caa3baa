//! Transactions on their way to a thread and back.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use tokio::sync::oneshot;

use super::Session;
use crate::tx::Surroundings;
use crate::{Error, Result, Transaction, Tx};

/// What the writer takes.
pub(crate) enum Message {
    Run(Box<dyn Job>),
    DataVersion(oneshot::Sender<Result<i64>>),
    Close(oneshot::Sender<()>),
}

/// A transaction whose type is forgotten.
pub(crate) trait Job: Send {
    fn name(&self) -> &'static str;
    /// Runs it inside an open transaction; says whether what it did may be kept.
    fn run(&mut self, session: &mut Session, surroundings: &Surroundings) -> bool;
    /// Answers the caller: with what `run` gave, or with the failure of the commit.
    fn answer(self: Box<Self>, committed: Result<()>);
}

/// A transaction with the way back to its caller.
pub(crate) struct Typed<T: Transaction> {
    transaction: T,
    out: Option<Result<T::Out>>,
    reply: oneshot::Sender<Result<T::Out>>,
}

impl<T: Transaction> Typed<T> {
    pub(crate) fn new(transaction: T) -> (Self, oneshot::Receiver<Result<T::Out>>) {
        let (reply, answer) = oneshot::channel();
        (Self { transaction, out: None, reply }, answer)
    }
}

impl<T: Transaction> Job for Typed<T> {
    fn name(&self) -> &'static str {
        T::NAME
    }

    fn run(&mut self, session: &mut Session, surroundings: &Surroundings) -> bool {
        let mut tx = Tx::on_sqlite(session, surroundings, T::NAME);
        let ran = catch_unwind(AssertUnwindSafe(|| poll_to_end(self.transaction.run(&mut tx), T::NAME)));
        let out =
            ran.unwrap_or_else(|panic| Err(Error::Panicked { transaction: T::NAME, message: crate::tx::panic_message(panic.as_ref()) }));
        let keep = out.is_ok() && !tx.is_discarded();
        self.out = Some(out);
        keep
    }

    fn answer(self: Box<Self>, committed: Result<()>) {
        let out = match (committed, self.out) {
            (_, Some(Err(error))) | (Err(error), _) => Err(error),
            (Ok(()), Some(out)) => out,
            (Ok(()), None) => Err(Error::Closed),
        };
        // A caller that went away has no use for the answer; what is committed stays.
        drop(self.reply.send(out));
    }
}

fn poll_to_end<F: Future>(future: F, name: &str) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(out) => out,
        Poll::Pending => panic!("transaction {name} awaited something else than its Tx"),
    }
}
