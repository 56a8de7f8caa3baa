//! Scheduled runs whose time has come, and queued runs that may start.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tradewind_core::run_id::{RunType, run_id};
use tradewind_core::timetable::{
    ASKED_AHEAD, Answer, Custom, DataInterval, NextRun as Tick, Question, Restriction, Timetable, TimetableError, goes_on_from,
};
use tradewind_queue::Change;
use tradewind_store::step::{CreateScheduledRun, DueDag, DueDags, NewRun, NextRun, OwnRuns, ScheduleOutcome, StartRuns};
use tradewind_store::table::timetable_question::{AskAhead, AskedAhead};

use crate::Error;
use crate::graphs::Version;
use crate::scheduler::Scheduler;

/// Runs that nobody took for so long are taken by whoever looks: the others have had time to notice that they are free, or do not act any more.
pub const LEFTOVERS: SignedDuration = SignedDuration::from_millis(300);
/// Between ticks every scheduler takes its share and no more.
const NEVER: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Ticks of one DAG in one turn; a long backlog shares the turn with others.
const TICKS_PER_TURN: usize = 16;

/// A class of the user's is asked again when it has named so few runs beyond the last one.
const REFILL: usize = ASKED_AHEAD as usize / 4;

/// A DAG whose schedule is being followed.
struct Following<'a> {
    dag: &'a DueDag,
    version: Arc<Version>,
    /// That of the version; a class of the user's knows what it said ahead.
    timetable: Timetable,
    schedule_seq: i64,
    last: Option<DataInterval>,
}

impl Scheduler {
    /// Creates the scheduled runs that are due, each tick once (a unique key in the database says so), up to the limits of their DAGs.
    pub(crate) async fn create_due_runs(&mut self) -> Result<(), Error> {
        let limit = u32::try_from(self.options.runs_created_per_turn).unwrap_or(u32::MAX);
        for dag in self.store.run(DueDags { limit }).await? {
            let version = match self.graphs.get(dag.version_id).await {
                Ok(version) => version,
                Err(Error::Store(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::error!(dag.id = dag.dag_id, "its schedule cannot be followed: {error}");
                    continue;
                }
            };
            let interval = |pair: Option<(Timestamp, Timestamp)>| pair.map(|(start, end)| DataInterval { start, end });
            let earliest = version.graph.form().start_date;
            let following = Following {
                schedule_seq: dag.schedule_seq,
                last: goes_on_from(interval(dag.last_automated), interval(dag.passed_over), earliest),
                timetable: known(&version, &dag),
                dag: &dag,
                version,
            };
            self.follow(following).await?;
        }
        Ok(())
    }

    /// Creates the runs of one DAG, tick by tick.
    async fn follow(&mut self, mut following: Following<'_>) -> Result<(), Error> {
        for _ in 0..TICKS_PER_TURN {
            let now = self.store.now();
            let tick = match following.tick(now) {
                Ok(tick) => tick,
                Err(TimetableError::NotAsked { .. }) => return self.ask_ahead(&following, true).await,
                Err(error) => {
                    tracing::error!(dag.id = following.dag.dag_id, "its schedule cannot be followed: {error}");
                    return Ok(());
                }
            };
            let due = tick.filter(|tick| tick.run_after <= now && !following.dag.is_paused);
            let step = match following.step(self.proof()?, due, tick, now) {
                Ok(step) => step,
                Err(error) => {
                    tracing::error!(dag.id = following.dag.dag_id, "its schedule cannot be followed: {error}");
                    return Ok(());
                }
            };
            let run_id = step.run.as_ref().map(|run| run.run_id.clone());
            match self.store.run(step).await? {
                ScheduleOutcome::Created { schedule_seq, .. } => {
                    let (dag_id, run_id) = (following.dag.dag_id.clone(), run_id.unwrap_or_default());
                    self.changes.send(Change::RunState { dag_id, run_id, state: "queued".into() });
                    self.todo.start_runs = true;
                    following.go_on(schedule_seq, due);
                }
                ScheduleOutcome::Exists { schedule_seq } => following.go_on(schedule_seq, due),
                ScheduleOutcome::Moved { schedule_seq } => {
                    following.go_on(schedule_seq, None);
                    return if following.runs_short() { self.ask_ahead(&following, false).await } else { Ok(()) };
                }
                ScheduleOutcome::Full { .. } | ScheduleOutcome::Stale { .. } | ScheduleOutcome::Gone => {
                    return Ok(());
                }
                ScheduleOutcome::Fenced => return Err(Error::Fenced),
            }
        }
        self.todo.due = true;
        Ok(())
    }

    /// Has a class of the user's asked for the runs to come. Nobody waits: the answer makes the DAG due again.
    async fn ask_ahead(&mut self, following: &Following<'_>, rest: bool) -> Result<(), Error> {
        let dag_id = following.dag.dag_id.clone();
        let question = Question::runs(following.last, following.restriction(), ASKED_AHEAD, None);
        let question = serde_json::to_string(&question).unwrap_or_default();
        let ask = AskAhead { owner: self.proof()?, dag_id, schedule_seq: following.schedule_seq, question, rest };
        match self.store.run(ask).await? {
            AskedAhead::Asked => self.changes.send(Change::Processor),
            AskedAhead::Waits | AskedAhead::Stale => {}
            AskedAhead::Fenced => return Err(Error::Fenced),
        }
        Ok(())
    }

    /// Takes over open runs without a live owner, starts queued ones under `max_active_runs` in the order of their time, and loads them.
    pub(crate) async fn start_runs(&mut self) -> Result<(), Error> {
        let owner = self.proof()?;
        let room = self.options.runs_owned.saturating_sub(self.runs.len()).min(self.options.runs_started_per_turn);
        let limit = u32::try_from(room).unwrap_or(u32::MAX);
        if limit == 0 {
            return Ok(());
        }
        let patience = if std::mem::take(&mut self.todo.leftovers) { LEFTOVERS } else { NEVER };
        let owned = self.store.run(OwnRuns { owner, limit, leave_to_others: Some(patience) }).await?.ok_or(Error::Fenced)?;
        let running = owned.iter().filter(|run| run.state == tradewind_core::state::RunState::Running).map(|run| run.run_pk);
        self.todo.adopted.extend(running.clone());
        self.todo.reload.extend(running);
        if !owned.is_empty() {
            self.look_for_leftovers();
        }
        let started = self.store.run(StartRuns { owner, limit }).await?.ok_or(Error::Fenced)?;
        for run in &started {
            let (dag_id, run_id) = (run.dag_id.to_string(), run.run_id.to_string());
            self.changes.send(Change::RunState { dag_id, run_id, state: "running".into() });
        }
        self.todo.start_runs |= started.len() == room || owned.len() == room;
        self.todo.reload.extend(started.iter().map(|run| run.run_pk));
        Ok(())
    }
}

impl Scheduler {
    /// Some runs may be left to others: looks once more when their time for them is over.
    pub(crate) fn look_for_leftovers(&mut self) {
        let now = self.store.now();
        self.leftovers_at.get_or_insert_with(|| now.checked_add(LEFTOVERS).unwrap_or(now));
    }
}

impl Following<'_> {
    fn restriction(&self) -> Restriction {
        let form = self.version.graph.form();
        Restriction { earliest: form.start_date, latest: form.end_date, catchup: form.catchup }
    }

    fn tick(&self, now: Timestamp) -> Result<Option<Tick>, tradewind_core::timetable::TimetableError> {
        self.timetable.next(self.last, self.restriction(), now)
    }

    /// Whether a class of the user's should be asked for more runs.
    fn runs_short(&self) -> bool {
        let ahead = self.timetable.custom().and_then(Custom::ahead);
        ahead.is_some_and(|ahead| !ahead.ended() && ahead.left(self.last).is_none_or(|left| left <= REFILL))
    }

    fn go_on(&mut self, schedule_seq: i64, made: Option<Tick>) {
        self.schedule_seq = schedule_seq;
        self.last = made.map(|tick| tick.interval).or(self.last);
    }

    /// The transaction for a tick that is due, or that moves the schedule to one that is not.
    fn step(
        &self,
        owner: tradewind_store::step::Owner,
        due: Option<Tick>,
        tick: Option<Tick>,
        now: Timestamp,
    ) -> Result<CreateScheduledRun, tradewind_core::timetable::TimetableError> {
        let next = match due {
            Some(due) => match self.timetable.next(Some(due.interval), self.restriction(), now) {
                // The turn, or this process, may end before it is asked.
                Err(TimetableError::NotAsked { .. }) => NextRun { unknown: true, ..NextRun::default() },
                after => after?.map(columns).unwrap_or_default(),
            },
            None => tick.map(columns).unwrap_or_default(),
        };
        let limit = self.timetable.active_runs_limit().unwrap_or(u32::MAX);
        Ok(CreateScheduledRun {
            owner,
            dag_id: self.dag.dag_id.clone(),
            schedule_seq: self.schedule_seq,
            run: due.map(|due| new_run(due, self.timetable.custom().and_then(Custom::ahead).and_then(|ahead| ahead.run_id(&due)))),
            next,
            max_open: due.map(|_| self.version.graph.form().max_active_runs.min(limit)),
        })
    }
}

/// The timetable of a version with what its class said ahead, if it is a class of the user's. What it answered is of no use when it failed.
fn known(version: &Version, dag: &DueDag) -> Timetable {
    let ahead = match dag.ahead.as_deref().map(serde_json::from_str::<Answer>) {
        Some(Ok(Answer::Runs(ahead))) => Some(ahead),
        _ => None,
    };
    version.timetable.clone().with_ahead(ahead)
}

fn new_run(tick: Tick, named: Option<&str>) -> NewRun {
    NewRun {
        run_id: named.map_or_else(|| run_id(RunType::Scheduled, tick.run_after, None), str::to_owned),
        run_type: RunType::Scheduled.as_str().to_owned(),
        logical_date: Some(tick.logical_date),
        data_interval_start: Some(tick.interval.start),
        data_interval_end: Some(tick.interval.end),
        run_after: tick.run_after,
        conf: "{}".to_owned(),
        triggered_by: "timetable".to_owned(),
        triggering_user_name: None,
        note: None,
    }
}

/// The `next_*` columns of a DAG.
fn columns(tick: Tick) -> NextRun {
    NextRun {
        logical_date: Some(tick.logical_date),
        interval_start: Some(tick.interval.start),
        interval_end: Some(tick.interval.end),
        run_after: Some(tick.run_after),
        unknown: false,
    }
}
