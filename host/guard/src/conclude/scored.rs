//! The current side beside the reference's own periods: what the calibrated
//! rule ranks.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use driftguard_verdict::Finding;
use driftguard_verdict::calibration::{Calibrated, CalibrationInput, UnitScores};
use driftguard_verdict::finding::{Nature, Status};

use super::Evaluation;
use crate::baseline::{BaselineError, States, failed};
use crate::error::GuardError;
use crate::fold::{Folded, Sessions};
use crate::periods::score::{self, Scoring};
use crate::periods::units::{self, Periods, Unit};
use crate::periods::{Chosen, Cutting};
use crate::track;

/// What a baseline knows of its reference.
pub(crate) struct Stored<'a> {
    /// Periods that make a unit.
    pub(crate) length: usize,
    /// Units with fewer rows are not scored.
    pub(crate) min_rows: u64,
    /// Scores of its units against each other.
    pub(crate) units: Vec<UnitScores>,
    /// Jobs that measured something on them.
    pub(crate) measures: HashSet<usize>,
    /// By job: periods hold its profile.
    pub(crate) kept: Vec<bool>,
    /// Merged profiles by job: of each phase, and without one of everything.
    pub(crate) pools: Vec<(Option<u32>, States)>,
    /// The profiles of its periods, which are unpacked when asked for.
    pub(crate) periods: &'a dyn Fn() -> Result<Periods, BaselineError>,
    /// A history wants exact ranks of every batch, not only of those that may
    /// alert.
    pub(crate) exact: bool,
}

impl Stored<'_> {
    /// The current side as units as long as those of the reference, and
    /// whether it is less than one.
    fn current(&self, folded: &Folded, cutting: &Cutting) -> (Vec<Unit>, bool) {
        let now = &folded.sides[1];
        let mut rows: Vec<u64> = self.units.iter().map(|unit| unit.rows).collect();
        rows.sort_unstable();
        let usual = rows.get(rows.len() / 2).copied().unwrap_or(0);
        if let Cutting::Blocks { .. } = cutting {
            // Blocks of the current side are as long as a unit.
            let short = units::is_piece(folded.rows(1), usual) && self.length > 1;
            let (current, _) = units::of_current(now, 1, usual, self.min_rows);
            return (current, short);
        }
        let usual = usual / self.length.max(1) as u64;
        units::of_current(now, self.length, usual, self.min_rows)
    }

    fn input(
        &self,
        chosen: &Chosen,
        [periods, current]: [Vec<UnitScores>; 2],
        part: bool,
    ) -> CalibrationInput {
        CalibrationInput {
            unit: chosen.cutting.unit_words(self.length),
            why: chosen.why.clone(),
            periods,
            current,
            part,
        }
    }
}

/// Scores of the current side, and of the units of the baseline. Those that
/// are stored were made without the current side; they say whether the batch is
/// an ordinary one. Before they may say otherwise all units are scored alike,
/// the current ones among the others: only then are ranks exact.
pub(super) fn against_stored(
    evaluation: &Evaluation<'_>,
    stored: &Stored<'_>,
    findings: &[Finding],
    sessions: &mut Sessions<'_>,
) -> Result<Option<CalibrationInput>, GuardError> {
    let Evaluation { folded, chosen, .. } = evaluation;
    if chosen.cutting == Cutting::Whole {
        return Ok(None);
    }
    let now = &folded.sides[1];
    let (mut current, part) = stored.current(folded, &chosen.cutting);
    let measures = |index: usize| stored.measures.contains(&index);
    if !stored.exact {
        let phases: BTreeMap<u32, &States> = stored
            .pools
            .iter()
            .filter_map(|(phase, pool)| Some(((*phase)?, pool)))
            .collect();
        let whole = stored.pools.iter().find(|(phase, _)| phase.is_none());
        let known: Vec<u32> = phases.keys().copied().collect();
        units::name_phases(&mut current, now, &chosen.cutting, &known);
        let pool = |phase: Option<u32>, index: usize| {
            let pool = phase.and_then(|phase| phases.get(&phase).copied());
            let pool = pool.or(whole.map(|(_, pool)| pool))?;
            pool.get(index)?.as_deref()
        };
        let scored = score::against(sessions, now, &current, pool, &folded.dead, &measures);
        let quick = stored.input(chosen, [stored.units.clone(), scored], part);
        let rules = &evaluation.policy.rules;
        if Calibrated::new(rules, &quick).is_none_or(|rule| !rule.may_alert(findings)) {
            return Ok(Some(quick));
        }
    }
    let scoring = Scoring {
        cutting: &chosen.cutting,
        length: stored.length,
        min_rows: stored.min_rows,
        dead: &folded.dead,
        measures: &measures,
    };
    let periods = (stored.periods)()?;
    let scored = score::of_all(sessions, [&periods, now], current, &scoring);
    Ok(Some(stored.input(chosen, scored, part)))
}

/// Scores of the periods, where a verdict could depend on them: nothing below
/// what alerts needs a test of whether it could be chance.
pub(super) fn calibrated(
    evaluation: &Evaluation<'_>,
    findings: &[Finding],
    sessions: &mut Sessions<'_>,
) -> Option<CalibrationInput> {
    if evaluation.chosen.cutting == Cutting::Whole {
        return None;
    }
    let rules = &evaluation.policy.rules;
    let moved = findings.iter().any(|finding| {
        finding.nature == Nature::Measurement
            && finding.status == Status::Ok
            && finding.effect >= rules.alert_at
    });
    if !moved {
        return None;
    }
    let Evaluation { folded, chosen, .. } = evaluation;
    let [reference, now] = &folded.sides;
    let scoring = Scoring {
        cutting: &chosen.cutting,
        length: 1,
        min_rows: rules.min_rows,
        dead: &folded.dead,
        measures: &|_| true,
    };
    // Periods are as long as the current side, so it is one unit.
    let current = vec![Unit::whole(now)];
    let [periods, current] = score::of_all(sessions, [reference, now], current, &scoring);
    Some(CalibrationInput {
        unit: chosen.cutting.words(),
        why: chosen.why.clone(),
        periods,
        current,
        part: false,
    })
}

/// The current data against the anchor alone.
pub(super) struct Anchored {
    pub(super) findings: Vec<Finding>,
    pub(super) input: Option<CalibrationInput>,
    pub(super) rows: u64,
    /// Names and digests of the periods accepted later.
    pub(super) accepted: BTreeSet<String>,
    pub(super) later: usize,
}

/// None if the anchor is all there is.
pub(super) fn anchored(
    evaluation: &mut Evaluation<'_>,
    sessions: &mut Sessions<'_>,
) -> Result<Option<Anchored>, GuardError> {
    let Evaluation {
        stored,
        anchor,
        folded,
        chosen,
        plan,
        checks,
        ..
    } = evaluation;
    let (Some(stored), Some(anchor)) = (stored, anchor.take()) else {
        return Ok(None);
    };
    let whole = anchor
        .whole(sessions)
        .map_err(|error| failed(plan, checks, &error))?;
    let rows = whole.rows;
    let pool = folded.whole.replace(whole);
    let findings = sessions.findings(folded);
    folded.whole = pool;
    let cutting = &chosen.cutting;
    let input = (*cutting != Cutting::Whole).then(|| {
        let (current, part) = stored.current(folded, cutting);
        let scoring = Scoring {
            cutting,
            length: stored.length,
            min_rows: stored.min_rows,
            dead: &folded.dead,
            measures: &|index| stored.measures.contains(&index),
        };
        let sides = [&anchor.periods, &folded.sides[1]];
        let scored = score::of_all(sessions, sides, current, &scoring);
        stored.input(chosen, scored, part)
    });
    Ok(Some(Anchored {
        findings,
        input,
        rows,
        accepted: track::names(&anchor.accepted, |key| cutting.name(key)),
        later: anchor.accepted.len(),
    }))
}
