//! How many periods of a baseline lie away from its anchor: what somebody who
//! accepts one more should know.

use std::collections::BTreeMap;

use driftguard_data::PeriodKey;
use driftguard_sandbox::SandboxError;
use driftguard_verdict::Finding;
use driftguard_verdict::finding::{Nature, Status};

use crate::fold::{Folded, PeriodProfiles, Sessions};
use crate::periods::{Chosen, score};
use crate::policy::Policy;

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
    /// Of the anchor itself, each against the others; none if they could not
    /// be compared.
    pub anchor: Option<Share>,
}

/// `folded`: the anchor, and what is accepted now. `accepted`: all that was
/// accepted later.
pub(super) fn spread(
    sessions: &mut Sessions<'_>,
    folded: &mut Folded,
    accepted: &BTreeMap<PeriodKey, PeriodProfiles>,
    chosen: &Chosen,
    policy: &Policy,
) -> Result<Spread, SandboxError> {
    let rules = &policy.rules;
    let scored = score(sessions, folded, chosen, rules.min_rows);
    let anchor = scored.map(|input| {
        let far = |effects: f64| effects >= rules.alert_at;
        let moved = input.periods.iter();
        let moved = moved.filter(|period| period.scores.iter().any(|score| far(score.effect)));
        Share {
            moved: moved.count(),
            of: input.periods.len(),
        }
    });
    let rows = folded.rows(0);
    let mut whole = vec![];
    for index in 0..sessions.plan.jobs.len() {
        let parts: Vec<&[u8]> = folded.sides[0]
            .values()
            .filter_map(|period| period.saved.get(index)?.as_deref())
            .collect();
        whole.push(Some(sessions.merge(index, &parts)?));
    }
    folded.sides[0] = [(0, PeriodProfiles { rows, saved: whole })].into();
    let mut moved = 0;
    for (key, period) in accepted {
        folded.sides[1] = [(*key, period.clone())].into();
        let findings = sessions.findings(folded);
        moved += usize::from(findings.iter().any(|finding| far(finding, policy)));
    }
    Ok(Spread {
        accepted: Share {
            moved,
            of: accepted.len(),
        },
        anchor,
    })
}

fn far(finding: &Finding, policy: &Policy) -> bool {
    finding.nature == Nature::Measurement
        && finding.status == Status::Ok
        && finding.effect >= policy.rules.alert_at
}
