//! Real Python processes: parses, templates, attempts, and the host that is killed under them.

mod parse;
mod run;

use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tradewind_python::{HostOptions, PythonHost, TemplateLimits};

/// A host with folders of its own.
pub struct Fixture {
    pub host: PythonHost,
    pub dir: TempDir,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with(TemplateLimits::default()).await
    }

    pub async fn with(templates: TemplateLimits) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
        let mut options = HostOptions::new(dir.path().join("cache"), dir.path().join("run"));
        options.python_path.get_or_insert(tree);
        options.templates = templates;
        std::fs::create_dir(dir.path().join("dags")).unwrap();
        let host = PythonHost::start(options).unwrap();
        tokio::time::timeout(Duration::from_secs(30), host.ready()).await.unwrap().unwrap();
        Self { host, dir }
    }

    pub fn dags(&self) -> PathBuf {
        self.dir.path().join("dags")
    }

    pub fn put(&self, name: &str, text: &str) -> PathBuf {
        let path = self.dags().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}
