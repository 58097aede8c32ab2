//! Numbers and conditions in words.

/// Four significant digits.
pub(crate) fn short(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 12);
    let text = format!("{value:.*}", digits as usize);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// With its sign.
pub(crate) fn signed(value: f64) -> String {
    let sign = if value < 0.0 { "" } else { "+" };
    format!("{sign}{}", short(value))
}

/// Whole percent, more digits for small ones.
pub(crate) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent.abs() >= 9.95 || percent == 0.0 {
        format!("{percent:.0} %")
    } else {
        format!("{percent:.1} %")
    }
}

/// A set of bins between edges: `2 <= x < 5`, with `or no value`.
pub(crate) fn numbers(name: &str, edges: &[f64], set: u64) -> String {
    let missing = edges.len() + 1;
    let holds = |bin: usize| set >> bin & 1 == 1;
    let mut runs = vec![];
    let mut bin = 0;
    while bin < missing {
        if holds(bin) {
            let start = bin;
            while bin + 1 < missing && holds(bin + 1) {
                bin += 1;
            }
            runs.push((start, bin));
        }
        bin += 1;
    }
    let between = |(first, last): &(usize, usize)| {
        let low = first.checked_sub(1).and_then(|at| edges.get(at));
        match (low, edges.get(*last)) {
            (None, None) => format!("`{name}` has a value"),
            (Some(low), None) => format!("`{name}` >= {}", short(*low)),
            (None, Some(high)) => format!("`{name}` < {}", short(*high)),
            (Some(low), Some(high)) => format!("{} <= `{name}` < {}", short(*low), short(*high)),
        }
    };
    let mut parts: Vec<String> = runs.iter().map(between).collect();
    if holds(missing) && parts.is_empty() {
        parts.push(format!("`{name}` has no value"));
    }
    match parts.as_slice() {
        [_, _, ..] => format!("({})", parts.join(" or ")),
        _ => parts.concat(),
    }
}

/// A set of values: `c` is a, b; or all but some.
pub(crate) fn values(name: &str, known: &[String], set: u64, most: usize) -> String {
    let shown = |value: &String| -> String {
        let cut: String = value.chars().take(most).collect();
        if cut == *value { cut } else { cut + "..." }
    };
    let pick = |wanted: bool| -> Vec<String> {
        let named = known.iter().enumerate();
        named
            .filter(|(bin, _)| (set >> bin & 1 == 1) == wanted)
            .map(|(_, value)| shown(value))
            .collect()
    };
    let (inside, outside) = (pick(true), pick(false));
    let list = |values: &[String]| match values {
        [first, second, third, _, ..] => {
            format!("{first}, {second}, {third} and {} more", values.len() - 3)
        }
        _ => values.join(", "),
    };
    let others = set >> known.len() & 1 == 1;
    match (others && inside.len() >= outside.len(), inside.is_empty()) {
        (true, _) if outside.is_empty() => format!("`{name}` is anything"),
        (true, _) => format!("`{name}` is not {}", list(&outside)),
        (false, false) => format!("`{name}` is {}", list(&inside)),
        (false, true) if others => format!("`{name}` is rare or new"),
        (false, true) => format!("`{name}` has no value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let edges = [1.0, 2.5, 4.0];
        for (set, expected) in [
            (0b0_0001, "`x` < 1"),
            (0b0_1000, "`x` >= 4"),
            (0b0_0110, "1 <= `x` < 4"),
            (0b1_0010, "1 <= `x` < 2.5"),
            (0b0_1001, "(`x` < 1 or `x` >= 4)"),
            (0b1_0000, "`x` has no value"),
            (0b0_1111, "`x` has a value"),
        ] {
            assert_eq!(numbers("x", &edges, set), expected);
        }
        let known = ["a", "b", "c", "d", "e"].map(str::to_owned);
        for (set, expected) in [
            (0b000_0011, "`c` is a, b"),
            (0b000_1111, "`c` is a, b, c and 1 more"),
            (0b111_1110, "`c` is not a"),
            (0b010_0000, "`c` is rare or new"),
            (0b100_0000, "`c` has no value"),
            (0b011_1111, "`c` is anything"),
        ] {
            assert_eq!(values("c", &known, set, 10), expected);
        }
    }

    #[test]
    fn numbers_in_words() {
        assert_eq!(short(0.12345), "0.1235");
        assert_eq!(short(1234567.0), "1234567");
        assert_eq!(short(-2.0), "-2");
        assert_eq!(signed(0.5), "+0.5");
        assert_eq!(percent(0.5), "50 %");
        assert_eq!(percent(-0.0151), "-1.5 %");
    }
}
