//! `dags test`, `tasks test`, `tasks render`: user code in one Python process, with this terminal, without a scheduler.
//!
//! The database may be missing: then there are no variables and connections but those of the environment, and the file must be named.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context as _, bail};
use clap::Args;
use serde_json::{Map, Value, json};
use tradewind_store::Store;
use tradewind_store::list::dag::GetDag;
use tradewind_store::list::dag_run::RunView;
use tradewind_store::table::connection::AllConnections;
use tradewind_store::table::variable::AllVariables;

use super::find;
use crate::context::Context;
use crate::time;

/// What `dags test`, `tasks test` and `tasks render` share.
#[derive(Debug, Clone, Args)]
pub struct Target {
    /// Id of the DAG.
    pub dag_id: String,
}

/// Which file the DAG is in.
#[derive(Debug, Clone, Args)]
pub struct FileOption {
    /// The DAG file. [default: the file the DAG was last seen in]
    #[arg(short = 'f', long = "dagfile-path", visible_alias = "subdir", visible_short_alias = 'S')]
    file: Option<PathBuf>,
}

/// Arguments of `dags test`.
#[derive(Debug, Args)]
pub struct DagTest {
    #[command(flatten)]
    target: Target,
    /// Logical date of the run. [default: now]
    logical_date: Option<String>,
    /// The run's conf as JSON.
    #[arg(short, long)]
    conf: Option<String>,
    /// Tasks whose id fits this regular expression are not run but count as a success.
    #[arg(long)]
    mark_success_pattern: Option<String>,
    /// Open the debugger on an exception that ends a task.
    #[arg(short = 'm', long)]
    post_mortem: bool,
    #[command(flatten)]
    file: FileOption,
}

/// Arguments of `tasks test`.
#[derive(Debug, Args)]
pub struct TaskTest {
    #[command(flatten)]
    target: Target,
    /// Id of the task.
    task_id: String,
    /// Logical date, or id of a run. [default: now]
    logical_date_or_run_id: Option<String>,
    /// Map index of a mapped task.
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    map_index: i32,
    /// Params of the task as JSON.
    #[arg(short, long)]
    task_params: Option<String>,
    /// Environment variables as JSON.
    #[arg(long)]
    env_vars: Option<String>,
    /// Open the debugger on an uncaught exception.
    #[arg(short = 'm', long)]
    post_mortem: bool,
    #[command(flatten)]
    file: FileOption,
}

/// Arguments of `tasks render`.
#[derive(Debug, Args)]
pub struct TaskRender {
    #[command(flatten)]
    target: Target,
    /// Id of the task.
    task_id: String,
    /// Logical date, or id of a run.
    logical_date_or_run_id: String,
    /// Map index of a mapped task.
    #[arg(long, default_value_t = -1, allow_negative_numbers = true)]
    map_index: i32,
    #[command(flatten)]
    file: FileOption,
}

impl DagTest {
    /// Runs the DAG; ends with 1 when the run fails.
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await.ok();
        let mut call = Call::new(cx, store.as_ref(), "dag", &self.target.dag_id, self.file.file.as_deref()).await?;
        call.moment(cx, store.as_ref(), self.logical_date.as_deref()).await?;
        call.option("--conf", self.conf.as_deref());
        call.option("--mark-success-pattern", self.mark_success_pattern.as_deref());
        if self.post_mortem {
            call.words.push("--post-mortem".into());
        }
        call.start(cx, store.as_ref()).await
    }
}

impl TaskTest {
    /// Runs the task; ends with 1 when it fails.
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await.ok();
        let mut call = Call::new(cx, store.as_ref(), "task", &self.target.dag_id, self.file.file.as_deref()).await?;
        call.option("--task-id", Some(&self.task_id));
        call.option("--map-index", Some(&self.map_index.to_string()));
        call.moment(cx, store.as_ref(), self.logical_date_or_run_id.as_deref()).await?;
        call.option("--task-params", self.task_params.as_deref());
        call.option("--env-vars", self.env_vars.as_deref());
        if self.post_mortem {
            call.words.push("--post-mortem".into());
        }
        call.start(cx, store.as_ref()).await
    }
}

impl TaskRender {
    /// Prints the rendered templates.
    pub async fn run(self, cx: &Context) -> anyhow::Result<ExitCode> {
        let store = cx.store().await.ok();
        let mut call = Call::new(cx, store.as_ref(), "render", &self.target.dag_id, self.file.file.as_deref()).await?;
        call.option("--task-id", Some(&self.task_id));
        call.option("--map-index", Some(&self.map_index.to_string()));
        call.moment(cx, store.as_ref(), Some(&self.logical_date_or_run_id)).await?;
        call.start(cx, store.as_ref()).await
    }
}

/// A call of the Python side.
struct Call {
    words: Vec<String>,
    dag_id: String,
}

impl Call {
    async fn new(cx: &Context, store: Option<&Store>, what: &str, dag_id: &str, file: Option<&Path>) -> anyhow::Result<Self> {
        let file = match (file, store) {
            (Some(file), _) => std::path::absolute(file)?,
            (None, Some(store)) => find::dag(store, dag_id).await?.fileloc.into(),
            (None, None) => {
                bail!("which file is DAG {dag_id:?} in? Name it with --dagfile-path, or run `tradewind db migrate` and a scheduler")
            }
        };
        let folder = &cx.settings.core.dags_folder;
        let root = if file.starts_with(folder) { folder.clone() } else { file.parent().unwrap_or(folder).to_path_buf() };
        let words = [what, "--file", &file.to_string_lossy(), "--dags-folder", &root.to_string_lossy(), "--dag-id", dag_id];
        Ok(Self { words: words.map(str::to_owned).to_vec(), dag_id: dag_id.to_owned() })
    }

    fn option(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            // In one word, so that a value that begins with a dash is no option.
            self.words.push(format!("{name}={value}"));
        }
    }

    /// The run of that id or logical date, else a date of its own.
    async fn moment(&mut self, cx: &Context, store: Option<&Store>, text: Option<&str>) -> anyhow::Result<()> {
        let Some(text) = text else { return Ok(()) };
        let zone = &cx.settings.core.default_timezone;
        let known = match store {
            Some(store) if store.run(GetDag { dag_id: self.dag_id.clone() }).await?.is_some() => {
                find::run(store, zone, &self.dag_id, text).await?
            }
            _ => None,
        };
        match known {
            Some(run) => self.of_run(&run),
            None => {
                let date = time::iso(time::parse(text, zone)?);
                self.option("--logical-date", Some(&date));
            }
        }
        Ok(())
    }

    fn of_run(&mut self, run: &RunView) {
        let at = |micros: Option<i64>| micros.and_then(|m| jiff::Timestamp::from_microsecond(m).ok()).map(time::iso);
        self.option("--run-id", Some(&run.run_id));
        self.option("--logical-date", at(run.logical_date).as_deref());
        self.option("--data-interval-start", at(run.data_interval_start).as_deref());
        self.option("--data-interval-end", at(run.data_interval_end).as_deref());
        self.option("--conf", Some(&run.conf));
    }

    /// Runs Python on this terminal and gives its exit code.
    async fn start(self, cx: &Context, store: Option<&Store>) -> anyhow::Result<ExitCode> {
        let mut command = python(cx, "tradewind.inprocess")?;
        command.args(&self.words);
        command.arg("--data-from-stdin").stdin(Stdio::piped());
        if std::io::stdin().is_terminal() {
            // A debugger needs the keyboard, once what came through the pipe is read.
            command.arg("--terminal");
        }
        let mut child = spawn(&mut command)?;
        if let Some(mut input) = child.stdin.take() {
            // A process that ended early says why itself.
            drop(input.write_all(data(cx, store).await?.to_string().as_bytes()));
        }
        let code = child.wait()?.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
    }
}

/// A Python process that runs a module of ours.
pub(super) fn python(cx: &Context, module: &str) -> anyhow::Result<Command> {
    let mut command = interpreter(cx)?;
    command.arg("-m").arg(module);
    Ok(command)
}

/// The installation's Python, which finds our packages before all others.
pub(super) fn interpreter(cx: &Context) -> anyhow::Result<Command> {
    interpreter_of(&cx.settings.home, cx.settings.python.executable.clone())
}

/// The same of an installation with this home, and the interpreter that it names.
pub(crate) fn interpreter_of(home: &Path, executable: Option<PathBuf>) -> anyhow::Result<Command> {
    let tree = match std::env::var_os("TRADEWIND_PYTHON_PATH") {
        Some(path) => PathBuf::from(path),
        None => tradewind_python::unpack(&home.join("cache"))?,
    };
    let named = executable.or_else(|| std::env::var_os("TRADEWIND_PYTHON").map(PathBuf::from));
    let mut command = Command::new(named.unwrap_or_else(|| "python3".into()));
    let mut path = tree.into_os_string();
    if let Some(theirs) = std::env::var_os("PYTHONPATH").filter(|path| !path.is_empty()) {
        path.push(":");
        path.push(theirs);
    }
    command.env("PYTHONPATH", path);
    command.env("TRADEWIND_HOME", home).env("AIRFLOW_HOME", home);
    Ok(command)
}

/// Starts what [`python`] gave.
pub(super) fn spawn(command: &mut Command) -> anyhow::Result<Child> {
    let program = command.get_program().to_os_string();
    command.spawn().with_context(|| format!("cannot start {}; [tradewind] python names another", program.display()))
}

/// What the module is told of this installation, as JSON on its input.
pub(super) async fn data(cx: &Context, store: Option<&Store>) -> anyhow::Result<Value> {
    Ok(json!({"variables": variables(store).await?, "connections": connections(store).await?, "config": cx.config.for_python()}))
}

async fn variables(store: Option<&Store>) -> anyhow::Result<Value> {
    let Some(store) = store else { return Ok(json!({})) };
    let all = store.run(AllVariables).await?;
    Ok(Value::Object(all.into_iter().map(|one| (one.key, Value::String(one.val.0))).collect()))
}

async fn connections(store: Option<&Store>) -> anyhow::Result<Value> {
    let Some(store) = store else { return Ok(json!({})) };
    let mut map = Map::new();
    for one in store.run(AllConnections).await? {
        let fields = json!({
            "conn_id": one.conn_id, "conn_type": one.conn_type, "description": one.description, "host": one.host, "schema": one.schema,
            "login": one.login, "password": one.password.map(|secret| secret.0), "port": one.port, "extra": one.extra.map(|secret| secret.0),
        });
        map.insert(one.conn_id, fields);
    }
    Ok(Value::Object(map))
}
