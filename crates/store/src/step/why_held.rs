//! Which limit holds a task instance back now: the counts of an admission, without taking anything.

use std::sync::Arc;

use super::admit::{count_active, pools};
use super::limits::{Demand, HeldBack, Taken};
use crate::{Mode, Result, Transaction, Tx, params};

/// See the module.
#[derive(Debug, Clone)]
pub struct WhyHeld {
    pub run_pk: i64,
    pub task_id: Arc<str>,
    pub map_index: i32,
    /// `max_active_tis_per_dag` of the task.
    pub per_dag: Option<u32>,
    /// `max_active_tis_per_dagrun` of the task.
    pub per_dagrun: Option<u32>,
    /// Attempts queued or running in the whole installation; 0: without limit.
    pub parallelism: u32,
}

impl Transaction for WhyHeld {
    /// `None`: nothing holds it back, or it is not there.
    type Out = Option<HeldBack>;
    const NAME: &'static str = "why_held";
    const MODE: Mode = Mode::Read;

    async fn run(&self, tx: &mut Tx<'_>) -> Result<Option<HeldBack>> {
        let sql = "SELECT r.dag_id, d.is_paused, d.max_active_tasks, ti.pool, ti.pool_slots FROM task_instance ti
            JOIN dag_run r ON r.id = ti.run_pk JOIN dag d ON d.dag_id = r.dag_id
            WHERE ti.run_pk = ? AND ti.task_id = ? AND ti.map_index = ?";
        let Some(row) = tx.row(sql, params![self.run_pk, &self.task_id, self.map_index]).await? else { return Ok(None) };
        if row.get(1)? {
            return Ok(Some(HeldBack::Paused));
        }
        let demand = Demand {
            dag_id: row.get(0)?,
            run_pk: self.run_pk,
            task_id: self.task_id.clone(),
            pool: row.get(3)?,
            pool_slots: row.get(4)?,
            max_active_tasks: row.get(2)?,
            per_dag: self.per_dag.map(i64::from),
            per_dagrun: self.per_dagrun.map(i64::from),
        };
        let mut taken = Taken::new(i64::from(self.parallelism), pools(tx).await?);
        count_active(tx, &mut taken).await?;
        Ok(taken.take(&demand).err())
    }
}
