//! Cells of the grid: what the instances of a task in a run come to, and many of them packed.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};
use tradewind_core::state::{TaskState, summary};
use tradewind_store::list::grid::Cell;

/// What all cells of a task in a run come to. Times in microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Of a mapped task: the state that says most about its instances.
    pub state: Option<TaskState>,
    pub try_number: i64,
    pub start: Option<i64>,
    pub end: Option<i64>,
    pub note: Option<String>,
    /// Instances of a mapped task by state; `none` counts those without one.
    pub counts: Option<IndexMap<String, i64>>,
}

impl Summary {
    /// Of the cells of one task: one for each state.
    pub fn of(cells: &[Cell]) -> Self {
        let state = |cell: &Cell| cell.state.as_deref().and_then(|text| TaskState::from_str(text).ok());
        let expanded = cells.iter().any(|cell| cell.expanded);
        let name = |cell: &Cell| cell.state.clone().unwrap_or_else(|| "none".to_owned());
        let ended = cells.iter().all(|cell| cell.end_date.is_some());
        Self {
            state: summary(cells.iter().map(state)),
            try_number: cells.iter().map(|cell| cell.try_number).max().unwrap_or(0),
            start: cells.iter().filter_map(|cell| cell.start_date).min(),
            end: cells.iter().filter_map(|cell| cell.end_date).max().filter(|_| ended),
            note: cells.iter().find_map(|cell| cell.note.clone()),
            counts: expanded.then(|| cells.iter().map(|cell| (name(cell), cell.count)).collect()),
        }
    }
}

/// The letters of states in packed cells.
pub struct Letters;

/// The run has no instance of the task.
const ABSENT: char = '.';
/// An instance without a state.
const NONE: char = '-';

impl Letters {
    pub const ALL: &Letters = &Letters;

    /// One letter for each state, in the order of their declaration.
    fn of(state: TaskState) -> char {
        let at = TaskState::ALL.iter().position(|one| *one == state).unwrap_or_default();
        char::from(b'a' + u8::try_from(at).unwrap_or_default())
    }
}

impl Serialize for Letters {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let states = TaskState::ALL.iter().map(|state| (Letters::of(*state), Some(*state)));
        serializer.collect_map(states.chain([(NONE, None)]))
    }
}

/// The cells of a run, one for each row of the grid that is a task, in their order.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackedCells {
    /// A letter each; `.`: the run does not have the task.
    cells: String,
    tries: Vec<i64>,
    /// Milliseconds after the start of the run (before it has one, after it was due).
    starts: Vec<Option<i64>>,
    /// Milliseconds from start to end.
    took: Vec<Option<i64>>,
    /// By task.
    notes: BTreeMap<String, String>,
    /// By task: instances of mapped tasks by state.
    counts: BTreeMap<String, IndexMap<String, i64>>,
}

impl PackedCells {
    /// `base` in microseconds.
    pub fn new<'a>(base: i64, cells: impl Iterator<Item = (&'a str, Option<&'a Summary>)>) -> Self {
        let mut packed = Self::default();
        for (task_id, cell) in cells {
            packed.cells.push(cell.map_or(ABSENT, |cell| cell.state.map_or(NONE, Letters::of)));
            packed.tries.push(cell.map_or(0, |cell| cell.try_number));
            packed.starts.push(cell.and_then(|cell| cell.start).map(|start| (start - base) / 1_000));
            let took = |cell: &Summary| Some((cell.end? - cell.start?) / 1_000);
            packed.took.push(cell.and_then(took));
            let Some(cell) = cell else { continue };
            packed.notes.extend(cell.note.clone().map(|note| (task_id.to_owned(), note)));
            packed.counts.extend(cell.counts.clone().map(|counts| (task_id.to_owned(), counts)));
        }
        packed
    }
}
