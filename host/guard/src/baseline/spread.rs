//! How many periods of a baseline lie away from its anchor: what somebody who
//! accepts one more should know.

use driftguard_sandbox::SandboxError;
use driftguard_verdict::calibration::Score;

use crate::fold::{PeriodProfiles, Sessions};
use crate::periods::Cutting;
use crate::periods::score::{self, Scoring};
use crate::periods::units::Periods;

/// Periods that moved by at least what alerts, of how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// So many moved.
    pub moved: usize,
    /// Of so many.
    pub of: usize,
}

/// Periods away from the anchor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Accepted later (those of now included), against the anchor.
    pub accepted: Share,
    /// Of the anchor itself, each against the others; none if it has no
    /// periods.
    pub anchor: Option<Share>,
}

/// `anchor`: its periods, and `whole` all of them as one. `accepted`: all that
/// was accepted later. Moved is what moved by `alert_at`. Fails at a job.
pub(super) fn spread(
    sessions: &mut Sessions<'_>,
    [anchor, accepted]: [&Periods; 2],
    whole: &PeriodProfiles,
    scoring: &Scoring<'_>,
    alert_at: f64,
) -> Result<Spread, (usize, SandboxError)> {
    let anchor = (*scoring.cutting != Cutting::Whole).then(|| {
        let units = score::of_reference(sessions, anchor, scoring);
        let far = units.iter().filter(|unit| {
            unit.scores
                .iter()
                .any(|(_, score)| score.effect >= alert_at)
        });
        Share {
            moved: far.count(),
            of: units.len(),
        }
    });
    let mut moved = 0;
    for period in accepted.values() {
        moved += usize::from(is_far(sessions, period, whole, scoring, alert_at)?);
    }
    Ok(Spread {
        accepted: Share {
            moved,
            of: accepted.len(),
        },
        anchor,
    })
}

fn is_far(
    sessions: &mut Sessions<'_>,
    period: &PeriodProfiles,
    whole: &PeriodProfiles,
    scoring: &Scoring<'_>,
    alert_at: f64,
) -> Result<bool, (usize, SandboxError)> {
    let far = |score: &Score| score.effect >= alert_at;
    let pairs = whole.saved.iter().zip(&period.saved).enumerate();
    for (index, (anchor, own)) in pairs {
        // Jobs that measure nothing are not kept by period.
        let (Some(anchor), Some(own)) = (anchor, own) else {
            continue;
        };
        if !(scoring.measures)(index) {
            continue;
        }
        let found = sessions.rank(index, [anchor, own]);
        if found.map_err(|error| (index, error))?.iter().any(far) {
            return Ok(true);
        }
    }
    Ok(false)
}
