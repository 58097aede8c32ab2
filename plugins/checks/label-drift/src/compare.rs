//! Two profiles into findings.

use driftguard_answers::Outcomes;
use driftguard_answers::finding::{LEVEL, effect};
use driftguard_distribution::Subjected;
use driftguard_distribution::words::{column, percent, percent_pair, short};
use driftguard_sdk::prelude::{Error, Evidence, Finding, Status};
use driftguard_statistics::conditional::{Conditional, Group, Outcome, compare as within};
use driftguard_statistics::special::{normal_quantile, normal_sf};

use crate::frame::{Frame, Limits, Says};

/// What labels are held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The score of the model that is watched.
    Score,
    /// What the inputs foretell.
    Inputs,
}

impl By {
    fn metric(self) -> &'static str {
        match self {
            Self::Score => "contradicted-labels/sure-bins/v1",
            Self::Inputs => "contradicted-labels/inputs/v1",
        }
    }

    fn rows(self) -> &'static str {
        match self {
            Self::Score => "labels with a score",
            Self::Inputs => "labels with inputs that are read",
        }
    }

    /// "a sure answer of `score`".
    fn answer(self, name: &str) -> String {
        match self {
            Self::Score => format!("a sure answer of {}", column(name)),
            Self::Inputs => "what their inputs surely foretell".into(),
        }
    }
}

/// Labels that contradict more often by less than this share are not told
/// apart by kind.
const LEAST_SHOWN: f64 = 0.02;

/// Labels that contradict sure answers, by what the answer says.
struct Sure {
    before: Vec<Group>,
    now: Vec<Group>,
}

impl Sure {
    fn new(frame: &Frame, reference: &Outcomes, current: &Outcomes, wanted: &[Says]) -> Self {
        let groups = |outcomes: &Outcomes| -> Vec<Group> {
            let bins = frame.says.iter().zip(&outcomes.cells);
            let group = |(says, cell): (&Says, &driftguard_statistics::kitagawa::Cell)| {
                let hits = u64::try_from(cell.sum).unwrap_or(0).min(cell.n);
                let wrong = if *says == Says::No {
                    hits
                } else {
                    cell.n - hits
                };
                wanted.contains(says).then(|| Group::of_rate(wrong, cell.n))
            };
            bins.filter_map(group).collect()
        };
        Self {
            before: groups(reference),
            now: groups(current),
        }
    }

    fn rows(groups: &[Group]) -> u64 {
        groups
            .iter()
            .fold(0, |sum, group| sum.saturating_add(group.n))
    }

    fn share(groups: &[Group]) -> f64 {
        let wrong: f64 = groups.iter().map(|group| group.mean * group.n as f64).sum();
        wrong / Self::rows(groups).max(1) as f64
    }

    fn compared(&self) -> Option<Conditional> {
        within(&self.before, &self.now, Outcome::Event)
    }
}

/// What is measured of the labels by the score; nothing where there are not two
/// classes and a score.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare(
    frame: &Frame,
    reference: &Outcomes,
    current: &Outcomes,
    limits: &Limits,
) -> Result<Vec<Finding>, Error> {
    compare_by(By::Score, frame, reference, current, limits)
}

/// The same by whatever stands in the frame.
///
/// # Errors
/// [`Error::State`] for states that rows cannot produce.
pub fn compare_by(
    by: By,
    frame: &Frame,
    reference: &Outcomes,
    current: &Outcomes,
    limits: &Limits,
) -> Result<Vec<Finding>, Error> {
    frame.validate()?;
    reference.validate(&frame.outcomes)?;
    current.validate(&frame.outcomes)?;
    if frame.says.is_empty() {
        return Ok(vec![]);
    }
    let question = &frame.outcomes.question;
    let about = Subjected {
        column: &question.label,
        reference: reference.known(),
        current: current.known(),
    };
    if let Some(finding) = about.not_enough(by.metric(), by.rows(), limits.min_labels) {
        return Ok(vec![finding]);
    }
    let sure = Sure::new(frame, reference, current, &[Says::No, Says::Yes]);
    let share = |groups: &[Group], all: u64| Sure::rows(groups) as f64 / all as f64;
    let shares = (
        share(&sure.before, about.reference),
        share(&sure.now, about.current),
    );
    let found = sure
        .compared()
        .filter(|_| shares.0.min(shares.1) >= limits.sure_rows);
    let Some(found) = found else {
        let (left, right) = percent_pair(shares.0, shares.1);
        let message = format!(
            "{}: labels can be held against {} only where there is one; {left} of the rows of the reference and \
             {right} now are such, {} are needed",
            about.name(),
            by.answer(question.answer()),
            percent(limits.sure_rows)
        );
        return Ok(vec![
            about
                .measurement(by.metric(), message)
                .status(Status::NotApplicable),
        ]);
    };
    let kinds = [Says::No, Says::Yes].map(|says| kind(frame, reference, current, says));
    Ok(vec![finding(
        &about,
        by,
        question.answer(),
        &sure,
        &found,
        &kinds,
    )])
}

/// Labels that contradict answers of one kind.
struct Kind {
    label: String,
    shares: (f64, f64),
    /// How far its share moved, and the deviation of that.
    moved: Option<(f64, f64)>,
    /// How far its share rose, 0 where that may be chance.
    rose: f64,
}

impl Kind {
    /// Whether it has a part in a rise of this size.
    fn takes_part(&self, most: f64) -> bool {
        most >= LEAST_SHOWN && self.rose >= 0.25 * most
    }
}

fn kind(frame: &Frame, reference: &Outcomes, current: &Outcomes, says: Says) -> Kind {
    let question = &frame.outcomes.question;
    let sure = Sure::new(frame, reference, current, &[says]);
    let moved = sure.compared().map(|found| found.mean_move);
    let rose = moved.map_or(0.0, |(moved, deviation)| {
        let clear = moved > 2.0 * deviation && moved > 0.01;
        if clear { moved } else { 0.0 }
    });
    let keys = question.classes.keys();
    let positive = usize::from(question.positive);
    let wrong = match says {
        Says::No => positive,
        _ => 1 - positive.min(1),
    };
    Kind {
        label: keys.get(wrong).cloned().unwrap_or_default(),
        shares: (Sure::share(&sure.before), Sure::share(&sure.now)),
        moved,
        rose,
    }
}

fn finding(
    about: &Subjected<'_>,
    by: By,
    answer: &str,
    sure: &Sure,
    found: &Conditional,
    kinds: &[Kind; 2],
) -> Finding {
    let chance = |(moved, deviation): (f64, f64)| match deviation > 0.0 {
        true => (2.0 * normal_sf(moved.abs() / deviation)).min(1.0),
        false => 1.0,
    };
    let weaker = match (by, kinds[0].moved, kinds[1].moved) {
        (By::Inputs, Some(no), Some(yes)) => Some(if no.0 <= yes.0 { no } else { yes }),
        _ => None,
    };
    let (moved, deviation) = weaker.unwrap_or(found.mean_move);
    let each = kinds.iter().filter_map(|kind| kind.moved).map(chance);
    let p_value = match weaker {
        Some(_) => each.fold(0.0, f64::max),
        None => chance(found.mean_move),
    };
    let half = normal_quantile((1.0 + LEVEL) / 2.0).unwrap_or(2.0) * deviation;
    let (left, right) = percent_pair(Sure::share(&sure.before), Sure::share(&sure.now));
    let most = kinds.iter().fold(0.0_f64, |most, kind| most.max(kind.rose));
    let taking: Vec<&Kind> = kinds.iter().filter(|kind| kind.takes_part(most)).collect();
    let which = match taking[..] {
        [_, _] => "; both kinds of label do, as flipped labels would".into(),
        [one] => format!(
            "; only labels that are {} do: they were changed, or these are rows of a new kind that {} sure and wrong \
             about",
            short(&one.label),
            match by {
                By::Score => "the model is",
                By::Inputs => "a model of the reference is",
            }
        ),
        _ => String::new(),
    };
    let message = format!(
        "{}: {right} of the labels contradict {}, {left} in the reference{which}",
        about.name(),
        by.answer(answer)
    );
    // Of one kind alone it cannot be told whether labels were changed or what
    // inputs mean: that is measured by `concept-drift`.
    let decides = by == By::Score || weaker.is_some();
    let finding = match decides {
        true => about.measurement(by.metric(), message),
        false => about.supporting(by.metric(), message),
    };
    finding
        .rows(Sure::rows(&sure.before), Sure::rows(&sure.now))
        .statistic(moved)
        .effect(effect(moved, deviation, 1.0))
        .interval(
            (moved - half).max(0.0),
            (moved + half).clamp(0.0, 1.0),
            LEVEL,
        )
        .noise(0.0, deviation)
        .p_value(p_value)
        .evidence(Evidence {
            title: "labels that contradict a sure answer, by label".into(),
            labels: kinds.iter().map(|kind| kind.label.clone()).collect(),
            reference: kinds.iter().map(|kind| kind.shares.0).collect(),
            current: kinds.iter().map(|kind| kind.shares.1).collect(),
        })
}
