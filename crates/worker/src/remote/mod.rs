//! The attempt service of a control plane elsewhere, over HTTP.
//!
//! *Failure:* an address that does not answer is left for the next one; when none answers, the call is `Unavailable` and the worker tries again, which every call
//! allows. A token that all addresses refuse means that this worker is not known any more: it registers anew. *May be lost:* the answer to a claim; heartbeats
//! find such attempts. *Secrets:* no password of a database comes here, only what attempts ask for.

mod addresses;
mod client;
mod rebase;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tradewind_queue::remote::{Began, Call, Hello, Join, Joined, LARGEST, PROTOCOL, Pulse, Renewed, Take, Tokens, Won, path};
use tradewind_queue::service::{Answer, AttemptService, Beat, CallError, End, Hint, Lease, Report, Reported, Start, WorkerId, WorkerInfo};
use uuid::Uuid;

use crate::clock;
pub use addresses::AddressError;
use addresses::Addresses;
use client::{Asked, Client};

/// Life of the token that is shown to register: one request.
const JOIN: Duration = Duration::from_secs(60);
/// A call of an attempt may carry a mail with attachments.
const CALL: Duration = Duration::from_secs(60);
/// Beyond the time that a request for hints waits on the other side.
const SLACK: Duration = Duration::from_secs(5);

/// How to reach a control plane.
#[derive(Debug, Clone)]
pub struct RemoteOptions {
    /// Base URLs of web servers, tried in turn.
    pub servers: Vec<String>,
    /// What this worker and the web servers have in common.
    pub secret: String,
    /// Folder of the DAG files on this machine.
    pub dags_folder: PathBuf,
    /// `[workers] execution_api_timeout`: how long an answer may take.
    pub timeout: Duration,
}

/// Why a control plane does not take this worker. No use to try again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Refused(pub String);

/// What the first contact gave.
#[derive(Debug)]
pub enum Contact {
    Made(Hello),
    /// Nobody answered; it may come.
    None(String),
}

/// See the module.
pub struct RemoteService {
    client: Client,
    join: Tokens,
    dags_folder: PathBuf,
    timeout: Duration,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    worker: String,
    lease: Duration,
    attempts: HashMap<Uuid, Holding>,
}

/// The token of an attempt.
struct Holding {
    worker: WorkerId,
    token: String,
}

impl RemoteService {
    /// # Errors
    /// An address is none, or TLS cannot be set up.
    pub fn new(options: RemoteOptions) -> Result<Self, AddressError> {
        let addresses = Addresses::new(&options.servers)?;
        Ok(Self {
            client: Client::new(addresses)?,
            join: Tokens::new(options.secret.as_bytes(), JOIN, Duration::ZERO),
            dags_folder: options.dags_folder,
            timeout: options.timeout,
            held: Mutex::default(),
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks who is there, before the first registration.
    ///
    /// # Errors
    /// This worker is not wanted: another secret, another protocol, a control plane without room for remote workers.
    pub async fn hello(&self) -> Result<Contact, Refused> {
        let token = self.join.join(clock::now());
        match self.client.ask(&Asked::get(path::HELLO, &token, self.timeout)).await {
            Ok(answer) => {
                let hello: Hello = answer.read().map_err(|error| Refused(error.to_string()))?;
                if hello.protocol != PROTOCOL {
                    let (theirs, version) = (hello.protocol, hello.version);
                    let text = format!(
                        "the control plane ({version}) speaks protocol {theirs} with workers, this worker {PROTOCOL}: run the same release everywhere"
                    );
                    return Err(Refused(text));
                }
                Ok(Contact::Made(hello))
            }
            Err(Trouble::Token(text)) => Err(Refused(secret_differs(&text))),
            Err(Trouble::Call(CallError::Unavailable(text)) | Trouble::Away(text)) => Ok(Contact::None(text)),
            Err(Trouble::Call(error)) => Err(Refused(error.to_string())),
        }
    }

    async fn join(&self, info: WorkerInfo) -> Result<Lease, CallError> {
        let token = self.join.join(clock::now());
        let asked = Asked::post(path::WORKERS, &token, &Join { protocol: PROTOCOL, info }, self.timeout)?;
        let joined: Joined = match self.client.ask(&asked).await {
            Ok(answer) => answer.read()?,
            Err(Trouble::Token(text)) => return Err(CallError::Unavailable(secret_differs(&text))),
            Err(trouble) => return Err(trouble.into()),
        };
        let lease = Duration::try_from_secs_f64(joined.lease.seconds).unwrap_or_default();
        *self.held() = Held { worker: joined.token, lease, ..Held::default() };
        Ok(joined.lease)
    }

    /// A request with the worker's token; the token that comes back replaces it.
    async fn ask_as_worker(&self, mut asked: Asked) -> Result<client::Reply, CallError> {
        asked.token = self.held().worker.clone();
        match self.client.ask(&asked).await {
            Ok(mut answer) => {
                if let Some(token) = answer.refreshed.take() {
                    let mut held = self.held();
                    if held.worker == asked.token {
                        held.worker = token;
                    }
                }
                Ok(answer)
            }
            Err(Trouble::Token(text)) => Err(CallError::Stale(format!("the control plane does not know this worker any more: {text}"))),
            Err(trouble) => Err(trouble.into()),
        }
    }

    async fn won(&self, worker: WorkerId, attempt_id: Uuid) -> Result<Option<Start>, CallError> {
        let asked = Asked::post(&path::attempt(worker, attempt_id, "/claim"), "", &(), self.timeout)?;
        let won: Option<Won> = self.ask_as_worker(asked).await?.read()?;
        let Some(Won { mut start, token }) = won else { return Ok(None) };
        rebase::onto(&self.dags_folder, &mut start);
        start.proof = Some(token.clone());
        self.held().attempts.insert(attempt_id, Holding { worker, token });
        Ok(Some(start))
    }

    async fn call(&self, attempt_id: Uuid, method: String, params: Value) -> Result<Value, CallError> {
        let (worker, token) = match self.held().attempts.get(&attempt_id) {
            Some(holding) => (holding.worker, holding.token.clone()),
            None => return Err(CallError::Stale(format!("attempt {attempt_id} is not one of this worker any more"))),
        };
        let mut asked = Asked::post(&path::call(attempt_id), &token, &Call { method, params }, CALL)?;
        if asked.size() > LARGEST {
            return Err(CallError::Invalid(format!("the call has {} bytes, at most {LARGEST} are taken", asked.size())));
        }
        for renewed in [false, true] {
            match self.client.ask(&asked).await {
                Ok(answer) => return answer.read(),
                Err(Trouble::Token(_)) if !renewed => {
                    // It is over: the worker's own says that the attempt is still its.
                    let renew = Asked::post(&path::attempt(worker, attempt_id, "/token"), "", &(), self.timeout)?;
                    asked.token = self.ask_as_worker(renew).await?.read::<Renewed>()?.token;
                    if let Some(holding) = self.held().attempts.get_mut(&attempt_id) {
                        holding.token.clone_from(&asked.token);
                    }
                }
                Err(Trouble::Token(text)) => return Err(CallError::Stale(text)),
                Err(trouble) => return Err(trouble.into()),
            }
        }
        Err(CallError::Unavailable("the token of the attempt is refused".to_owned()))
    }

    async fn deliver(&self, report: Report) -> Result<Reported, CallError> {
        let mut asked = Asked::post(&format!("{}/reports", path::WORKERS), "", &report, self.timeout)?;
        if asked.size() > LARGEST {
            let message = format!("gave a result of {} bytes, at most {LARGEST} are taken", asked.size());
            let end = End::Died { exit_code: None, signal: None, message };
            asked = Asked::post(&format!("{}/reports", path::WORKERS), "", &Report { end, ..report.clone() }, self.timeout)?;
        }
        // Without a registration there is no token; it comes, and the report is sent again.
        if self.held().worker.is_empty() {
            return Err(CallError::Unavailable("this worker is not registered".to_owned()));
        }
        match self.ask_as_worker(asked).await {
            Ok(answer) => answer.read(),
            // A refused token is no answer to the report.
            Err(CallError::Stale(text)) => Err(CallError::Unavailable(text)),
            Err(error) => Err(error),
        }
    }

    /// How long an answer to a heartbeat may take, so that a second address can be asked in time.
    fn patience(&self) -> Duration {
        let lease = self.held().lease;
        (lease / 8).clamp(Duration::from_millis(300), self.timeout)
    }
}

fn secret_differs(text: &str) -> String {
    format!(
        "the control plane refuses the secret of this worker ({text}): [core] internal_api_secret_key (else [api_auth] jwt_secret) must be the same here and on \
         the web servers, and the clocks must agree"
    )
}

impl AttemptService for RemoteService {
    fn register(&self, info: WorkerInfo) -> Answer<'_, Lease> {
        Box::pin(self.join(info))
    }

    fn take(&self, worker: WorkerId, queues: Vec<String>, max: usize, wait: f64) -> Answer<'_, Vec<Hint>> {
        Box::pin(async move {
            let patience = Duration::try_from_secs_f64(wait).unwrap_or_default() + SLACK;
            let asked = Asked::post(&path::worker(worker, "/hints"), "", &Take { queues, max, wait }, patience)?;
            self.ask_as_worker(asked).await?.read()
        })
    }

    fn claim(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, Option<Start>> {
        Box::pin(self.won(worker, attempt_id))
    }

    fn started(&self, worker: WorkerId, attempt_id: Uuid, pid: u32) -> Answer<'_, ()> {
        Box::pin(async move {
            let asked = Asked::post(&path::attempt(worker, attempt_id, "/started"), "", &Began { pid }, self.timeout)?;
            self.ask_as_worker(asked).await?.read()
        })
    }

    fn vouch(&self, worker: WorkerId, attempt_id: Uuid) -> Answer<'_, ()> {
        Box::pin(async move {
            let asked = Asked::post(&path::attempt(worker, attempt_id, "/token"), "", &(), self.timeout)?;
            self.ask_as_worker(asked).await?.read::<Renewed>().map(|_| ())
        })
    }

    fn heartbeat(&self, worker: WorkerId, running: Vec<Uuid>) -> Answer<'_, Beat> {
        Box::pin(async move {
            self.held().attempts.retain(|id, _| running.contains(id));
            let asked = Asked::post(&path::worker(worker, "/heartbeat"), "", &Pulse { running }, self.patience())?;
            self.ask_as_worker(asked).await?.read()
        })
    }

    fn report(&self, report: Report) -> Answer<'_, Reported> {
        Box::pin(self.deliver(report))
    }

    fn call(&self, attempt_id: Uuid, method: String, params: Value) -> Answer<'_, Value> {
        Box::pin(self.call(attempt_id, method, params))
    }

    fn deregister(&self, worker: WorkerId) -> Answer<'_, ()> {
        Box::pin(async move {
            let asked = Asked::post(&path::worker(worker, "/deregister"), "", &(), self.timeout)?;
            self.ask_as_worker(asked).await?.read()
        })
    }
}

/// Why there is no answer.
enum Trouble {
    /// No address answered.
    Away(String),
    /// All that answered refuse the token.
    Token(String),
    /// The service's own refusal.
    Call(CallError),
}

impl From<Trouble> for CallError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Away(text) | Trouble::Token(text) => Self::Unavailable(text),
            Trouble::Call(error) => error,
        }
    }
}
