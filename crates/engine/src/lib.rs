//! What a scheduler does: lease and term, ownership of runs, planning, admission, dispatch, reaping.

mod admission;
mod alerts;
mod asset_runs;
mod deadlines;
mod decide;
mod due;
mod error;
mod glance;
mod graphs;
mod load;
mod options;
mod owned;
mod scheduler;
mod standby;
mod status;
mod term;
mod tick;
mod timers;
mod told;
mod waiting_room;
mod write;

pub use error::Error;
pub use options::EngineOptions;
pub use scheduler::Scheduler;
pub use status::Status;
