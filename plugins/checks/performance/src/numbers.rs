//! How good answers are that are numbers.

use driftguard_answers::finding::{About, LEVEL, MATERIAL_EFFECT, Style, effect, moved};
use driftguard_sdk::prelude::{Finding, Status};
use driftguard_statistics::confusion::Estimate;
use driftguard_statistics::kitagawa::Units;
use driftguard_statistics::losses::ErrorSums;
use driftguard_statistics::quality::{Change, change};

use crate::compare::{Limits, Measured, beside};

/// Metric of the mean absolute error.
pub(crate) const MEAN_ERROR: &str = "mean-absolute-error/relative/v1";

/// Mean absolute error, and what goes beside it.
pub(crate) fn compare(
    about: &About<'_>,
    units: Units,
    before: &ErrorSums,
    now: &ErrorSums,
    limits: &Limits,
) -> Vec<Measured> {
    let both = |of: &dyn Fn(&ErrorSums) -> Option<Estimate>| change(of(before)?, of(now)?, LEVEL);
    let mut measured = vec![];
    if let Some(found) = both(&|sums| sums.absolute(units)) {
        measured.push(Measured {
            finding: rise(about, &found, limits.error),
            name: "mean absolute error",
            sides: (found.reference, found.current),
        });
        if found.p_value < 1.0 - LEVEL && found.difference < 0.0 {
            let words = format!(
                "mean absolute error {}",
                moved(Style::Number, found.reference, found.current, found.p_value)
            );
            let finding = about
                .supporting("improved/v1", &words)
                .statistic(-found.difference)
                .p_value(found.p_value);
            measured.push(Measured {
                finding,
                name: "",
                sides: (f64::NAN, f64::NAN),
            });
        }
    }
    let rmse = both(&|sums| sums.root_mean_square(units)).map(|change| {
        let effect = relative(&change, limits.error);
        beside(
            about,
            "root-mean-squared-error/v1",
            "root mean squared error",
            Style::Number,
            &change,
            effect,
        )
    });
    let bias = both(&|sums| sums.mean(units)).map(|change| {
        beside(
            about,
            "mean-error/v1",
            "mean error",
            Style::Number,
            &change,
            0.0,
        )
    });
    measured.extend([rmse, bias].into_iter().flatten());
    measured
}

/// Effect of an error that rose by a share of what it was.
fn relative(change: &Change, material: f64) -> f64 {
    if change.reference <= 0.0 {
        return 0.0;
    }
    effect(
        change.difference,
        change.deviation,
        MATERIAL_EFFECT / (material * change.reference),
    )
}

/// The mean error relative to the reference's. Without any error there, no
/// rise is relative to it.
pub(crate) fn rise(about: &About<'_>, change: &Change, material: f64) -> Finding {
    let words = format!(
        "mean absolute error {}",
        moved(
            Style::Number,
            change.reference,
            change.current,
            change.p_value
        )
    );
    let finding = about.measurement(MEAN_ERROR, &words);
    let base = change.reference;
    if base <= 0.0 {
        if change.current <= 0.0 {
            return finding.status(Status::Degenerate);
        }
        return finding.statistic(1.0).effect(1.0).p_value(change.p_value);
    }
    let (rise, deviation) = (change.difference / base, change.deviation / base);
    let scale = MATERIAL_EFFECT / material;
    finding
        .statistic(rise)
        .effect(effect(rise, deviation, scale))
        .unit_effect(change.difference, about.label)
        .interval(
            (change.interval.low / base * scale).clamp(0.0, 1.0),
            (change.interval.high / base * scale).clamp(0.0, 1.0),
            change.interval.level,
        )
        .noise(0.0, deviation)
        .p_value(change.p_value)
}
