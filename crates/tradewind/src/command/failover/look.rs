//! Looks: who is active, what can be reached.

use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tradewind_failover::{Decision, Scheduler, View, decide, schedulers};
use tradewind_store::Store;
use tradewind_store::step::{CONTROLLER_SEAT, SeatJobs, VacateSeat};
use tradewind_store::table::job::Job;

use super::{nodes, runner};
use crate::context::{Context, audit};
use crate::output::{Cell, OutputArgs, Rows};

/// How long a controller that died is shown.
const LOST_WITHIN: SignedDuration = SignedDuration::from_mins(10);

fn code(well: bool) -> ExitCode {
    if well { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A row for each process; the one that works first.
pub async fn status(cx: &Context, output: OutputArgs) -> anyhow::Result<ExitCode> {
    let store = cx.store().await?;
    let (now, seen) = schedulers(&store, cx.settings.health.scheduler_threshold).await?;
    let (_, controllers) = store.run(SeatJobs { seat: CONTROLLER_SEAT, lost_within: LOST_WITHIN }).await?;
    let mut rows =
        Rows::new(["process", "role", "hostname", "pid", "job", "term", "latest_heartbeat", "age_seconds", "lease_left", "runs"]);
    let mut shown: Vec<(&'static str, &Job)> = seen.iter().map(|(one, job)| (role(one), job)).collect();
    shown.sort_by_key(|(role, _)| ["active", "standby", "stuck", "lost", "ended"].iter().position(|known| known == role));
    for (role, job) in shown {
        rows.push(cells("scheduler", role, job, now));
    }
    for job in &controllers {
        let role = match (job.is_alive(now), job.job_type == CONTROLLER_SEAT.waiting) {
            (true, false) => "active",
            (true, true) => "standby",
            (false, _) if job.state == "success" => "ended",
            (false, _) => "lost",
        };
        rows.push(cells("controller", role, job, now));
    }
    output.print(&rows)?;
    Ok(code(seen.iter().any(|(one, _)| one.well && !one.standby)))
}

fn role(scheduler: &Scheduler) -> &'static str {
    match scheduler {
        Scheduler { ended: true, .. } => "ended",
        Scheduler { alive: false, .. } => "lost",
        Scheduler { well: false, .. } => "stuck",
        Scheduler { standby: true, .. } => "standby",
        _ => "active",
    }
}

fn cells(process: &str, role: &str, job: &Job, now: Timestamp) -> Vec<Cell> {
    let seconds = |duration: SignedDuration| Cell::from(format!("{:.1}", duration.as_secs_f64()));
    let said: Value = job.stats.as_deref().and_then(|stats| serde_json::from_str(stats).ok()).unwrap_or_default();
    vec![
        process.into(),
        role.into(),
        job.hostname.clone().into(),
        job.pid.into(),
        job.id.into(),
        job.term.into(),
        job.latest_heartbeat.to_string().into(),
        seconds(now.duration_since(job.latest_heartbeat)),
        seconds(job.lease_until.duration_since(now).max(SignedDuration::ZERO)),
        said["runs"].as_i64().into(),
    ]
}

/// Runs `echo` on every node.
pub async fn test_connection(cx: &Context) -> anyhow::Result<ExitCode> {
    let (runner, mut well) = (runner(cx), true);
    for node in nodes(cx)? {
        let ran = runner.run(&node, "echo Connection succeeded", &[]).await;
        well &= ran.success;
        println!("{}: {}", node.name, if ran.success { "connection succeeded".to_owned() } else { format!("FAILED: {}", ran.said) });
    }
    Ok(code(well))
}

/// By leases: nobody is asked.
pub async fn is_scheduler_running(cx: &Context) -> anyhow::Result<ExitCode> {
    let store = cx.store().await?;
    let (_, seen) = schedulers(&store, cx.settings.health.scheduler_threshold).await?;
    let (here, mut any) = (cx.hostname(), false);
    for node in nodes(cx)? {
        let runs = seen.iter().any(|(one, _)| one.well && !one.standby && node.is_of(&one.hostname, &here));
        any |= runs;
        println!("{}: {}", node.name, if runs { "True" } else { "False" });
    }
    Ok(code(any))
}

/// The names are those of the controller of Airflow 1.x.
pub async fn metadata(cx: &Context) -> anyhow::Result<ExitCode> {
    let store = cx.store().await?;
    let (now, controllers) = store.run(SeatJobs { seat: CONTROLLER_SEAT, lost_within: LOST_WITHIN }).await?;
    let acting = controllers.iter().find(|job| job.is_alive(now) && job.job_type == CONTROLLER_SEAT.active);
    let text = |value: Option<String>| value.unwrap_or_else(|| "None".to_owned());
    println!("active_failover_node: {}", text(acting.map(|job| job.hostname.clone())));
    println!("active_scheduler_node: {}", text(active_node(cx, &store).await?));
    println!("last_failover_heartbeat: {}", text(acting.map(|job| job.latest_heartbeat.to_string())));
    println!("current_timestamp: {now}");
    Ok(ExitCode::SUCCESS)
}

/// The node of the scheduler that works, or the name of its machine when that is not in the list.
async fn active_node(cx: &Context, store: &Store) -> anyhow::Result<Option<String>> {
    let (_, seen) = schedulers(store, cx.settings.health.scheduler_threshold).await?;
    let all: Vec<Scheduler> = seen.into_iter().map(|(one, _)| one).collect();
    let (nodes, here) = (nodes(cx)?, cx.hostname());
    Ok(match decide(&View { nodes: &nodes, here: &here, schedulers: &all, active: None }) {
        Decision::Fine { node } | Decision::StopExtra { keep: node, .. } => Some(nodes[node].name.clone()),
        Decision::Elsewhere { hostname } => Some(hostname),
        Decision::Wait | Decision::Start { .. } => None,
    })
}

/// Schedulers keep their leases.
pub async fn clear_metadata(cx: &Context) -> anyhow::Result<ExitCode> {
    let store = cx.store().await?;
    let count = store.run(VacateSeat(CONTROLLER_SEAT)).await?;
    audit(&store, "cli_failover_clear_metadata", serde_json::json!({ "leases": count })).await?;
    println!("{count} leases of controllers were ended.");
    Ok(ExitCode::SUCCESS)
}
