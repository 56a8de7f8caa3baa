//! From `[core] executor` to an executor.

use tradewind_config::{Executor, Settings};

use crate::local::LocalExecutor;

/// An executor that this version does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExecutorError {
    #[error("[core] executor: {0} is not available in this version; LocalExecutor and SequentialExecutor are")]
    NotAvailable(&'static str),
    #[error("[core] executor: DebugExecutor is not available; to run a DAG in one process use `dags test`, otherwise LocalExecutor")]
    Debug,
    #[error("[core] executor: {0} together are not available in this version; name one of LocalExecutor and SequentialExecutor")]
    Several(String),
}

/// The executor that is configured, by short name or class path.
///
/// # Errors
/// It is not one of those that are available.
pub fn select(settings: &Settings) -> Result<LocalExecutor, ExecutorError> {
    let executors = &settings.core.executors;
    for executor in executors {
        match executor {
            Executor::Local | Executor::Sequential => {}
            Executor::Debug => return Err(ExecutorError::Debug),
            Executor::Celery | Executor::Kubernetes | Executor::Dask => return Err(ExecutorError::NotAvailable(executor.name())),
        }
    }
    match executors.as_slice() {
        [Executor::Sequential] => Ok(LocalExecutor::sequential()),
        [_] => Ok(LocalExecutor::new(settings.core.parallelism)),
        several => Err(ExecutorError::Several(several.iter().map(|e| e.name()).collect::<Vec<_>>().join(", "))),
    }
}
