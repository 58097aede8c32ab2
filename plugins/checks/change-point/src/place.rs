//! Where in the current data something began, and in which words.

use driftguard_distribution::instant::iso;

use crate::series::Series;

/// The rows that are unlike the reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Odd {
    /// From this block on.
    Since(usize),
    /// Before this block.
    Until(usize),
    /// From the first block to before the second.
    Between(usize, usize),
    /// The others.
    Outside(usize, usize),
}

impl Odd {
    /// The spell, or what is not of it.
    pub(crate) fn of((from, to): (usize, usize), blocks: usize, spell: bool) -> Self {
        match (to >= blocks, from == 0, spell) {
            (true, _, true) => Self::Since(from),
            (true, _, false) => Self::Until(from),
            (false, true, true) => Self::Until(to),
            (false, true, false) => Self::Since(to),
            (false, false, true) => Self::Between(from, to),
            (false, false, false) => Self::Outside(from, to),
        }
    }

    /// Whether a block is of the odd rows.
    pub(crate) fn holds(self, block: usize) -> bool {
        match self {
            Self::Since(from) => block >= from,
            Self::Until(to) => block < to,
            Self::Between(from, to) => (from..to).contains(&block),
            Self::Outside(from, to) => !(from..to).contains(&block),
        }
    }

    /// "from row 12032 on (2013-03-14T07:00Z)", and how to call the others.
    pub(crate) fn words(self, series: &Series<'_>) -> (String, &'static str) {
        let row = |block: usize| match series.first.get(block) {
            Some(first) => first + 1,
            None => series.first.last().map_or(0, |last| last + series.width),
        };
        let at = |block: usize| match series.times.get(block).copied().flatten() {
            Some((first, _)) => format!("row {} ({})", row(block), iso(first)),
            None => format!("row {}", row(block)),
        };
        match self {
            Self::Since(from) => (format!("from {} on", at(from)), "before"),
            Self::Until(to) => (format!("before {}", at(to)), "since"),
            Self::Between(from, to) => (
                format!("from {} to before {}", at(from), at(to)),
                "in the others",
            ),
            Self::Outside(from, to) => (
                format!("before {} and from {} on", at(from), at(to)),
                "between",
            ),
        }
    }

    /// The first block of the odd rows that follows others; the first block of
    /// the others where there is none.
    pub(crate) fn boundary(self) -> usize {
        match self {
            Self::Since(block) | Self::Until(block) | Self::Between(block, _) => block,
            Self::Outside(_, block) => block,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spells_and_what_is_not_of_them() {
        for (found, odd) in [
            (Odd::of((3, 8), 8, true), Odd::Since(3)),
            (Odd::of((3, 8), 8, false), Odd::Until(3)),
            (Odd::of((0, 3), 8, true), Odd::Until(3)),
            (Odd::of((0, 3), 8, false), Odd::Since(3)),
            (Odd::of((2, 4), 8, true), Odd::Between(2, 4)),
            (Odd::of((2, 4), 8, false), Odd::Outside(2, 4)),
        ] {
            assert_eq!(found, odd);
        }
        assert!(Odd::Outside(2, 4).holds(4) && !Odd::Outside(2, 4).holds(3));
        assert!(Odd::Until(2).holds(1) && !Odd::Until(2).holds(2));
    }
}
