//! Columns that the policy marks personal: their values are hashed as they are
//! read, under a key of the reference's own.

use arrow_array::cast::AsArray;
use driftguard_data::{Hidden, Source};
use sha2::{Digest, Sha256};

use crate::error::GuardError;
use crate::open::PILOT_ROWS;
use crate::policy::{Policy, Slot};

/// What the policy hides; nothing if it marks no column. The key is made of the
/// values themselves, so that it is the same on every run on the same
/// reference, another for another, and not to be had without the data.
///
/// # Errors
/// A reference that cannot be read, or a marked column that is no text.
pub(crate) fn of_policy(policy: &Policy, reference: &Source) -> Result<Option<Hidden>, GuardError> {
    let columns: Vec<String> = policy
        .roles
        .columns(Slot::Personal)
        .map(str::to_owned)
        .collect();
    if columns.is_empty() {
        return Ok(None);
    }
    // Refused before a value is looked at.
    reference.with_hidden(Some(Hidden::new(columns.clone(), [0; 32])))?;
    let pilot = reference.with_hidden(None)?.pilot(PILOT_ROWS)?;
    let mut key = Sha256::new();
    key.update(b"driftguard personal v1");
    for name in &columns {
        let texts = pilot.column_by_name(name);
        for text in texts
            .and_then(|column| column.as_string_opt::<i32>())
            .into_iter()
            .flatten()
        {
            let text = text.unwrap_or_default();
            key.update((text.len() as u64).to_le_bytes());
            key.update(text);
        }
    }
    Ok(Some(Hidden::new(columns, key.finalize().into())))
}
