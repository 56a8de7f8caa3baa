//! A control plane with attempts that wait, reached one way or the other.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tradewind_core::alert::Policy;
use tradewind_core::state::TaskState;
use tradewind_queue::attempt_log::LogTemplate;
use tradewind_queue::control::{Control, ControlOptions};
use tradewind_queue::service::{AttemptService, WorkerInfo};
use tradewind_queue::{Changes, HintQueue, MemoryQueue, Published};
use tradewind_server::{App, Execution, ExecutionOptions, ServerOptions};
use tradewind_store::step::{
    Admit, ApplyPlan, Candidate, CreateTask, NewRun, OwnRuns, Owner, ParsedDag, ParsedFile, RecordParse, StartJob, StartRuns,
    TriggerOutcome, TriggerRun,
};
use tradewind_store::table::task_instance::{GetTaskInstance, TaskInstance, TaskKey};
use tradewind_store::{Clock, DatabaseUrl, ManualClock, Options, Store};
use tradewind_worker::remote::{RemoteOptions, RemoteService};
use uuid::Uuid;

pub const SECRET: &str = "what workers and servers have in common";
pub const LEASE: Duration = Duration::from_secs(12);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    InProcess,
    Http,
}

/// How the server of a plane is.
#[derive(Clone)]
pub struct Server {
    pub token_lifetime: Duration,
    pub refusal: Option<String>,
}

impl Default for Server {
    fn default() -> Self {
        Self { token_lifetime: Duration::from_secs(600), refusal: None }
    }
}

pub struct Plane {
    pub store: Store,
    pub clock: ManualClock,
    pub control: Control,
    queue: Arc<MemoryQueue>,
    owner: Owner,
    run_pk: i64,
    _folder: tempfile::TempDir,
}

/// A web server of the plane; it ends with this.
pub struct Serving {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Serving {
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn stop(self) {
        self.stop.send_replace(true);
        self.task.await.unwrap().unwrap();
    }
}

impl Plane {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(1_704_067_200_000_000);
        let options = Options { clock: Clock::Manual(clock.clone()), ..Options::default() };
        let store = Store::open(&DatabaseUrl::of_sqlite(&folder.path().join("test.db")), options).await.unwrap();
        store.migrate().await.unwrap();
        let queue = Arc::new(MemoryQueue::new());
        let options = ControlOptions {
            lease: LEASE,
            dags_folder: "/dags".to_owned(),
            base_url: "http://localhost".to_owned(),
            max_task_retry_delay: 60.0,
            config: json!({}),
            secrets: vec!["the key of everything".to_owned()],
            version: "test".to_owned(),
            log_template: LogTemplate::default(),
            alerts: Arc::new(Policy::default()),
        };
        let control = Control::new(store.clone(), queue.clone(), Changes::new(), options);
        let (owner, run_pk) = running(&store).await;
        Self { store, clock, control, queue, owner, run_pk, _folder: folder }
    }

    /// The service, and the server that must live as long.
    pub async fn reach(&self, way: Way) -> (Arc<dyn AttemptService>, Option<Serving>) {
        match way {
            Way::InProcess => (Arc::new(self.control.clone()), None),
            Way::Http => {
                let serving = self.serve(Server::default()).await;
                (Arc::new(remote(&[serving.url()], SECRET)), Some(serving))
            }
        }
    }

    pub async fn serve(&self, server: Server) -> Serving {
        let options = ExecutionOptions {
            join_secret: SECRET.to_owned(),
            token_secret: "key of tokens".to_owned(),
            token_lifetime: server.token_lifetime,
            leeway: Duration::ZERO,
            refusal: server.refusal,
        };
        let execution = Arc::new(Execution::new(Arc::new(self.control.clone()), options));
        let options = ServerOptions { execution: Some(execution), ..ServerOptions::default() };
        let app = App::new(self.store.clone(), Changes::new(), options);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, mut asked) = watch::channel(false);
        let task = tokio::spawn(tradewind_server::serve(listener, app, async move {
            drop(asked.wait_for(|asked| *asked).await);
        }));
        Serving { address, stop, task }
    }

    /// An attempt of this task that waits, its hint published.
    pub async fn queue(&self, task_id: &str) -> Uuid {
        let task = CreateTask {
            task_id: task_id.into(),
            map_index: -1,
            state: Some(TaskState::Scheduled),
            try_number: 0,
            max_tries: 0,
            operator: "PythonOperator".into(),
            pool: "default_pool".into(),
            pool_slots: 1,
            queue: "default".into(),
            executor: None,
            priority_weight: 1,
            start_date: None,
            end_date: None,
        };
        let plan = ApplyPlan {
            owner: self.owner,
            run_pk: self.run_pk,
            known_seq: self.seq().await,
            deleted: vec![],
            created: vec![task],
            transitions: vec![],
            kills: vec![],
            run_end: None,
            callbacks: vec![],
            events: vec![],
            alerts: Vec::new(),
        };
        self.store.run(plan).await.unwrap();
        let attempt_id = Uuid::now_v7();
        let candidate =
            Candidate { key: self.key(task_id), attempt_id, max_active_tis_per_dag: None, max_active_tis_per_dagrun: None, start: None };
        let admitted = self.store.run(Admit { owner: self.owner, candidates: vec![candidate], parallelism: 0 }).await.unwrap().unwrap();
        assert_eq!(admitted.admitted.len(), 1, "{admitted:?}");
        self.queue.publish(vec![Published { attempt_id, queue: "default".to_owned(), priority: 1 }]).await.unwrap();
        attempt_id
    }

    async fn seq(&self) -> i64 {
        self.store.run(tradewind_store::table::dag_run::DagRunByPk(self.run_pk)).await.unwrap().unwrap().change_seq
    }

    fn key(&self, task_id: &str) -> TaskKey {
        TaskKey { run_pk: self.run_pk, task_id: task_id.into(), map_index: -1 }
    }

    pub async fn task(&self, task_id: &str) -> TaskInstance {
        self.store.run(GetTaskInstance(self.key(task_id))).await.unwrap().unwrap()
    }

    pub fn run_pk(&self) -> i64 {
        self.run_pk
    }
}

async fn running(store: &Store) -> (Owner, i64) {
    let tasks = ["a", "b", "c"].map(|id| json!({"task_id": id, "task_type": "PythonOperator", "task_module": "m", "owner": "ada"}));
    let form = json!({
        "format": 1, "dag_id": "d", "fileloc": "/dags/team/d.py", "relative_fileloc": "team/d.py", "catchup": false, "timezone": "UTC",
        "timetable": {"type": "null"}, "tags": [],
        "tasks": tasks,
    });
    let file = ParsedFile {
        relative_fileloc: "team/d.py".to_owned(),
        fileloc: "/dags/team/d.py".to_owned(),
        source: "# d".to_owned(),
        source_hash: "hash".to_owned(),
        mtime: None,
        size: None,
        parse_duration: 1,
    };
    let record = RecordParse { file, dags: vec![ParsedDag::read(form).unwrap()], errors: vec![], paused_at_creation: false };
    store.run(record).await.unwrap();
    let start = StartJob {
        job_type: "SchedulerJob".to_owned(),
        hostname: "elsewhere".to_owned(),
        unixname: None,
        pid: Some(1),
        address: None,
        version: None,
        stats: None,
        process: None,
        lease: SignedDuration::from_hours(24),
    };
    let owner = store.run(start).await.unwrap().owner;
    let run = NewRun {
        run_id: "r".to_owned(),
        run_type: "manual".to_owned(),
        logical_date: None,
        data_interval_start: None,
        data_interval_end: None,
        run_after: store.now(),
        conf: "{}".to_owned(),
        triggered_by: "test".to_owned(),
        triggering_user_name: None,
        note: None,
    };
    let TriggerOutcome::Created(run) = store.run(TriggerRun { dag_id: "d".to_owned(), run }).await.unwrap() else { panic!("a run") };
    store.run(OwnRuns { owner, limit: 10, leave_to_others: None }).await.unwrap().unwrap();
    store.run(StartRuns { owner, limit: 10 }).await.unwrap().unwrap();
    (owner, run.id)
}

pub fn remote(servers: &[String], secret: &str) -> RemoteService {
    let options = RemoteOptions {
        servers: servers.to_vec(),
        secret: secret.to_owned(),
        dags_folder: PathBuf::from("/srv/dags"),
        timeout: Duration::from_secs(5),
    };
    RemoteService::new(options).unwrap()
}

pub fn info() -> WorkerInfo {
    WorkerInfo {
        hostname: "h".to_owned(),
        unixname: "u".to_owned(),
        pid: 1,
        queues: vec!["default".to_owned()],
        concurrency: 4,
        address: None,
        process: None,
    }
}
