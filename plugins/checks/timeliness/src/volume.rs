//! Rows per period: is the feed thinner or thicker than it was?

use driftguard_sdk::prelude::{Finding, Status, Subject};
use driftguard_statistics::Noise;
use driftguard_statistics::special::normal_sf;

use crate::periods::{Periods, unit_of};
use crate::profile::Profile;
use crate::words::number;

/// Periods of the reference and of current to weigh their medians.
const MIN_PERIODS: (u64, u64) = (8, 3);

/// Variance of a median over that of a mean, square root: `sqrt(pi / 2)`.
const MEDIAN_OVER_MEAN: f64 = 1.253_314_137_315_500_1;

/// Median rows per period on each side; a measurement if asked for.
pub(crate) fn finding(
    column: &str,
    measure: bool,
    reference: &Profile,
    current: &Profile,
) -> Finding {
    let subject = Subject::Column(column.to_owned());
    let make = if measure {
        Finding::measurement
    } else {
        Finding::supporting
    };
    let finding = make("rows-per-period/v1", subject).rows(reference.values(), current.values());
    let unit = unit_of(reference);
    let sides = (Periods::new(reference, unit), Periods::new(current, unit));
    let (Some(before), Some(now)) = sides else {
        return finding
            .status(Status::NotApplicable)
            .message(format!("`{column}`: one side has no instant"));
    };
    let enough = !measure || (before.inside() >= MIN_PERIODS.0 && now.inside() >= MIN_PERIODS.1);
    let (Some(usual), Some(found), true) = (before.median_rows(), now.median_rows(), enough) else {
        return finding.status(Status::InsufficientData).message(format!(
            "`{column}`: {} whole {unit}s in the reference and {} in the current data, too few to compare rows per {unit}",
            before.inside(),
            now.inside(),
            unit = unit.word()
        ));
    };
    let ratio = (found + 0.5) / (usual + 0.5);
    let distance = ratio.ln().abs();
    let message = format!(
        "`{column}`: {} -> {} rows per {} (median){}",
        number(usual),
        number(found),
        unit.word(),
        if usual > 0.0 {
            format!(", {} times", number(found / usual))
        } else {
            String::new()
        }
    );
    let finding = finding
        .statistic(distance)
        .unit_effect(found - usual, &format!("rows per {}", unit.word()))
        .message(message);
    match (measure, noise(&before, &now)) {
        (true, Some((noise, scale))) => finding
            .effect(1.0 - (-noise.corrected(distance)).exp())
            .noise(noise.mean, noise.sd)
            .p_value((2.0 * normal_sf(distance / scale)).min(1.0)),
        _ => finding,
    }
}

/// Noise of the absolute log ratio of two medians, and its normal scale, from
/// how much the reference's own periods differ.
fn noise(before: &Periods, now: &Periods) -> Option<(Noise, f64)> {
    // Counts are at least as noisy as Poisson's law.
    let poisson = 1.0 / (before.median_rows()? + 1.0).sqrt();
    let spread = before.log_spread()?.max(poisson);
    let counts = 1.0 / before.inside() as f64 + 1.0 / now.inside() as f64;
    let scale = MEDIAN_OVER_MEAN * spread * counts.sqrt();
    let half_normal = std::f64::consts::FRAC_2_PI.sqrt();
    let noise = Noise {
        mean: scale * half_normal,
        sd: scale * (1.0 - half_normal * half_normal).sqrt(),
    };
    Some((noise, scale))
}
