//! The loop: take the lease, look, decide, act.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use tradewind_metrics::names;
use tradewind_store::Store;
use tradewind_store::list::job::is_stalled;
use tradewind_store::step::{CONTROLLER_SEAT, EndJob, SCHEDULER_SEAT, SeatJobs, StartJob, TakeOver, TakenOver};
use tradewind_store::table::job::Job;

use crate::command::{Ran, Runner};
use crate::decide::{Decision, Scheduler, StopOn, View, decide};
use crate::node::Node;
use crate::notice::{Mailer, Trouble};
use crate::seat::{JOB, Lost, Seat};

/// How long a scheduler that died is looked at: its process may still be there.
const LOST_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// A scheduler whose lease has just ended may be taking a new term.
const CONFIRM: Duration = Duration::from_millis(800);
/// Between looks for the lease of a scheduler that was started, or for the end of what holds this controller up.
const LOOK: Duration = Duration::from_millis(200);
/// After the end of a lease: the database must agree that it has ended.
const AFTER: Duration = Duration::from_millis(5);

/// How a controller acts.
#[derive(Clone)]
pub struct ControllerOptions {
    pub nodes: Vec<Node>,
    /// Name of this machine.
    pub here: String,
    pub start_command: String,
    pub stop_command: String,
    pub poll: Duration,
    pub start_timeout: Duration,
    pub retries_before_alert: u32,
    /// A loop that has not done its work for so long stands still.
    pub threshold: Duration,
    /// Its own lease.
    pub lease: Duration,
    pub unixname: String,
    pub version: String,
}

/// See the module.
pub struct Controller {
    store: Store,
    runner: Runner,
    mailer: Mailer,
    options: ControllerOptions,
    /// The node that has the scheduler, as far as is known.
    active: Option<usize>,
    rounds: u32,
    told: bool,
    /// A machine that is not in the list was told of.
    elsewhere: Option<String>,
}

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Store(#[from] tradewind_store::Error),
    #[error(transparent)]
    Lost(#[from] Lost),
}

/// The schedulers that are seen, newest first.
///
/// # Errors
/// What the database says.
pub async fn schedulers(store: &Store, threshold: Duration) -> tradewind_store::Result<(Timestamp, Vec<(Scheduler, Job)>)> {
    let (now, jobs) = store.run(SeatJobs { seat: SCHEDULER_SEAT, lost_within: LOST_WITHIN }).await?;
    let seen = jobs.into_iter().map(|job| (scheduler(&job, now, threshold), job)).collect();
    Ok((now, seen))
}

fn scheduler(job: &Job, now: Timestamp, threshold: Duration) -> Scheduler {
    let alive = job.is_alive(now);
    Scheduler {
        job: job.id,
        hostname: job.hostname.clone(),
        pid: job.pid,
        standby: job.job_type == SCHEDULER_SEAT.waiting,
        alive,
        well: alive && !is_stalled(job.stats.as_deref(), threshold),
        ended: job.state == "success",
    }
}

impl Controller {
    pub fn new(store: Store, runner: Runner, mailer: Mailer, options: ControllerOptions) -> Self {
        Self { store, runner, mailer, options, active: None, rounds: 0, told: false, elsewhere: None }
    }

    /// Runs until `stop` is true.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        while let Some(seat) = self.take_seat(&mut stop).await {
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return seat.leave().await,
                Lost = seat.keep() => tracing::warn!("the lease of this controller has ended: it stands by"),
                never = self.watch(&seat) => match never {},
            }
        }
    }

    /// Waits for the lease; `None`: it is time to stop.
    async fn take_seat(&mut self, stop: &mut watch::Receiver<bool>) -> Option<Seat> {
        let mut waiting = None;
        loop {
            let asked = Instant::now();
            let me = self.registration();
            let pause = match self.store.run(TakeOver { seat: CONTROLLER_SEAT, waiting, me }).await {
                Ok(TakenOver::Active(lease)) => {
                    tracing::info!(job.id = lease.owner.job, "this controller acts");
                    names::JOB_START.count(1, JOB);
                    return Some(Seat::new(self.store.clone(), lease.owner, self.options.lease, asked));
                }
                Ok(TakenOver::Waiting { me, holder }) => {
                    if waiting != Some(me) {
                        tracing::info!(
                            active.host = holder.hostname,
                            active.pid = holder.pid,
                            "another controller acts; this one stands by"
                        );
                    }
                    waiting = Some(me);
                    until(holder.lease_until, self.store.now()).min(self.options.lease / 3)
                }
                Err(error) => {
                    tracing::warn!("the database cannot be asked who acts: {error}");
                    self.options.lease / 3
                }
            };
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                () = sleep(pause) => {}
            }
        }
        if let Some(owner) = waiting {
            // Without it the row ends by itself.
            drop(self.store.run(EndJob { owner, success: true }).await);
        }
        None
    }

    fn registration(&self) -> StartJob {
        StartJob {
            job_type: CONTROLLER_SEAT.active.into(),
            hostname: self.options.here.clone(),
            unixname: Some(self.options.unixname.clone()),
            pid: Some(std::process::id()),
            address: None,
            version: Some(self.options.version.clone()),
            stats: None,
            process: None,
            lease: SignedDuration::try_from(self.options.lease).unwrap_or(SignedDuration::MAX),
        }
    }

    async fn watch(&mut self, seat: &Seat) -> std::convert::Infallible {
        loop {
            let pause = match self.round(seat).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::warn!("a look at the schedulers failed: {error}");
                    self.options.lease / 3
                }
            };
            seat.say(self.about());
            sleep(pause).await;
        }
    }

    /// For the row of this controller; its node is what `failover metadata` shows.
    fn about(&self) -> String {
        let node = self.active.map_or("null".to_owned(), |node| format!("{:?}", self.options.nodes[node].name));
        format!("{{\"node\":{node},\"rounds\":{}}}", self.rounds)
    }

    async fn look(&self) -> Result<(Decision, Option<Timestamp>, Timestamp), Error> {
        let (now, seen) = schedulers(&self.store, self.options.threshold).await?;
        let lease = seen.iter().filter(|(one, _)| one.well && !one.standby).map(|(_, job)| job.lease_until).max();
        let schedulers: Vec<Scheduler> = newest_of_each(seen.into_iter().map(|(one, _)| one).collect());
        let view = View { nodes: &self.options.nodes, here: &self.options.here, schedulers: &schedulers, active: self.active };
        Ok((decide(&view), lease, now))
    }

    /// One look and what follows; gives the time until the next.
    async fn round(&mut self, seat: &Seat) -> Result<Duration, Error> {
        let (mut decision, lease, now) = self.look().await?;
        if matches!(decision, Decision::Start { .. }) {
            sleep(CONFIRM).await;
            decision = self.look().await?.0;
        }
        match decision {
            Decision::Fine { node } => self.fine(node),
            Decision::Elsewhere { hostname } => self.elsewhere(hostname),
            Decision::Wait => return Ok(LOOK),
            Decision::StopExtra { keep, stop } => {
                self.fine(keep);
                for on in stop {
                    self.stop(seat, &on).await?;
                }
                return Ok(LOOK.max(self.options.lease / 4));
            }
            Decision::Start { order, stop_first } => {
                let trouble = self.start(seat, order, stop_first).await?;
                return Ok(if trouble.is_empty() { LOOK } else { self.failed(trouble).await });
            }
        }
        Ok(lease.map_or(self.options.poll, |lease| until(lease, now).min(self.options.poll)).max(LOOK))
    }

    fn fine(&mut self, node: usize) {
        if self.active != Some(node) {
            tracing::info!(node = self.options.nodes[node].name, "the scheduler runs");
        }
        (self.active, self.elsewhere, self.rounds, self.told) = (Some(node), None, 0, false);
    }

    fn elsewhere(&mut self, hostname: String) {
        if self.elsewhere.as_ref() != Some(&hostname) {
            tracing::warn!(
                hostname,
                "the scheduler runs on a machine that is not in [scheduler_failover] scheduler_nodes_in_cluster; it is left alone"
            );
        }
        (self.elsewhere, self.rounds, self.told) = (Some(hostname), 0, false);
    }

    async fn stop(&self, seat: &Seat, on: &StopOn) -> Result<Ran, Error> {
        seat.proof()?;
        let node = &self.options.nodes[on.node];
        let pids: Vec<String> = on.pids.iter().map(ToString::to_string).collect();
        tracing::warn!(node = node.name, pids = pids.join(" "), "stopping the scheduler there");
        let ran = self.runner.run(node, &self.options.stop_command, &[("TRADEWIND_SCHEDULER_PIDS", &pids.join(" "))]).await;
        if !ran.success {
            tracing::warn!(node = node.name, "the stop command failed: {}", ran.said);
        }
        Ok(ran)
    }

    /// Starts one on the first node where that succeeds; otherwise node and reason of each.
    async fn start(&mut self, seat: &Seat, order: Vec<usize>, stop_first: Vec<StopOn>) -> Result<Vec<(String, String)>, Error> {
        let mut unreachable = Vec::new();
        for on in &stop_first {
            let ran = self.stop(seat, on).await?;
            if ran.unreachable {
                unreachable.push((on.node, ran.said));
            }
        }
        let mut trouble = Vec::new();
        for node in order {
            let name = self.options.nodes[node].name.clone();
            let why = match unreachable.iter().find(|(gone, _)| *gone == node) {
                Some((_, why)) => why.clone(),
                None => match self.start_on(seat, node).await? {
                    Ok(()) => return Ok(Vec::new()),
                    Err(why) => why,
                },
            };
            tracing::error!(node = name, "no scheduler could be started there: {why}");
            trouble.push((name, why));
        }
        Ok(trouble)
    }

    /// Runs the start command and waits for the lease of the new scheduler.
    async fn start_on(&mut self, seat: &Seat, node: usize) -> Result<Result<(), String>, Error> {
        seat.proof()?;
        let on = &self.options.nodes[node];
        tracing::warn!(node = on.name, "starting a scheduler there");
        let name: Vec<_> = on.registers_as().map(|name| ("TRADEWIND__TRADEWIND__HOSTNAME", name)).into_iter().collect();
        let mut running = match self.runner.start(on, &self.options.start_command, &name) {
            Ok(running) => running,
            Err(ran) => return Ok(Err(ran.said)),
        };
        let deadline = sleep(self.options.start_timeout);
        tokio::pin!(deadline);
        let mut ended = None;
        loop {
            if let Decision::Fine { .. } | Decision::Elsewhere { .. } | Decision::StopExtra { .. } = self.look().await?.0 {
                running.let_go();
                self.active = Some(node);
                return Ok(Ok(()));
            }
            tokio::select! {
                ran = running.ended(), if ended.is_none() => {
                    if !ran.success {
                        return Ok(Err(ran.said));
                    }
                    ended = Some(ran);
                }
                () = sleep(LOOK) => {}
                () = &mut deadline => {
                    let said = ended.map_or_else(|| running.so_far(), |ran| if ran.said.is_empty() { String::new() } else { ran.said + "; " });
                    return Ok(Err(format!("{said}no scheduler has a lease {} s after the start command", self.options.start_timeout.as_secs_f64())));
                }
            }
        }
    }

    /// No node has a scheduler. People are told once, as soon as a mail gets through; gives the time until the next round.
    async fn failed(&mut self, nodes: Vec<(String, String)>) -> Duration {
        self.rounds += 1;
        tracing::error!(rounds = self.rounds, "no scheduler could be started on any node");
        if self.rounds >= self.options.retries_before_alert && !self.told {
            match self.mailer.send(&self.store, &Trouble { rounds: self.rounds, nodes }).await {
                Ok(()) => {
                    tracing::info!("told by mail: {}", self.mailer.to.join(", "));
                    self.told = true;
                }
                Err(error) => tracing::error!("nobody could be told by mail: {error}"),
            }
        }
        self.options.poll
    }
}

/// Of those that died on one machine the newest: its predecessors were dealt with when it was started.
fn newest_of_each(schedulers: Vec<Scheduler>) -> Vec<Scheduler> {
    let mut seen = std::collections::HashSet::new();
    let mut kept = Vec::with_capacity(schedulers.len());
    for one in schedulers {
        let newer = !one.standby && !seen.insert(one.hostname.to_ascii_lowercase());
        if one.alive || !newer {
            kept.push(one);
        }
    }
    kept
}

fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or_default() + AFTER
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_was_replaced_is_not_stopped_again() {
        let one = |job, alive| Scheduler { job, hostname: "a".into(), pid: Some(job), standby: false, alive, well: alive, ended: false };
        let jobs = |all: Vec<Scheduler>| newest_of_each(all).into_iter().map(|one| one.job).collect::<Vec<_>>();
        assert_eq!(jobs(vec![one(3, true), one(2, false), one(1, false)]), [3]);
        assert_eq!(jobs(vec![one(3, false), one(2, true), one(1, false)]), [3, 2]);
    }
}
