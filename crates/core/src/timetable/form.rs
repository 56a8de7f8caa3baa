//! Timetables as the JSON form writes them (`docs/reference/dag-form.md`, "Timetables").

use super::by_cron::parse;
use super::{
    CronInterval, CronTrigger, Custom, Delta, DeltaInterval, DeltaTrigger, Events, MultipleCrons, RunImmediately, Schedule, Timetable,
    TimetableError, Zone,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The object with its keys. Keys that are absent or `null` take their defaults.
#[derive(Serialize, Deserialize)]
struct Form {
    #[serde(flatten)]
    kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Kind {
    Null,
    Once,
    Continuous,
    CronTrigger {
        cron: String,
        #[serde(default)]
        timezone: Option<Zone>,
        #[serde(default)]
        interval: Option<Delta>,
        #[serde(default)]
        run_immediately: Option<Immediately>,
    },
    CronDataInterval {
        cron: String,
        #[serde(default)]
        timezone: Option<Zone>,
    },
    DeltaTrigger {
        delta: Delta,
        #[serde(default)]
        interval: Option<Delta>,
    },
    DeltaDataInterval {
        delta: Delta,
    },
    MultipleCronTrigger {
        crons: Vec<String>,
        #[serde(default)]
        timezone: Option<Zone>,
        #[serde(default)]
        interval: Option<Delta>,
        #[serde(default)]
        run_immediately: Option<Immediately>,
    },
    Events {
        events: Vec<Timestamp>,
        #[serde(default)]
        restrict_to_events: Option<bool>,
    },
    Asset {
        #[serde(default)]
        condition: serde_json::Value,
    },
    Custom {
        classpath: String,
        #[serde(default)]
        data: serde_json::Value,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        can_be_scheduled: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        periodic: Option<bool>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        active_runs_limit: Option<u32>,
    },
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
enum Immediately {
    Switch(bool),
    Seconds(f64),
}

impl From<Option<Immediately>> for RunImmediately {
    fn from(value: Option<Immediately>) -> RunImmediately {
        match value {
            None | Some(Immediately::Switch(false)) => RunImmediately::WhenRecent,
            Some(Immediately::Switch(true)) => RunImmediately::Always,
            Some(Immediately::Seconds(seconds)) => {
                RunImmediately::Within(SignedDuration::try_from_secs_f64(seconds).unwrap_or(SignedDuration::MAX))
            }
        }
    }
}

impl From<RunImmediately> for Option<Immediately> {
    fn from(value: RunImmediately) -> Option<Immediately> {
        match value {
            RunImmediately::WhenRecent => None,
            RunImmediately::Always => Some(Immediately::Switch(true)),
            RunImmediately::Within(recent) => Some(Immediately::Seconds(recent.as_secs_f64())),
        }
    }
}

fn trigger(
    cron: &str,
    zone: Option<Zone>,
    interval: Option<Delta>,
    immediately: Option<Immediately>,
) -> Result<CronTrigger, TimetableError> {
    let interval = interval.unwrap_or_default();
    interval.check_not_negative()?;
    Ok(CronTrigger { cron: parse(cron)?, zone: zone.unwrap_or_default(), interval, run_immediately: immediately.into() })
}

fn schedule(kind: Kind, description: Option<String>) -> Result<Schedule, TimetableError> {
    Ok(match kind {
        Kind::Null => Schedule::Null,
        Kind::Once => Schedule::Once,
        Kind::Continuous => Schedule::Continuous,
        Kind::CronTrigger { cron, timezone, interval, run_immediately } => {
            Schedule::CronTrigger(trigger(&cron, timezone, interval, run_immediately)?)
        }
        Kind::CronDataInterval { cron, timezone } => {
            Schedule::CronDataInterval(CronInterval { cron: parse(&cron)?, zone: timezone.unwrap_or_default() })
        }
        Kind::DeltaTrigger { delta, interval } => {
            let interval = interval.unwrap_or_default();
            delta.check_forward()?;
            interval.check_not_negative()?;
            Schedule::DeltaTrigger(DeltaTrigger { delta, interval })
        }
        Kind::DeltaDataInterval { delta } => {
            delta.check_forward()?;
            Schedule::DeltaDataInterval(DeltaInterval { delta })
        }
        Kind::MultipleCronTrigger { crons, timezone, interval, run_immediately } => {
            let one = |cron: &String| trigger(cron, timezone.clone(), interval.clone(), run_immediately);
            Schedule::MultipleCronTrigger(MultipleCrons::new(crons.iter().map(one).collect::<Result<_, _>>()?)?)
        }
        Kind::Events { events, restrict_to_events } => {
            Schedule::Events(Events::new(events, restrict_to_events.unwrap_or(false), description))
        }
        Kind::Asset { condition } => Schedule::Asset { condition },
        Kind::Custom { classpath, data, can_be_scheduled, periodic, active_runs_limit } => Schedule::Custom(Custom {
            can_be_scheduled: can_be_scheduled.unwrap_or(true),
            periodic: periodic.unwrap_or(true),
            active_runs_limit,
            ..Custom::new(classpath, data)
        }),
    })
}

fn kind(schedule: &Schedule) -> Kind {
    match schedule {
        Schedule::Null => Kind::Null,
        Schedule::Once => Kind::Once,
        Schedule::Continuous => Kind::Continuous,
        Schedule::CronTrigger(trigger) => Kind::CronTrigger {
            cron: trigger.cron.to_string(),
            timezone: Some(trigger.zone.clone()),
            interval: Some(trigger.interval.clone()),
            run_immediately: trigger.run_immediately.into(),
        },
        Schedule::CronDataInterval(cron) => Kind::CronDataInterval { cron: cron.cron.to_string(), timezone: Some(cron.zone.clone()) },
        Schedule::DeltaTrigger(trigger) => Kind::DeltaTrigger { delta: trigger.delta.clone(), interval: Some(trigger.interval.clone()) },
        Schedule::DeltaDataInterval(delta) => Kind::DeltaDataInterval { delta: delta.delta.clone() },
        Schedule::MultipleCronTrigger(crons) => {
            let first = &crons.triggers()[0];
            Kind::MultipleCronTrigger {
                crons: crons.triggers().iter().map(|trigger| trigger.cron.to_string()).collect(),
                timezone: Some(first.zone.clone()),
                interval: Some(first.interval.clone()),
                run_immediately: first.run_immediately.into(),
            }
        }
        Schedule::Events(events) => Kind::Events { events: events.times().to_vec(), restrict_to_events: Some(events.restrict_to_events()) },
        Schedule::Asset { condition } => Kind::Asset { condition: condition.clone() },
        Schedule::Custom(custom) => Kind::Custom {
            classpath: custom.classpath.clone(),
            data: custom.data.clone(),
            can_be_scheduled: (!custom.can_be_scheduled).then_some(false),
            periodic: (!custom.periodic).then_some(false),
            active_runs_limit: custom.active_runs_limit,
        },
    }
}

impl<'de> Deserialize<'de> for Timetable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timetable, D::Error> {
        let form = Form::deserialize(deserializer)?;
        let schedule = schedule(form.kind, form.description.clone()).map_err(serde::de::Error::custom)?;
        Ok(Timetable { schedule, summary: form.summary, description: form.description })
    }
}

impl Serialize for Timetable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let given = match &self.schedule {
            Schedule::Events(events) => events.given_description().map(str::to_owned),
            _ => None,
        };
        Form { kind: kind(&self.schedule), summary: self.summary.clone(), description: self.description.clone().or(given) }
            .serialize(serializer)
    }
}
