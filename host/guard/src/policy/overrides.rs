//! Flags of the command line over the policy.

use std::path::PathBuf;

use super::data::{self, Data};
use super::error::PolicyError;
use super::place::{Place, Placed};
use super::resolved::{FailOn, Policy};
use super::roles::{Assignment, Roles, Slot};

/// What was typed on the command line; empty and `None`: nothing.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// `--reference`.
    pub reference: Vec<String>,
    /// `--current`.
    pub current: Vec<String>,
    /// `--split`, a date or time.
    pub split: Option<String>,
    /// `--split-by`, as `side=new`.
    pub split_by: Option<String>,
    /// `--delimiter`.
    pub delimiter: Option<String>,
    /// `--timestamp`.
    pub timestamp: Option<String>,
    /// `--label`.
    pub label: Option<String>,
    /// `--prediction`.
    pub prediction: Option<String>,
    /// `--score`, also more than once.
    pub score: Vec<String>,
    /// `--segment`, also more than once.
    pub segment: Vec<String>,
    /// `--id`, also more than once.
    pub ids: Vec<String>,
    /// `--numeric`.
    pub numeric: Vec<String>,
    /// `--categorical`.
    pub categorical: Vec<String>,
    /// `--text`.
    pub text: Vec<String>,
    /// `--embedding`.
    pub embedding: Vec<String>,
    /// `--ignore`.
    pub ignore: Vec<String>,
    /// `--fingerprint`, a document.
    pub fingerprint: Option<PathBuf>,
    /// `--reference-fingerprint`, a document.
    pub reference_fingerprint: Option<PathBuf>,
    /// `--history`.
    pub history: Option<PathBuf>,
    /// `--fail-on`.
    pub fail_on: Option<FailOn>,
}

impl Policy {
    /// Lays flags over the policy: each side of the data is replaced as a
    /// whole, a split replaces a split or a current side (and the other way
    /// round), a column takes the role and kind its flag says, and keeps what
    /// does not clash with that.
    ///
    /// # Errors
    /// Flags that are wrong by themselves or exclude each other.
    pub fn merge_flags(&mut self, flags: Overrides) -> Result<(), PolicyError> {
        merge_data(&mut self.data, &flags)?;
        if let Some(fail_on) = flags.fail_on {
            self.fail_on = fail_on;
        }
        if let Some(current) = &flags.fingerprint {
            // One document in place of all that the policy would make one of.
            self.fingerprint.request = driftguard_provenance::Request::default();
            self.fingerprint.current = Some(current.clone());
        }
        if let Some(reference) = &flags.reference_fingerprint {
            self.fingerprint.reference = Some(reference.clone());
        }
        if let Some(file) = &flags.history {
            self.history.file = Some(file.clone());
        }
        self.roles.merge(roles(flags)?);
        Ok(())
    }
}

fn merge_data(data: &mut Data, flags: &Overrides) -> Result<(), PolicyError> {
    let placed = |text: &String, flag| Placed {
        value: text.clone(),
        place: Place::Flag(flag),
    };
    let by_time = flags
        .split
        .as_ref()
        .map(|text| data::split_text("--split", placed(text, "--split")))
        .transpose()?;
    let by_value = flags
        .split_by
        .as_ref()
        .map(|text| data::split_value("--split-by", placed(text, "--split-by")));
    let by_value = by_value.transpose()?;
    if by_time.is_some() && by_value.is_some() {
        return Err(data::exclude(
            &Place::Flag("--split-by"),
            "`--split` and `--split-by`",
        ));
    }
    let split = by_time.or(by_value);
    if let Some(split) = &split
        && !flags.current.is_empty()
    {
        return Err(data::exclude(
            &split.place,
            "a split, which makes the current side, and `--current`",
        ));
    }
    if !flags.reference.is_empty() {
        data.reference.clone_from(&flags.reference);
    }
    if !flags.current.is_empty() {
        data.current.clone_from(&flags.current);
        data.split = None;
    }
    if split.is_some() {
        data.split = split;
        data.current.clear();
    }
    if let Some(delimiter) = &flags.delimiter {
        data.delimiter = Some(data::delimiter(
            "--delimiter",
            &placed(delimiter, "--delimiter"),
        )?);
    }
    Ok(())
}

fn roles(flags: Overrides) -> Result<Roles, PolicyError> {
    let single = |column: Option<String>| column.into_iter().collect::<Vec<_>>();
    let typed = [
        (Slot::Timestamp, "--timestamp", single(flags.timestamp)),
        (Slot::Label, "--label", single(flags.label)),
        (Slot::Prediction, "--prediction", single(flags.prediction)),
        (Slot::Score, "--score", flags.score),
        (Slot::Segment, "--segment", flags.segment),
        (Slot::Id, "--id", flags.ids),
        (Slot::Numeric, "--numeric", flags.numeric),
        (Slot::Categorical, "--categorical", flags.categorical),
        (Slot::Text, "--text", flags.text),
        (Slot::Embedding, "--embedding", flags.embedding),
        (Slot::Ignore, "--ignore", flags.ignore),
    ];
    let mut roles = Roles::default();
    for (slot, flag, columns) in typed {
        for column in columns {
            roles.add(Assignment {
                slot,
                column,
                place: Place::Flag(flag),
            })?;
        }
    }
    Ok(roles)
}
