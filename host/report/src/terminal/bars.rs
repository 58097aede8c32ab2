//! Bars: a share of one as blocks, along a line or as one column of a chart.

/// Signs of one column by height, empty first. ASCII signs get denser; `#` is
/// not among them, because two in a row are a command to some CI runners.
const RISING: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const RISING_ASCII: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '%', '@'];
/// Eighths of a block along a line.
const LYING: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/// One column for `share` of the highest: zero is empty, and whatever is more
/// than zero is seen.
pub(crate) fn rising(share: f64, unicode: bool) -> char {
    let signs = if unicode { RISING } else { RISING_ASCII };
    let height = match share {
        share if share > 0.0 => ((share * 8.0).round() as usize).clamp(1, 8),
        _ => 0,
    };
    signs.get(height).copied().unwrap_or(' ')
}

/// A bar of `columns` with `share` of it filled; the rest is left out.
pub(super) fn lying(share: f64, columns: usize, unicode: bool) -> String {
    let share = if share.is_nan() {
        0.0
    } else {
        share.clamp(0.0, 1.0)
    };
    if !unicode {
        let full = (share * columns as f64).round() as usize;
        return "=".repeat(full.max(usize::from(share > 0.0)));
    }
    let eighths = (share * columns as f64 * 8.0).round() as usize;
    let eighths = eighths.max(usize::from(share > 0.0));
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.extend(LYING.get(eighths % 8));
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_seen() {
        let column = |share| rising(share, true);
        assert_eq!(
            [0.0, 1e-9, 0.5, 1.0, 7.0, f64::NAN, -1.0].map(column),
            [' ', '▁', '▄', '█', '█', ' ', ' ']
        );
        assert_eq!(lying(0.5, 10, true), "█████");
        assert_eq!(lying(0.51, 10, true), "█████▏");
        assert_eq!(lying(1e-9, 10, true), "▏");
        assert_eq!(lying(0.0, 10, true), "");
        assert_eq!(lying(f64::NAN, 10, true), "");
        assert_eq!(lying(7.0, 10, false), "==========");
    }
}
