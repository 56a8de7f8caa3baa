//! Timetables, retries and weights, against the reference vectors and as properties.

mod cron;
mod custom;
mod form;
mod missed;
mod properties;
mod retry_and_weight;
mod timetable;
mod upcoming;
mod words;
