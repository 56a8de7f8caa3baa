//! Which values a map index of an expanded task gets.

/// The position of map index `index` in each of several lists that are expanded together: the last list turns fastest.
/// `None` when there are not that many combinations.
#[must_use]
pub fn select(lengths: &[u32], index: u32) -> Option<Vec<u32>> {
    let mut rest = index;
    let mut positions = vec![0; lengths.len()];
    for (position, &length) in positions.iter_mut().zip(lengths).rev() {
        if length == 0 {
            return None;
        }
        *position = rest % length;
        rest /= length;
    }
    (rest == 0).then_some(positions)
}

/// How many combinations there are; `u32::MAX` stands for more than that.
#[must_use]
pub fn count(lengths: &[u32]) -> u32 {
    lengths.iter().fold(1, |all, length| all.saturating_mul(*length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_list_turns_fastest() {
        let all: Vec<_> = (0..7).map(|i| select(&[3, 2], i)).collect();
        let pair = |a, b| Some(vec![a, b]);
        assert_eq!(all, [pair(0, 0), pair(0, 1), pair(1, 0), pair(1, 1), pair(2, 0), pair(2, 1), None]);
        assert_eq!(select(&[2, 0], 0), None);
        assert_eq!((count(&[3, 2]), count(&[]), count(&[4, 0])), (6, 1, 0));
    }
}
