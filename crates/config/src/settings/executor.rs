//! Names of executors.

use crate::config::Found;
use crate::error::Result;

/// How attempts get from queued to a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Executor {
    /// Several processes on this machine.
    Local,
    /// One process at a time on this machine.
    Sequential,
    /// Workers that take messages of a broker.
    Celery,
    /// A pod per attempt.
    Kubernetes,
    /// A Dask cluster.
    Dask,
    /// Everything in one process, to look for errors.
    Debug,
}

const NAMES: [(&str, Executor); 6] = [
    ("LocalExecutor", Executor::Local),
    ("SequentialExecutor", Executor::Sequential),
    ("CeleryExecutor", Executor::Celery),
    ("KubernetesExecutor", Executor::Kubernetes),
    ("DaskExecutor", Executor::Dask),
    ("DebugExecutor", Executor::Debug),
];

impl Executor {
    /// Airflow's name.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|(_, executor)| *executor == self).map_or("", |(name, _)| name)
    }

    /// The executor of a name, a class path, or `alias:` before either.
    pub fn parse(text: &str) -> Option<Executor> {
        let class = text.trim().rsplit([':', '.']).next()?;
        NAMES.iter().find(|(name, _)| *name == class).map(|(_, executor)| *executor)
    }

    /// The executors of `[core] executor`, the default one first. `CeleryKubernetesExecutor` and `LocalKubernetesExecutor` are two each.
    pub(super) fn parse_list(found: &Found) -> Result<Vec<Executor>> {
        let mut executors = Vec::new();
        for part in found.value.split(',').flat_map(|part| part.split(';')) {
            let pair = match part.trim().rsplit([':', '.']).next() {
                Some("CeleryKubernetesExecutor") => Some([Executor::Celery, Executor::Kubernetes]),
                Some("LocalKubernetesExecutor") => Some([Executor::Local, Executor::Kubernetes]),
                _ => None,
            };
            match (pair, Executor::parse(part)) {
                (Some(pair), _) => executors.extend(pair),
                (None, Some(executor)) => executors.push(executor),
                (None, None) => {
                    let known = NAMES.map(|(name, _)| name).join(", ");
                    return Err(found.not_allowed(format!("executors out of {known}")));
                }
            }
        }
        Ok(executors)
    }
}
