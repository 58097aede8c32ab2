//! The one 64-bit hash of the kernels. Fixed, so that a profile written today
//! can be merged with one written next year.

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;

/// Scrambles a 64-bit value: the finaliser of SplitMix64 (Steele, Lea, Flood,
/// "Fast splittable pseudorandom number generators", 2014). A bijection.
#[inline]
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(MULTIPLIER);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Hash of a text, eight bytes at a time.
pub(crate) fn text_hash(text: &[u8]) -> u64 {
    let mut state = mix(text.len() as u64);
    let (words, tail) = text.as_chunks::<8>();
    for word in words {
        state = (state ^ u64::from_le_bytes(*word))
            .wrapping_mul(MULTIPLIER)
            .rotate_left(29);
    }
    let mut last = [0_u8; 8];
    last[..tail.len()].copy_from_slice(tail);
    mix(state ^ u64::from_le_bytes(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_and_lengths_differ() {
        let texts: [&[u8]; 6] = [b"", b"\0", b"\0\0", b"abcdefgh", b"abcdefgi", b"abcdefgh\0"];
        for (i, left) in texts.iter().enumerate() {
            for right in &texts[i + 1..] {
                assert_ne!(text_hash(left), text_hash(right));
            }
        }
    }

    #[test]
    fn the_hash_is_frozen() {
        // Profiles on disk hold these numbers: they must never change.
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(1), 0x910a_2dec_8902_5cc1);
    }
}
