//! The loop: register, take hints when there is room, claim, run; stop in order.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, sleep, timeout};
use tradewind_python::PythonHost;
use tradewind_queue::service::{AttemptService, CallError, Hint, Start, WorkerId, WorkerInfo};
use uuid::Uuid;

use crate::attempt;
use crate::beat::{self, Held};
use crate::crew::Crew;
use crate::options::WorkerOptions;
use crate::outbox::Outbox;
use crate::sensitive::Sensitive;
use crate::stop::Stop;

/// How long a `take` waits for hints, seconds.
const WAIT: f64 = 20.0;
/// Hints taken at once, so that one worker does not empty the queue into its memory.
const MOST_HINTS: usize = 64;
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));
/// How often a claim is tried while the service is away; after that the hint is sent again by whoever queued it.
const CLAIM_TRIES: u32 = 8;

pub(crate) struct Shared {
    pub service: Arc<dyn AttemptService>,
    pub host: PythonHost,
    pub options: WorkerOptions,
    pub outbox: Outbox,
    pub sensitive: Sensitive,
    /// When the lease is not relied on any more, as last renewed.
    pub fence: watch::Sender<Option<Instant>>,
    attempts: Mutex<HashMap<Uuid, watch::Sender<Option<Stop>>>>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, watch::Sender<Option<Stop>>>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether what happens here counts. A process that stood still may be told of other things before it learns that its lease is over.
    pub fn holds_lease(&self) -> bool {
        self.fence.borrow().is_some_and(|fence| Instant::now() < fence)
    }

    /// Attempts in hand, those whose claim or report is on its way among them.
    pub fn running(&self) -> Vec<Uuid> {
        let mut all: Vec<Uuid> = self.lock().keys().copied().collect();
        all.extend(self.outbox.attempts());
        all
    }

    /// Takes an attempt in hand; `None`: it is in hand, or its report is on its way.
    fn begin(&self, id: Uuid) -> Option<watch::Receiver<Option<Stop>>> {
        if self.outbox.holds(id) {
            return None;
        }
        let (stop, stopped) = watch::channel(None);
        match self.lock().entry(id) {
            Entry::Occupied(_) => None,
            Entry::Vacant(place) => {
                place.insert(stop);
                Some(stopped)
            }
        }
    }

    pub fn stop_attempt(&self, id: Uuid, why: Stop) {
        if let Some(stop) = self.lock().get(&id) {
            stop.send_replace(Some(why));
        }
    }

    fn stop_all(&self, why: Stop) {
        for stop in self.lock().values() {
            stop.send_replace(Some(why));
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Work,
    /// End within this time; what still runs then is ended.
    Stop(Duration),
}

/// See the crate.
pub struct Worker;

/// A running worker. Dropping it ends its attempts at once; [`WorkerHandle::stop`] is the way to go.
pub struct WorkerHandle {
    order: watch::Sender<Order>,
    worker: watch::Receiver<Option<WorkerId>>,
    shared: Arc<Shared>,
    crew: Crew,
}

impl Worker {
    /// Starts a worker; it registers by itself as soon as the service answers.
    ///
    /// # Errors
    /// The folder for results cannot be used.
    pub fn start(service: Arc<dyn AttemptService>, host: PythonHost, options: WorkerOptions) -> io::Result<WorkerHandle> {
        raise_file_limit(options.concurrency);
        let outbox = Outbox::open(&options.state_dir.join("results"), service.clone())?;
        let sensitive = Sensitive::new(&options.sensitive_names, options.hide_sensitive);
        let shared =
            Arc::new(Shared { service, host, options, outbox, sensitive, fence: watch::channel(None).0, attempts: Mutex::default() });
        let (order, orders) = watch::channel(Order::Work);
        let (known, worker) = watch::channel(None);
        let crew = Crew::new();
        crew.spawn(serve(shared.clone(), orders, known));
        Ok(WorkerHandle { order, worker, shared, crew })
    }
}

/// An attempt needs a few open files here; the limit a shell sets by default is for far fewer.
fn raise_file_limit(concurrency: usize) {
    const EACH: u64 = 6;
    const OTHERS: u64 = 512;
    let wanted = OTHERS + EACH * concurrency as u64;
    let limit = getrlimit(Resource::Nofile);
    if limit.current.is_some_and(|now| now < wanted) {
        let current = Some(limit.maximum.map_or(wanted, |most| most.min(wanted)));
        if let Err(e) = setrlimit(Resource::Nofile, Rlimit { current, ..limit }) {
            tracing::warn!("the limit of open files cannot be raised to {wanted}: {e}");
        }
    }
}

impl WorkerHandle {
    /// Id of this worker, once it is registered.
    pub fn id(&self) -> Option<WorkerId> {
        *self.worker.borrow()
    }

    /// Waits until the worker is registered.
    pub async fn registered(&self) -> Option<WorkerId> {
        let mut worker = self.worker.clone();
        worker.wait_for(Option::is_some).await.ok().and_then(|id| *id)
    }

    /// Attempts that run now.
    pub fn running(&self) -> usize {
        self.shared.lock().len()
    }

    /// Counts the attempts that run, also from elsewhere.
    pub fn counter(&self) -> impl Fn() -> usize + Send + Sync + use<> {
        let shared = self.shared.clone();
        move || shared.lock().len()
    }

    /// Asks the worker to stop and returns: it claims nothing more and lets attempts run for `grace`; a second, shorter
    /// grace replaces the first.
    pub fn request_stop(&self, grace: Duration) {
        self.order.send_replace(Order::Stop(grace));
    }

    /// Stops and waits for the end: of the attempts, of what is to be reported, of the lease.
    pub async fn stop(self, grace: Duration) {
        self.request_stop(grace);
        self.crew.all_ended().await;
    }
}

async fn serve(shared: Arc<Shared>, mut orders: watch::Receiver<Order>, known: watch::Sender<Option<WorkerId>>) {
    let attempts = Crew::new();
    let work = async {
        while *orders.borrow() == Order::Work {
            let Some(held) = register(&shared, &mut orders).await else { break };
            known.send_replace(Some(held.lease.worker));
            let stopped = term(&shared, held, &attempts, &mut orders).await;
            if stopped {
                // What cannot be delivered now waits on disk for the next start.
                let _ = timeout(Duration::from_secs(5), shared.outbox.settled()).await;
                let _ = timeout(Duration::from_secs(5), shared.service.deregister(held.lease.worker)).await;
            }
            known.send_replace(None);
        }
    };
    tokio::select! {
        () = work => {}
        () = shared.outbox.run() => {}
    }
}

async fn register(shared: &Shared, orders: &mut watch::Receiver<Order>) -> Option<Held> {
    let mut backoff = BACKOFF.0;
    let options = &shared.options;
    let info = WorkerInfo {
        hostname: options.hostname.clone(),
        unixname: options.unixname.clone(),
        pid: std::process::id(),
        queues: options.queues.clone(),
        concurrency: options.concurrency,
        address: options.address.clone(),
        process: options.process.clone(),
    };
    let try_it = async {
        loop {
            let asked = Instant::now();
            match timeout(Duration::from_secs(10), shared.service.register(info.clone())).await {
                Ok(Ok(lease)) => return Held::new(lease, asked),
                Ok(Err(e)) => tracing::warn!("this worker cannot register: {e}"),
                Err(_) => tracing::warn!("this worker cannot register: no answer"),
            }
            sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF.1);
        }
    };
    tokio::select! {
        held = try_it => Some(held),
        _ = orders.wait_for(|o| *o != Order::Work) => None,
    }
}

/// One lease, from its begin to its end; answers whether the worker is to stop.
async fn term(shared: &Arc<Shared>, held: Held, attempts: &Crew, orders: &mut watch::Receiver<Order>) -> bool {
    let mut beat = std::pin::pin!(beat::keep(shared, held));
    let mut ordered = orders.clone();
    let stopping = tokio::select! {
        // An order to stop comes before what arrived after it.
        biased;
        _ = ordered.wait_for(|o| *o != Order::Work) => Ok(()),
        grace = &mut beat => Err(grace),
        never = claim_all(shared, held.lease.worker, attempts) => match never {},
    };
    let lost = match stopping {
        Err(grace) => Some(grace),
        Ok(()) => tokio::select! {
            grace = &mut beat => Some(grace),
            () = drain(shared, attempts, orders) => None,
        },
    };
    if let Some(grace) = lost {
        shared.stop_all(Stop::LeaseLost(grace));
        attempts.all_ended().await;
    }
    shared.host.guard(None);
    shared.fence.send_replace(None);
    stopping.is_ok()
}

/// Lets attempts run for the grace of the last order, then ends them.
async fn drain(shared: &Shared, attempts: &Crew, orders: &mut watch::Receiver<Order>) {
    let began = Instant::now();
    loop {
        let grace = match *orders.borrow_and_update() {
            Order::Stop(grace) => grace.min(attempt::LONGEST),
            Order::Work => Duration::ZERO,
        };
        tokio::select! {
            () = attempts.all_ended() => return,
            () = tokio::time::sleep_until(began + grace) => break,
            changed = orders.changed() => if changed.is_err() { break },
        }
    }
    shared.stop_all(Stop::Drain);
    attempts.all_ended().await;
}

enum Never {}

async fn claim_all(shared: &Arc<Shared>, worker: WorkerId, attempts: &Crew) -> Never {
    // What a former life of this worker found out comes before anything new; but not for ever.
    let _ = timeout(Duration::from_secs(10), shared.outbox.settled()).await;
    let slots = Arc::new(Semaphore::new(shared.options.concurrency));
    let mut backoff = BACKOFF.0;
    loop {
        let Ok(first) = slots.clone().acquire_owned().await else {
            std::future::pending::<()>().await;
            continue;
        };
        let room = (1 + slots.available_permits()).min(MOST_HINTS);
        let taken = async {
            shared.host.ready().await.map_err(|e| CallError::Unavailable(e.to_string()))?;
            shared.service.take(worker, shared.options.queues.clone(), room, WAIT).await
        };
        let hints = match taken.await {
            Ok(hints) => {
                backoff = BACKOFF.0;
                hints
            }
            Err(e) => {
                tracing::warn!(retry.seconds = backoff.as_secs_f64(), "this worker can take nothing now: {e}");
                sleep(backoff).await;
                backoff = (backoff * 2).min(BACKOFF.1);
                continue;
            }
        };
        let mut first = Some(first);
        for hint in hints {
            let slot = match first.take() {
                Some(slot) => slot,
                None => match slots.clone().acquire_owned().await {
                    Ok(slot) => slot,
                    Err(_) => break,
                },
            };
            attempts.spawn(claim_and_run(shared.clone(), worker, hint, slot));
        }
    }
}

async fn claim_and_run(shared: Arc<Shared>, worker: WorkerId, hint: Hint, slot: OwnedSemaphorePermit) {
    let id = hint.attempt_id;
    // A claim whose answer was lost is asked again and won again; so what this worker has must never be asked for.
    let Some(stopped) = shared.begin(id) else { return };
    let running = Running { shared: &shared, id };
    // Without the lease, whoever took over decides about it.
    if let Some(start) = claim(&shared, worker, id).await
        && shared.holds_lease()
    {
        attempt::run(&shared, worker, start, stopped).await;
    }
    drop(running);
    drop(slot);
}

struct Running<'a> {
    shared: &'a Shared,
    id: Uuid,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.shared.lock().remove(&self.id);
    }
}

async fn claim(shared: &Shared, worker: WorkerId, id: Uuid) -> Option<Start> {
    let mut backoff = BACKOFF.0;
    for _ in 0..CLAIM_TRIES {
        match shared.service.claim(worker, id).await {
            Ok(start) => return start,
            Err(CallError::Unavailable(e)) => tracing::warn!(attempt.id = %id, "an attempt cannot be claimed now: {e}"),
            Err(e) => {
                tracing::info!(attempt.id = %id, "an attempt was not claimed: {e}");
                return None;
            }
        }
        sleep(backoff).await;
        backoff = (backoff * 2).min(BACKOFF.1);
    }
    None
}
