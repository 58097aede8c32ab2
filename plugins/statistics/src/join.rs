//! Two lists in rising order of a key, side by side.

use std::cmp::Ordering;
use std::iter::from_fn;

/// What both lists hold of each key, in order of key. A key stands at most once
/// in a list.
pub(crate) fn joined<L, R>(
    left: impl Iterator<Item = L>,
    right: impl Iterator<Item = R>,
    order: impl Fn(&L, &R) -> Ordering,
) -> impl Iterator<Item = (Option<L>, Option<R>)> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    from_fn(move || {
        let order = match (left.peek(), right.peek()) {
            (Some(left), Some(right)) => order(left, right),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return None,
        };
        let here = if order.is_le() { left.next() } else { None };
        let there = if order.is_ge() { right.next() } else { None };
        Some((here, there))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_once_in_order() {
        let both = joined([1, 3, 4].into_iter(), [2, 3].into_iter(), |a, b| a.cmp(b));
        assert_eq!(
            both.collect::<Vec<_>>(),
            [
                (Some(1), None),
                (None, Some(2)),
                (Some(3), Some(3)),
                (Some(4), None)
            ]
        );
        let none = joined([0; 0].into_iter(), [0; 0].into_iter(), |a, b| a.cmp(b));
        assert_eq!(none.count(), 0);
    }
}
