//! The failover controller: sees to it that one scheduler runs on one of several nodes.
//!
//! It is for those who want one scheduler at a time and bring the habits and the `[scheduler_failover]` section of the controller for Airflow 1.x.
//! It looks at leases, never at lists of processes: a scheduler runs when its lease does and its loop does its work. What it does is commands: a start
//! command on a node that shall have the scheduler, a stop command on one that shall not.
//!
//! *Authority:* its own lease (`FailoverControllerJob`); of several controllers one acts, the others wait. *Clock:* the database's. *Failure:* of a command,
//! the next node is tried; of all nodes, people are told by mail after some rounds. A controller that loses its lease stops what it does.

mod command;
mod controller;
mod decide;
mod node;
mod notice;
mod seat;

pub use command::{Ran, Runner};
pub use controller::{Controller, ControllerOptions, schedulers};
pub use decide::{Decision, Scheduler, View, decide};
pub use node::Node;
pub use notice::Mailer;
