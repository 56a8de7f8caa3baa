//! The row of a process that has no loop of its own that renews one: a web server.

use std::time::Duration;

use tokio::task::JoinHandle;
use tradewind_metrics::names;
use tradewind_store::Store;
use tradewind_store::step::{EndJob, Owner, RenewLease, Renewed, StartJob};

use super::Stop;

/// A beat that goes on.
pub struct Beat(JoinHandle<()>);

impl Beat {
    /// Registers, and renews each `every` until the process stops.
    pub fn start(store: Store, job: StartJob, every: Duration, stop: &Stop) -> Self {
        let mut stop = stop.receiver();
        Self(tokio::spawn(async move {
            let name = job.job_type.to_lowercase();
            let mut owner = None;
            loop {
                owner = renewed(&store, &job, owner, &name).await;
                tokio::select! {
                    _ = stop.wait_for(|stop| *stop) => break,
                    () = tokio::time::sleep(every) => {}
                }
            }
            if let Some(owner) = owner {
                names::JOB_END.count(1, &[("job_name", &name)]);
                if let Err(error) = store.run(EndJob { owner, success: true }).await {
                    tracing::debug!("the lease of {} runs out by itself: {error}", job.job_type);
                }
            }
        }))
    }

    /// Waits for its end.
    pub async fn ended(self) {
        if self.0.await.is_err() {
            tracing::error!("the task that renews the lease of the web server panicked");
        }
    }
}

/// Renews the lease, or takes one; `None` while the database does not answer and there is none.
async fn renewed(store: &Store, job: &StartJob, owner: Option<Owner>, name: &str) -> Option<Owner> {
    if let Some(owner) = owner {
        match store.run(RenewLease { owner, lease: job.lease, stats: None }).await {
            Ok(Renewed::Until(_)) => return Some(owner),
            Ok(Renewed::Lost) => {}
            Err(error) => {
                names::JOB_HEARTBEAT_FAILURE.count(1, &[("job_name", name)]);
                tracing::warn!("the lease of {} cannot be renewed: {error}", job.job_type);
                return Some(owner);
            }
        }
    }
    match store.run(job.clone()).await {
        Ok(lease) => {
            names::JOB_START.count(1, &[("job_name", name)]);
            Some(lease.owner)
        }
        Err(error) => {
            tracing::warn!("{} cannot register: {error}", job.job_type);
            None
        }
    }
}
