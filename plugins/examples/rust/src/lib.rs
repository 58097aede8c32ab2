//! The tutorial check: does the share of zeros stay what it was?
//!
//! # Layout
//!
//! One file, as a first check should be: what it is ([`ZeroShare::describe`]),
//! what it counts ([`Counts`]), and what it reports.

use driftguard_sdk::prelude::*;
use serde::{Deserialize, Serialize};

/// The check.
#[derive(Debug)]
pub struct ZeroShare;

/// What it keeps of some rows.
#[derive(Debug, Default, Clone, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows with a finite number.
    pub numbers: u64,
    /// Of these, zeros.
    pub zeros: u64,
}

impl Counts {
    fn share(&self) -> f64 {
        self.zeros as f64 / self.numbers.max(1) as f64
    }
}

impl Check for ZeroShare {
    type Frame = ();
    type Profile = Counts;

    fn describe() -> Descriptor {
        DescriptorBuilder::new("zero-share", "Share of zeros")
            .summary("Compares the share of zeros in each numeric feature.")
            .kinds(&[Kind::Numeric])
            .setting(Setting::number(
                "at-least",
                0.0,
                (0.0, 1.0),
                "Smaller moves count as none",
            ))
            .build()
    }

    fn update(counts: &mut Counts, _: &Context, _: &(), batch: &Batch) -> Result<(), Error> {
        let summary = batch.summary(0)?;
        counts.numbers += summary.finite;
        counts.zeros += summary.zeros;
        Ok(())
    }

    fn merge(counts: &mut Counts, other: Counts, _: &Context, _: &()) -> Result<(), Error> {
        counts.numbers += other.numbers;
        counts.zeros += other.zeros;
        Ok(())
    }

    fn compare(
        context: &Context,
        _: &(),
        reference: &Counts,
        current: &Counts,
    ) -> Result<Vec<Finding>, Error> {
        let moved = (current.share() - reference.share()).abs();
        let effect = if moved < context.number("at-least")? {
            0.0
        } else {
            moved
        };
        let name = &context.column()?.name;
        Ok(vec![
            Finding::measurement("zero-share/v1", context.column_subject())
                .statistic(moved)
                .effect(effect)
                .rows(reference.numbers, current.numbers)
                .message(format!(
                    "`{name}`: {:.1} % zeros, {:.1} % in the reference",
                    current.share() * 100.0,
                    reference.share() * 100.0
                )),
        ])
    }
}

driftguard_sdk::export_check!(crate::ZeroShare);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_the_move() {
        let context = Context::new(
            vec![],
            &ZeroShare::describe().settings,
            vec![Column {
                name: "x".into(),
                role: Role::Feature,
                kind: Kind::Numeric,
                storage: "Float64".into(),
                nullable: false,
                dimension: 0,
            }],
        );
        let reference = Counts {
            numbers: 100,
            zeros: 10,
        };
        let current = Counts {
            numbers: 100,
            zeros: 40,
        };
        let findings = ZeroShare::compare(&context, &(), &reference, &current).unwrap();
        assert_eq!(
            findings[0].message,
            "`x`: 40.0 % zeros, 10.0 % in the reference"
        );
        assert!((findings[0].effect - 0.3).abs() < 1e-12);
    }
}
