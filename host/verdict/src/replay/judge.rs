//! Reason and level of a replay.
//!
//! | canary | code's part | data's part | reason |
//! |---|---|---|---|
//! | differs, fingerprints are the same | any | any | `UNEXPLAINED_OUTPUT_CHANGE` |
//! | any | moved, fingerprints are the same | any | `UNEXPLAINED_OUTPUT_CHANGE` |
//! | any | moved | moved | `CODE_AND_DATA_CHANGED_BEHAVIOUR` |
//! | any | moved | still | `CODE_CHANGED_BEHAVIOUR` |
//! | differs | no old model | moved | `CONFOUNDED` |
//! | differs | no old model | still, not looked at | `CODE_CHANGED_BEHAVIOUR` |
//! | same, none | no old model, fingerprints differ, no canary | moved | `CONFOUNDED` |
//! | any | still | moved | `DATA_CHANGED_BEHAVIOUR` |
//! | any | too uncertain | too uncertain | `CANNOT_TELL` |
//! | any | still | still | `STABLE`, `RELEASE_NEUTRAL` if something changed |
//!
//! A part moved if its interval leaves 0 out and its effect alerts.

use super::canary::CanaryReport;
use super::document::MetricReport;
use super::split::{Part, effect};
use crate::Reason;
use crate::cause::Sameness;
use crate::rules::Rules;
use crate::verdict::Level;

/// What is known when the replay is over.
#[derive(Debug, Clone, Copy)]
pub struct Replayed<'a> {
    /// The split of each metric; none: only a canary was replayed.
    pub metrics: &'a [MetricReport],
    /// The canary.
    pub canary: Option<&'a CanaryReport>,
    /// Whether an old model was run beside the new one.
    pub two_models: bool,
    /// Code, model, configuration, dependencies and features, by fingerprint;
    /// None: no fingerprints were given.
    pub code: Option<Sameness>,
}

/// A judgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// What to do.
    pub level: Level,
    /// Why.
    pub reason: Reason,
    /// One sentence.
    pub summary: String,
}

/// Reason, level and sentence of a replay.
pub fn judge(replayed: Replayed<'_>, rules: &Rules) -> Judgement {
    let largest = |part: fn(&MetricReport) -> Part| {
        let moved = replayed
            .metrics
            .iter()
            .map(part)
            .filter(|part| part.is_clear());
        moved.map(|part| part.effect).fold(0.0, f64::max)
    };
    let data = largest(|metric| metric.split.data);
    let code = largest(|metric| metric.split.code);
    let (data_moved, code_moved) = (data >= rules.alert_at, code >= rules.alert_at);
    let differs = replayed.canary.is_some_and(|canary| !canary.same);
    let same_code = replayed.code == Some(Sameness::Same);
    let changed = replayed.code == Some(Sameness::Different)
        || replayed
            .metrics
            .iter()
            .any(|metric| metric.split.code.effect > 0.0);
    // Without an old model nothing was measured of the code; a canary that is
    // the same stands for it.
    let code_open = !replayed.two_models
        && replayed.canary.is_none()
        && replayed.code == Some(Sameness::Different);
    let unseen = replayed
        .metrics
        .iter()
        .any(|metric| is_uncertain(metric, rules));
    let reason = if same_code && (differs || code_moved) {
        Reason::UnexplainedOutputChange
    } else if code_moved && data_moved {
        Reason::CodeAndDataChangedBehaviour
    } else if code_moved {
        Reason::CodeChangedBehaviour
    } else if differs && !replayed.two_models && data_moved {
        Reason::Confounded
    } else if differs && !replayed.two_models {
        Reason::CodeChangedBehaviour
    } else if code_open && data_moved {
        Reason::Confounded
    } else if data_moved {
        Reason::DataChangedBehaviour
    } else if unseen {
        Reason::CannotTell
    } else if changed || differs {
        Reason::ReleaseNeutral
    } else {
        Reason::Stable
    };
    let level = match reason {
        Reason::UnexplainedOutputChange | Reason::Confounded => Level::Block,
        Reason::CannotTell => rules.on_cannot_tell,
        Reason::Stable | Reason::ReleaseNeutral => Level::Pass,
        // Nobody announced that the model would answer otherwise.
        _ if differs && !replayed.two_models && replayed.code != Some(Sameness::Different) => {
            Level::Block
        }
        _ if data.max(code) >= rules.block_at => Level::Block,
        _ => Level::Alert,
    };
    Judgement {
        level,
        reason,
        summary: summary(reason, &replayed),
    }
}

/// Whether a part that does not stand out could be as large as what alerts
/// and more than that, so that silence says nothing.
fn is_uncertain(metric: &MetricReport, rules: &Rules) -> bool {
    let MetricReport { split, .. } = metric;
    [split.data, split.code].iter().any(|part| {
        let most = part.low.abs().max(part.high.abs());
        !part.is_clear() && effect(most, split.spread, split.is_share) > rules.must_see
    })
}

fn summary(reason: Reason, replayed: &Replayed<'_>) -> String {
    let differs = replayed.canary.is_some_and(|canary| !canary.same);
    let canary = match replayed.canary {
        None => "",
        Some(canary) if canary.same => "; stored inputs get the answers that were stored",
        Some(_) => "; stored inputs get other answers than those stored",
    };
    let known = match replayed.code {
        Some(Sameness::Same) => ", while its fingerprints are the same",
        _ => "",
    };
    let text = match reason {
        Reason::UnexplainedOutputChange if differs => format!(
            "Stored inputs get other answers than those stored{known}: the model depends on something that no \
             fingerprint covers (another file, a service, a library, the time, chance)"
        ),
        Reason::UnexplainedOutputChange => format!(
            "Old and new model answer the same rows differently{known}: they depend on something that no fingerprint covers"
        ),
        Reason::CodeAndDataChangedBehaviour => {
            format!(
                "Both the change of the model and the change of the data moved its answers{canary}"
            )
        }
        Reason::CodeChangedBehaviour if replayed.two_models => {
            format!(
                "The change of the model moved its answers, the change of the data did not{canary}"
            )
        }
        Reason::CodeChangedBehaviour => {
            "Stored inputs get other answers than those stored: the model changed, or \
             something it depends on"
                .to_owned()
        }
        Reason::Confounded if differs => {
            "The data moved the answers of this model, and the model is not the one \
             that answered the stored inputs: give the old model, too, to tell the two parts apart"
                .to_owned()
        }
        Reason::Confounded => {
            "The data moved the answers of this model, and by fingerprint the model is another one \
             than before: give the old model, too, to tell the two parts apart"
                .to_owned()
        }
        Reason::DataChangedBehaviour if replayed.two_models => {
            format!(
                "The change of the data moved the answers, the change of the model did not{canary}"
            )
        }
        Reason::DataChangedBehaviour => {
            format!(
                "The same model answers new data differently than old data: the data moved it{canary}"
            )
        }
        Reason::CannotTell => {
            "No part stands out, and with so few rows even a large one could have been missed"
                .to_owned()
        }
        Reason::ReleaseNeutral => {
            format!(
                "Neither the change of the model nor that of the data moved the answers by what matters{canary}"
            )
        }
        _ if replayed.metrics.is_empty() => {
            "Stored inputs get the answers that were stored".to_owned()
        }
        _ => format!("The answers did not move by what matters{canary}"),
    };
    text + "."
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::canary::{StoredColumn, Tolerance};
    use crate::replay::split::Arms;

    /// Shares of 1,000 rows a cell: old on old, new on old, old on new, new on
    /// new, in thousandths.
    fn metric(cells: [usize; 4]) -> MetricReport {
        let rows = |ones: usize| -> Vec<f64> {
            (0..1000)
                .map(|row| if row < ones { 1.0 } else { 0.0 })
                .collect()
        };
        let [a, b, c, d] = cells.map(rows);
        let arms = Arms {
            old_on_old: &a,
            new_on_old: &b,
            old_on_new: &c,
            new_on_new: &d,
        };
        MetricReport {
            metric: "share>0.5".into(),
            split: arms.split(true),
            columns: None,
        }
    }

    fn canary(same: bool) -> CanaryReport {
        let column = StoredColumn::Numbers {
            name: "s".into(),
            stored: vec![1.0],
            now: vec![if same { 1.0 } else { 2.0 }],
        };
        CanaryReport::new("c", &[column], Tolerance::default())
    }

    fn reason(
        cells: [usize; 4],
        same: Option<bool>,
        two_models: bool,
        code: Option<Sameness>,
    ) -> (Level, Reason) {
        let (metrics, canary) = ([metric(cells)], same.map(canary));
        let judgement = judge(
            Replayed {
                metrics: &metrics,
                canary: canary.as_ref(),
                two_models,
                code,
            },
            &Rules::default(),
        );
        (judgement.level, judgement.reason)
    }

    /// One test a row of the table above.
    #[test]
    fn every_row() {
        use Level::{Alert, Block, Pass};
        use Sameness::{Different, Same};
        let still = [200, 200, 200, 200];
        let data = [200, 200, 400, 400];
        let slightly = [200, 200, 270, 270];
        let code = [200, 400, 200, 400];
        let both = [200, 400, 400, 600];
        let unexplained = (Block, Reason::UnexplainedOutputChange);
        assert_eq!(reason(still, Some(false), false, Some(Same)), unexplained);
        assert_eq!(reason(code, None, true, Some(Same)), unexplained);
        let joint = (Block, Reason::CodeAndDataChangedBehaviour);
        assert_eq!(reason(both, None, true, Some(Different)), joint);
        assert_eq!(reason(both, Some(true), true, None), joint);
        assert_eq!(
            reason(code, None, true, None),
            (Block, Reason::CodeChangedBehaviour)
        );
        assert_eq!(
            reason(data, Some(false), false, None),
            (Block, Reason::Confounded)
        );
        assert_eq!(
            reason(data, None, false, Some(Different)),
            (Block, Reason::Confounded)
        );
        let moved = (Block, Reason::DataChangedBehaviour);
        assert_eq!(reason(data, Some(true), false, Some(Different)), moved);
        assert_eq!(reason(data, None, false, Some(Same)), moved);
        assert_eq!(reason(data, None, true, Some(Different)), moved);
        assert_eq!(
            reason(slightly, None, false, None),
            (Alert, Reason::DataChangedBehaviour)
        );
        let announced = (Alert, Reason::CodeChangedBehaviour);
        assert_eq!(
            reason(still, Some(false), false, Some(Different)),
            announced
        );
        let silent = (Block, Reason::CodeChangedBehaviour);
        assert_eq!(reason(still, Some(false), false, None), silent);
        assert_eq!(reason(still, None, true, None), (Pass, Reason::Stable));
        assert_eq!(
            reason(still, None, true, Some(Different)),
            (Pass, Reason::ReleaseNeutral)
        );
    }

    #[test]
    fn a_canary_alone() {
        for (same, level, expected) in [
            (true, Level::Pass, Reason::Stable),
            (false, Level::Block, Reason::CodeChangedBehaviour),
        ] {
            let canary = canary(same);
            let judgement = judge(
                Replayed {
                    metrics: &[],
                    canary: Some(&canary),
                    two_models: false,
                    code: None,
                },
                &Rules::default(),
            );
            assert_eq!((judgement.level, judgement.reason), (level, expected));
        }
    }

    #[test]
    fn few_rows_cannot_tell() {
        let few =
            |ones: usize| -> Vec<f64> { (0..12).map(|row| f64::from(row < ones as i32)).collect() };
        let (a, c) = (few(4), few(5));
        let arms = Arms {
            old_on_old: &a,
            new_on_old: &a,
            old_on_new: &c,
            new_on_new: &c,
        };
        let metrics = [MetricReport {
            metric: "share>0.5".into(),
            split: arms.split(true),
            columns: None,
        }];
        let judgement = judge(
            Replayed {
                metrics: &metrics,
                canary: None,
                two_models: false,
                code: None,
            },
            &Rules::default(),
        );
        assert_eq!(
            (judgement.level, judgement.reason),
            (Level::Alert, Reason::CannotTell)
        );
    }
}
