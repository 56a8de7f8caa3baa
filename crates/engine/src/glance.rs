//! The look at what another process has committed: which runs it concerns, and whether something may start now.

use tradewind_core::state::RunState;
use tradewind_store::step::Glance;

use crate::Error;
use crate::scheduler::Scheduler;

/// Changes are dated by the begin of their transaction; those that took this long to commit are found by the tick.
const OVERLAP: jiff::SignedDuration = jiff::SignedDuration::from_secs(2);

/// What the last glance saw.
#[derive(Debug, Default)]
pub struct Seen {
    last_end: Option<i64>,
    active: i64,
}

impl Scheduler {
    pub(crate) async fn glance(&mut self) -> Result<(), Error> {
        let owner = self.proof()?;
        let now = self.store.now();
        let glanced = self.store.run(Glance { owner, since: now.checked_sub(OVERLAP).unwrap_or(now) }).await?;
        for (run_pk, seq, state) in glanced.changed {
            if state == RunState::Running && self.runs.get(&run_pk).is_none_or(|owned| owned.seq() < seq) {
                self.todo.reload.insert(run_pk);
            }
        }
        let ended = glanced.last_end != self.seen.last_end;
        self.todo.start_runs |= glanced.unowned || ended;
        if glanced.unowned {
            self.look_for_leftovers();
        }
        self.todo.due |= ended;
        if glanced.active != self.seen.active {
            self.room.open_all();
        }
        self.seen = Seen { last_end: glanced.last_end, active: glanced.active };
        Ok(())
    }
}
