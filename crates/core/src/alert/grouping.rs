//! A storm of alerts becomes a few single messages and digests.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::SignedDuration;

/// When alerts to the same recipients are held back for a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Single messages within the window; 0 is no limit, nothing is ever held.
    pub after: u32,
    /// Also how long an alert is held at most.
    pub window: SignedDuration,
}

/// Which of the new alerts, oldest first, are held back: those beyond the number of single messages that their group may get in the window.
/// `recent`: how many of the group the window has seen before, held ones too, so that a storm that goes on stays in digests until it is over.
#[must_use]
pub fn hold<G: Eq + Hash + Copy>(new: &[(i64, G)], recent: &HashMap<G, i64>, after: u32) -> Vec<i64> {
    if after == 0 {
        return Vec::new();
    }
    let mut seen = recent.clone();
    let mut held = Vec::new();
    for (id, group) in new {
        let count = seen.entry(*group).or_default();
        *count += 1;
        if *count > i64::from(after) {
            held.push(*id);
        }
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_ones_go_and_a_storm_is_held_back() {
        let storm: Vec<(i64, &str)> = (1..=500).map(|id| (id, "ops")).collect();
        assert_eq!(hold(&storm[..3], &HashMap::new(), 3), Vec::<i64>::new());
        assert_eq!(hold(&storm, &HashMap::new(), 3), (4..=500).collect::<Vec<i64>>());
        assert_eq!(hold(&storm[..2], &HashMap::from([("ops", 2)]), 3), [2]);
        assert_eq!(hold(&storm[..2], &HashMap::from([("ops", 900)]), 3), [1, 2]);
        assert_eq!(hold(&storm, &HashMap::new(), 0), Vec::<i64>::new());
    }

    #[test]
    fn groups_do_not_count_for_each_other() {
        let mixed = [(1, "a"), (2, "b"), (3, "a"), (4, "b")];
        assert_eq!(hold(&mixed, &HashMap::from([("b", 1)]), 2), [4]);
    }
}
