//! What can go wrong in a turn.

use tradewind_core::asset::ConditionError;
use tradewind_core::form::FormError;
use tradewind_core::graph::GraphError;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Store(#[from] tradewind_store::Error),
    #[error(transparent)]
    Queue(#[from] tradewind_queue::QueueError),
    #[error("DAG version {version_id} is not in the database")]
    NoVersion { version_id: i64 },
    #[error("the form of DAG version {version_id} cannot be read")]
    Form { version_id: i64, source: FormError },
    #[error("the timetable of DAG version {version_id} cannot be read: {source}")]
    Timetable { version_id: i64, source: serde_json::Error },
    #[error("the timetable of DAG version {version_id} cannot be used: {source}")]
    Condition { version_id: i64, source: ConditionError },
    #[error("the form of DAG version {version_id} has no graph")]
    Graph { version_id: i64, source: GraphError },
    /// Another took the term: stop at once, start anew.
    #[error("the lease of this scheduler has ended; its runs belong to others now")]
    Fenced,
}
