//! One file per protocol step. Each is one transaction of compare-and-set; stale is an outcome, not an error.
//!
//! *Lock order*, for databases with row locks: latches ([`crate::Latch`]), then `job`, then `dag`, then `dag_run` by id, then `pool` by name, then `task_instance` by key,
//! then `attempt`, then everything else. SQLite has one lock. Claims and reports know only the attempt: they read its key without a lock, begin at the top of
//! the order, and find out at the attempt whether it is still theirs.

mod admit;
mod apply_plan;
mod asset_events;
mod asset_run;
mod claim;
mod clear;
mod create_backfill;
mod create_run;
mod deadlines;
mod deferral;
mod due_dags;
mod gone;
mod late_runs;
mod lease;
mod limits;
mod load_run;
mod mark;
mod own;
mod pass_over;
mod reap;
mod record_assets;
mod record_parse;
mod report;
mod settle_alert;
mod situation;
mod start_runs;
mod take_alerts;
mod take_over;
mod why_held;

pub use admit::{Admission, Admit, Admitted, Candidate};
pub use apply_plan::{ApplyPlan, CreateTask, Kill, PlanOutcome, TaskTransition};
pub use asset_events::{CreateAssetEvent, Emitted, EventSource, NewAssetEvent, NewAssetEvents, Updated};
pub(crate) use asset_run::unqueue as unqueue_assets;
pub use asset_run::{AssetDue, AssetDues, AssetRunOutcome, CreateAssetRun, Queued, QueuedFor};
pub use claim::{Claim, ClaimOutcome, Claimed, Prefetch, Prefetched, Started};
pub use clear::{ClearTask, ClearTasks, Cleared};
pub use create_backfill::{BackfillDate, BackfillOutcome, CreateBackfill, Reprocess};
pub use create_run::{CreateScheduledRun, Existing, NewRun, NextRun, ScheduleOutcome, TriggerOutcome, TriggerRun};
pub use deadlines::{AverageDuration, DeadlineRun, Missed, RunsWithDeadlines, TellMissed};
pub(crate) use deferral::fire_wait;
pub use deferral::{ClaimDeferrals, DeferralsDue, DeferralsWait, ExpireDeferrals, FireDeferral, Fired, HeldDeferrals, SweepDeferrals};
pub use due_dags::{DueDag, DueDags, NextDue};
pub use gone::{EndGone, GoneJob, NamedProcesses};
pub use late_runs::{OpenRun, OpenRuns, OverdueDag, OverdueDags, UsualDuration};
pub use lease::{DeadJobs, EndJob, JobLease, LiveJobs, NewTerm, Owner, RenewLease, RenewWorker, Renewed, SoonestEnd, StartJob, UpTime};
pub(crate) use lease::{lease_end, prove};
pub use limits::HeldBack;
pub use load_run::{LoadRun, LoadedRun, PreviousTasks};
pub use mark::{MarkRun, MarkTask, MarkTasks, RunMarked};
pub use own::{Glance, Glanced, OwnRuns, Owned, ReleaseRuns};
pub use pass_over::{GetSchedule, PassOver, PassedOver, ScheduleState};
pub use reap::{Lost, ReapLost, Republish, Unclaimed};
pub use record_parse::{ForgetFiles, ParsedDag, ParsedFile, RecordParse, Recorded};
pub use report::{Report, ReportOutcome, Reported};
pub use settle_alert::{HandOver, NextAlert, PruneAlerts, ReleaseClaims, RenewClaims, RetryAlerts, SettleAlert, Settled, Settlement};
pub use situation::{GetQueueing, GetSituation, GetWait, Neighbours, Pulse, Queueing, Situation, Wait, WaitFor};
pub use start_runs::{StartRuns, StartedRun};
pub use take_alerts::{TakeAlerts, UNANSWERED};
pub use take_over::{CONTROLLER_SEAT, SCHEDULER_SEAT, Seat, SeatJobs, TakeOver, TakenOver, VacateSeat};
pub use why_held::{Held, HolderRow, WhyHeld};
