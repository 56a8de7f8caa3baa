//! Many schedulers and workers on one database, simulated: messages are lost, delayed and reordered, processes crash, stand still and are cut
//! off, the database goes away and its clock jumps. The invariants are looked at in every step, and in the end all work must be done.
//!
//! What is simulated are the rules of `core::lease` and `core::protocol`, by which the real processes and the steps of the database act.
//! A seed is a whole course of events: `PROTOCOL_SEED=17 cargo test -p tradewind-core --test protocol one_seed` shows one again, with a trace.

mod database;
mod scheduler;
mod worker;
mod world;

use world::World;

/// Microseconds.
pub const SECOND: i64 = 1_000_000;

/// Seeds of each test, `PROTOCOL_SEEDS` for more.
fn seeds() -> u64 {
    std::env::var("PROTOCOL_SEEDS").ok().and_then(|text| text.parse().ok()).unwrap_or(500)
}

fn all(from: u64) {
    let mut faults = 0;
    let mut starts = 0;
    for seed in from..from + seeds() {
        let mut world = World::new(seed, false);
        if let Err(broken) = world.run() {
            panic!("seed {seed}: {broken}; see it again with PROTOCOL_SEED={seed}");
        }
        faults += world.faults;
        starts += world.starts_among_faults;
    }
    assert!(faults > 10 * seeds() && starts > 3 * seeds(), "{faults} faults and {starts} starts among them prove nothing");
}

// As many tests as there are likely to be cores.
#[test]
fn no_course_of_faults_breaks_an_invariant_1() {
    all(0);
}

#[test]
fn no_course_of_faults_breaks_an_invariant_2() {
    all(1_000_000);
}

#[test]
fn no_course_of_faults_breaks_an_invariant_3() {
    all(2_000_000);
}

#[test]
fn no_course_of_faults_breaks_an_invariant_4() {
    all(3_000_000);
}

#[test]
fn one_seed() {
    let Some(seed) = std::env::var("PROTOCOL_SEED").ok().and_then(|text| text.parse().ok()) else { return };
    let mut world = World::new(seed, true);
    let outcome = world.run();
    assert_eq!(outcome, Ok(()));
}

#[test]
fn a_seed_replays() {
    let trace = |seed| {
        let mut world = World::new(seed, false);
        world.run().unwrap();
        (world.now, world.faults, world.database.attempts.len(), world.ledger.starts.clone())
    };
    assert_eq!(trace(42), trace(42));
    assert_ne!(trace(42), trace(43));
}
