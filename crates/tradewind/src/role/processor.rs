//! The DAG processor.

use tokio::task::JoinHandle;
use tradewind_config::IgnoreSyntax;
use tradewind_python::{FolderOptions, ParseLimits};
use tradewind_worker::{Processor, ProcessorOptions};

use super::{Parts, Stop};
use crate::context::Context;

/// A processor that runs.
pub struct Running(JoinHandle<()>);

/// Starts it on the DAGs folder.
pub fn start(cx: &Context, parts: &Parts, stop: &Stop) -> anyhow::Result<Running> {
    let settings = &cx.settings;
    let options = ProcessorOptions {
        folder: FolderOptions {
            syntax: match settings.core.dag_ignore_file_syntax {
                IgnoreSyntax::Glob => tradewind_python::IgnoreSyntax::Glob,
                IgnoreSyntax::Regexp => tradewind_python::IgnoreSyntax::Regexp,
            },
            safe_mode: settings.core.dag_discovery_safe_mode,
            rescan: settings.dag_processor.refresh_interval,
            ..FolderOptions::new(&settings.core.dags_folder)
        },
        limits: ParseLimits {
            timeout: settings.core.dagbag_import_timeout.unwrap_or(settings.dag_processor.file_timeout),
            memory: settings.dag_processor.parse_memory,
            output: usize::try_from(settings.dag_processor.parse_output).unwrap_or(usize::MAX),
        },
        parallel: usize::try_from(settings.dag_processor.parsing_processes).unwrap_or(1).max(1),
        paused_at_creation: settings.core.dags_are_paused_at_creation,
        config: serde_json::json!({}),
        hostname: parts.hostname.clone(),
        unixname: parts.unixname.clone(),
        version: crate::command::version::VERSION.to_owned(),
        process: parts.process(),
        lease: settings.leases.worker,
    };
    let processor = Processor::new(parts.store.clone(), parts.python()?.clone(), parts.control.clone(), parts.changes.clone(), options);
    Ok(Running(tokio::spawn(processor.run(stop.receiver()))))
}

impl Running {
    /// Waits for its end.
    pub async fn ended(self) {
        if self.0.await.is_err() {
            tracing::error!("the DAG processor panicked");
        }
    }
}
