//! The name that was probably meant.

/// Longer names are not compared: the cost grows with the square.
const LONGEST: usize = 100;

/// The candidate that `name` was probably meant to be: the one with fewest
/// letters inserted, left out, replaced or swapped (Damerau 1964), if that is
/// at most two fifths of the longer name. Case and `_` against `-` do not
/// count. On a tie the first.
pub(super) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let length = name.chars().count();
    if length > LONGEST {
        return None;
    }
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let name = plain(name);
    candidates
        .into_iter()
        .filter(|candidate| candidate.chars().count() <= LONGEST)
        .map(|candidate| {
            (
                strsim::damerau_levenshtein(&name, &plain(candidate)),
                candidate,
            )
        })
        .filter(|(distance, candidate)| {
            *distance <= (length.max(candidate.chars().count()) * 2 / 5).max(1)
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
        .filter(|candidate| !candidate.is_empty())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn typos_are_seen_through() {
        let names = ["alpha", "alert-at", "block-at"];
        assert_eq!(nearest("alfa", names), Some("alpha"));
        assert_eq!(nearest("aplha", names), Some("alpha"));
        assert_eq!(nearest("Alert_At", names), Some("alert-at"));
        assert_eq!(nearest("blockat", names), Some("block-at"));
        assert_eq!(nearest("temperature", names), None);
        assert_eq!(nearest("", names), None);
        assert_eq!(nearest(&"a".repeat(10_000), names), None);
    }
}
