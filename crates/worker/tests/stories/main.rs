//! A worker, real Python processes, and a control plane in memory that can go away.

mod ends;
mod figures;
mod logs;
mod outages;
mod service;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;
use tradewind_python::{HostOptions, PythonHost, snapshot};
use tradewind_queue::service::Start;
use tradewind_worker::{Worker, WorkerHandle, WorkerOptions};
use uuid::Uuid;

use crate::service::Service;

pub struct Story {
    pub dir: TempDir,
    pub service: Arc<Service>,
    pub host: PythonHost,
}

impl Story {
    /// `body`: the functions of a DAG `d`; each that begins with `@task` is a task.
    pub async fn new(lease: f64, body: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("dags")).unwrap();
        let names = body.lines().filter_map(|l| l.strip_prefix("def ")?.split('(').next()).map(|n| format!("    {n}()\n"));
        let calls: String = names.collect();
        let text = format!(
            "import os, signal, subprocess, sys, time\nfrom datetime import datetime\nfrom airflow.sdk import DAG, task\n\
             from airflow._runtime import get_runtime\nHERE = {:?}\n{body}\n\
             with DAG('d', schedule=None, start_date=datetime(2024, 1, 1)) as dag:\n{calls}",
            dir.path()
        );
        std::fs::write(dir.path().join("dags/d.py"), text).unwrap();
        let mut options = HostOptions::new(dir.path().join("cache"), dir.path().join("run"));
        options.python_path.get_or_insert(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python"));
        let host = PythonHost::start(options).unwrap();
        tokio::time::timeout(Duration::from_secs(30), host.ready()).await.unwrap().unwrap();
        Self { dir, service: Service::new(lease), host }
    }

    pub fn options(&self) -> WorkerOptions {
        let mut options = WorkerOptions::new(4, self.path("logs"), self.path("state"));
        options.kill_grace = Duration::from_millis(500);
        options.timeout_grace = Duration::from_millis(300);
        options
    }

    pub fn worker(&self) -> WorkerHandle {
        Worker::start(self.service.clone(), self.host.clone(), self.options()).unwrap()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// An attempt of a task; its log is `<task>.log`.
    pub fn start(&self, task: &str) -> Start {
        let (id, path, folder) = (Uuid::now_v7(), self.path("dags/d.py"), self.path("dags"));
        let time = "2024-01-02T00:00:00Z";
        Start {
            attempt_id: id,
            frame: json!({"attempt_id": id, "token": "t", "dag_id": "d", "run_id": "r", "task_id": task, "map_index": -1,
                "try_number": 1, "max_tries": 0, "should_retry": false, "path": path, "dags_folder": folder, "relative_path": "d.py",
                "dag_run": {"dag_id": "d", "run_id": "r", "run_type": "manual", "state": "running", "logical_date": time,
                    "data_interval_start": time, "data_interval_end": time, "run_after": time, "start_date": time, "conf": {},
                    "clear_number": 0},
                "ti": {"start_date": time, "queue": "default", "pool": "default_pool", "pool_slots": 1, "priority_weight": 1,
                    "hostname": "h", "operator": "PythonOperator"},
                "map_length": null, "execution_timeout": null, "xcom": {}, "config": {}, "env": {}}),
            path: path.display().to_string(),
            dags_folder: folder.display().to_string(),
            source_hash: "v1".to_owned(),
            log_path: format!("{task}.log"),
            execution_timeout: None,
            secrets: Vec::new(),
            proof: None,
        }
    }

    pub fn queue(&self, task: &str) -> Uuid {
        self.service.queue(self.start(task))
    }

    pub fn log(&self, task: &str) -> String {
        std::fs::read_to_string(self.path("logs").join(format!("{task}.log"))).unwrap_or_default()
    }

    /// Waits for a file that a task writes, and reads it.
    pub async fn file(&self, name: &str) -> String {
        for _ in 0..1500 {
            if let Ok(text) = std::fs::read_to_string(self.path(name))
                && !text.is_empty()
            {
                return text;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{name} was not written within 30 s");
    }

    /// Reports that lie on disk.
    pub fn results(&self) -> usize {
        let folder = std::fs::read_dir(self.path("state/results")).into_iter().flatten();
        let files = folder.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == "results"));
        files.map(|path| std::fs::read_to_string(path).unwrap_or_default().lines().count()).sum()
    }
}

pub fn alive(pid: i32) -> bool {
    snapshot().iter().any(|p| p.pid == pid && p.alive())
}

/// Bounded wait for something that has no event of its own.
pub async fn eventually(what: &str, look: impl Fn() -> bool) {
    for _ in 0..1500 {
        if look() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("within 30 s: {what}");
}
