//! What a running attempt asks for: values, runs and states, by the names that DAG code uses.

mod runs;
mod states;
mod values;

pub use runs::{CountRunsLike, ListRunsLike, PreviousRun, RunsLike};
pub use states::{PreviousTask, StateOf, TaskStates, TasksLike};
pub use values::{DropXcom, PutXcom, SetMapLabel, SetRendered, XcomValues};
