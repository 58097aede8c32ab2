//! Fingerprints of a run: what the policy names, compared.

use arrow_schema::Schema;
use driftguard_data::{OpenOptions, Source, schema_words};
use driftguard_provenance::{Given, ProvenanceError, Request, fingerprint, read};
use driftguard_verdict::cause::{Comparison, Fingerprints, PartName};

use crate::error::GuardError;
use crate::policy::Policy;

/// Names and types of columns, as they are fingerprinted.
pub fn columns(schema: &Schema) -> Vec<(String, String)> {
    let fields = schema.fields().iter();
    fields
        .map(|field| (field.name().clone(), schema_words(field.data_type())))
        .collect()
}

/// Names and types of the columns in data files.
///
/// # Errors
/// Files that cannot be read.
pub fn columns_of(
    paths: &[String],
    delimiter: Option<u8>,
) -> Result<Vec<(String, String)>, GuardError> {
    let source = Source::open(paths, &OpenOptions { delimiter })?;
    Ok(columns(source.schema()))
}

/// The fingerprints of both sides, if the policy speaks of any; none: nothing
/// is claimed about the code.
pub(crate) fn compared(
    policy: &Policy,
    current: &Schema,
) -> Result<Option<Comparison>, GuardError> {
    let said = &policy.fingerprint;
    if !said.is_given() {
        return Ok(None);
    }
    let reference = match &said.reference {
        Some(path) => read(path)?,
        None => Fingerprints::unknown(
            env!("CARGO_PKG_VERSION"),
            "no document: name one with --reference-fingerprint, or in [fingerprint] reference",
        ),
    };
    let current = match &said.current {
        Some(path) => read(path)?,
        None => here(&said.request, current)?,
    };
    Ok(Some(Comparison::new(&reference, &current)))
}

/// [`compared`] where no data was read: nothing is said of its schema.
pub(crate) fn compared_without_data(policy: &Policy) -> Result<Option<Comparison>, GuardError> {
    let mut compared = compared(policy, &Schema::empty())?;
    if let Some(comparison) = &mut compared {
        comparison
            .parts
            .retain(|part| part.part != PartName::Schema);
    }
    Ok(compared)
}

/// The fingerprints of what lies on this machine now.
fn here(request: &Request, current: &Schema) -> Result<Fingerprints, ProvenanceError> {
    let mut request = request.clone();
    if request.schema == Given::Nothing {
        request.schema = Given::This(columns(current));
    }
    fingerprint(&request)
}
