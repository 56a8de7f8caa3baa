//! Effective priority weights: what the queue orders by.

use serde::{Deserialize, Serialize};

/// Which tasks add their weight to a task's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightRule {
    /// All distinct descendants.
    #[default]
    Downstream,
    /// All distinct ancestors.
    Upstream,
    /// None.
    Absolute,
}

/// Targets followed in one pass over the graph; one bit each.
const BLOCK: usize = 64;

/// The effective weight of each task, in the order given. `downstream[i]` holds the indexes of the tasks right after task `i`,
/// `weights[i]` its own weight and rule. The cost is (tasks / 64) passes over the edges.
///
/// Tasks on a cycle have no order; the parser refuses such DAGs, and here they count only their own weight.
pub fn effective(weights: &[(i64, WeightRule)], downstream: &[Vec<usize>]) -> Vec<i32> {
    let order = topological(downstream);
    let down = sums(weights, downstream, WeightRule::Downstream, order.iter().rev());
    let upstream = reversed(downstream);
    let up = sums(weights, &upstream, WeightRule::Upstream, order.iter());
    weights.iter().enumerate().map(|(task, (own, _))| clamp(own.saturating_add(down[task]).saturating_add(up[task]))).collect()
}

fn clamp(weight: i64) -> i32 {
    weight.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// For each task with `rule`: the weights of all tasks that `next` leads to. `order` has the ends of `next` first.
fn sums<'a>(
    weights: &[(i64, WeightRule)],
    next: &[Vec<usize>],
    rule: WeightRule,
    order: impl Iterator<Item = &'a usize> + Clone,
) -> Vec<i64> {
    let mut sums = vec![0i64; weights.len()];
    if weights.iter().all(|(_, own_rule)| *own_rule != rule) {
        return sums;
    }
    let mut reach = vec![0u64; weights.len()];
    for (block, targets) in weights.chunks(BLOCK).enumerate() {
        let first = block * BLOCK;
        reach.fill(0);
        for &task in order.clone() {
            let bits = next[task].iter().fold(0, |bits, &n| {
                let own = if (first..first + BLOCK).contains(&n) { 1 << (n - first) } else { 0 };
                bits | reach[n] | own
            });
            reach[task] = bits;
            if weights[task].1 == rule {
                sums[task] = sums[task].saturating_add(total(bits, targets));
            }
        }
    }
    sums
}

fn total(bits: u64, targets: &[(i64, WeightRule)]) -> i64 {
    let mut rest = bits;
    let mut sum = 0i64;
    while rest != 0 {
        sum = sum.saturating_add(targets[rest.trailing_zeros() as usize].0);
        rest &= rest - 1;
    }
    sum
}

fn reversed(next: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut back = vec![Vec::new(); next.len()];
    for (task, after) in next.iter().enumerate() {
        for &n in after {
            back[n].push(task);
        }
    }
    back
}

/// Tasks before the tasks they lead to.
fn topological(downstream: &[Vec<usize>]) -> Vec<usize> {
    let mut waiting = vec![0usize; downstream.len()];
    for &n in downstream.iter().flatten() {
        waiting[n] += 1;
    }
    let mut order: Vec<usize> = (0..downstream.len()).filter(|&task| waiting[task] == 0).collect();
    let mut at = 0;
    while let Some(&task) = order.get(at) {
        at += 1;
        for &n in &downstream[task] {
            waiting[n] -= 1;
            if waiting[n] == 0 {
                order.push(n);
            }
        }
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wide_graph_counts_each_descendant_once() {
        // One root, 200 middles, one end that every middle leads to.
        let mut downstream: Vec<Vec<usize>> = vec![(1..=200).collect()];
        downstream.extend((1..=200).map(|_| vec![201]));
        downstream.push(Vec::new());
        let weights = vec![(1, WeightRule::Downstream); 202];
        let total = effective(&weights, &downstream);
        assert_eq!((total[0], total[1], total[201]), (202, 2, 1));
    }

    #[test]
    fn sums_are_clamped_to_32_bits() {
        let weights = vec![(i64::from(i32::MAX), WeightRule::Upstream); 3];
        assert_eq!(effective(&weights, &[vec![1], vec![2], vec![]]), [i32::MAX; 3]);
        let weights = vec![(i64::from(i32::MIN), WeightRule::Downstream); 2];
        assert_eq!(effective(&weights, &[vec![1], vec![]]), [i32::MIN; 2]);
    }
}
