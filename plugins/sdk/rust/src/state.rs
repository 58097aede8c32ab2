//! Frames and profiles as bytes.
//!
//! An envelope (magic, the check's id, its state format) stands before the
//! postcard body, so that bytes of another check or of another version are
//! refused with a reason and never half understood.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Error;

const MAGIC: [u8; 4] = *b"DGS1";

/// Bytes of a frame or profile.
///
/// # Errors
/// [`Error::Internal`] if the value cannot be written.
pub fn encode<T: Serialize>(id: &str, format: u32, value: &T) -> Result<Vec<u8>, Error> {
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&format.to_le_bytes());
    bytes.extend_from_slice(&(id.len() as u32).to_le_bytes());
    bytes.extend_from_slice(id.as_bytes());
    let body = postcard::to_allocvec(value).map_err(|error| {
        Error::Internal(format!("a state of `{id}` cannot be written: {error}"))
    })?;
    bytes.extend_from_slice(&body);
    Ok(bytes)
}

/// The value that [`encode`] wrote.
///
/// # Errors
/// [`Error::State`] for bytes of another check, another format, bytes that are
/// cut short, and bytes left over.
pub fn decode<T: DeserializeOwned>(id: &str, format: u32, bytes: &[u8]) -> Result<T, Error> {
    let refuse = |why: String| Error::State(format!("not a state of `{id}`: {why}"));
    let rest = bytes
        .strip_prefix(&MAGIC)
        .ok_or_else(|| refuse("it does not begin with DGS1".into()))?;
    let (written, rest) = take_u32(rest).ok_or_else(|| refuse("it ends in the header".into()))?;
    let (length, rest) = take_u32(rest).ok_or_else(|| refuse("it ends in the header".into()))?;
    let (owner, body) = rest
        .split_at_checked(length as usize)
        .ok_or_else(|| refuse("it ends in the header".into()))?;
    if owner != id.as_bytes() {
        return Err(refuse(format!(
            "it was written by `{}`",
            String::from_utf8_lossy(owner)
        )));
    }
    if written != format {
        return Err(refuse(format!(
            "it has state format {written}, this plugin reads {format}"
        )));
    }
    let (value, left) = postcard::take_from_bytes(body)
        .map_err(|error| refuse(format!("its body is damaged: {error}")))?;
    if !left.is_empty() {
        return Err(refuse(format!("{} bytes are left over", left.len())));
    }
    Ok(value)
}

fn take_u32(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*head), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_and_refusals() {
        let bytes = encode("ks", 1, &vec![1_u64, 2, 3]).unwrap();
        assert_eq!(decode::<Vec<u64>>("ks", 1, &bytes).unwrap(), [1, 2, 3]);
        for (id, format, damaged) in [
            ("psi", 1, bytes.clone()),
            ("ks", 2, bytes.clone()),
            ("ks", 1, bytes[..bytes.len() - 1].to_vec()),
            ("ks", 1, bytes[..6].to_vec()),
            ("ks", 1, [bytes.clone(), vec![0]].concat()),
            ("ks", 1, vec![]),
        ] {
            assert!(matches!(
                decode::<Vec<u64>>(id, format, &damaged),
                Err(Error::State(_))
            ));
        }
    }

    #[test]
    fn a_length_that_lies_is_refused_without_allocating_it() {
        let mut bytes = encode("ks", 1, &Vec::<u64>::new()).unwrap();
        bytes.pop();
        bytes.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0x0f]);
        assert!(decode::<Vec<u64>>("ks", 1, &bytes).is_err());
    }
}
