//! Hashes in one piece of bytes: of random 64 bits a list of varints is longer,
//! and reading it costs more than all else that is done with a sample. For
//! `#[serde(with = "crate::key_bytes")]`.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserializer, Serializer};

pub(crate) fn serialize<S: Serializer>(keys: &[u64], serializer: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = keys.iter().flat_map(|key| key.to_le_bytes()).collect();
    serializer.serialize_bytes(&bytes)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<u64>, D::Error> {
    struct Bytes;
    impl Visitor<'_> for Bytes {
        type Value = Vec<u64>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("keys of eight bytes each")
        }

        fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u64>, E> {
            let (keys, rest) = bytes.as_chunks::<8>();
            if !rest.is_empty() {
                return Err(E::custom("the last key is cut short"));
            }
            Ok(keys.iter().map(|key| u64::from_le_bytes(*key)).collect())
        }
    }
    deserializer.deserialize_bytes(Bytes)
}
