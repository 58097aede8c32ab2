use super::*;
use crate::testing::Rng;
use crate::{CategoricalFrame, CategoricalProfile};
use crate::{NumericFrame, categorical, numeric as numbers};
use driftguard_sdk::bindings::driftguard::check::types::Setting as Given;
use driftguard_sdk::prelude::{Nature, Value};

fn context(given: Vec<(&str, Value)>) -> Context {
    let descriptor = settings(DescriptorBuilder::new("x", "x"), true).build();
    let given = given.into_iter().map(|(name, value)| Given {
        name: name.into(),
        value,
    });
    Context::new(given.collect(), &descriptor.settings, vec![])
}

fn of(convention: Convention) -> Wanted {
    Wanted {
        convention,
        decides: false,
        threshold: None,
    }
}

const TOOLS: [Convention; 3] = [Convention::Evidently, Convention::Nannyml, Convention::Tfdv];

fn found(p: &[f64], q: &[f64], held: Option<u64>, wanted: Wanted) -> Vec<Finding> {
    let frame = NumericFrame::of_sample(p.to_vec());
    let profile = |values: &[f64]| {
        let mut profile = NumericProfile::new(&frame, 64).with_tally(held);
        profile.add_values(&frame, 0, values).unwrap();
        profile
    };
    let (p, q) = (profile(p), profile(q));
    let sides = numbers::Sides::new("x", &frame, &p, &q).unwrap();
    numeric::findings(&sides, wanted)
}

#[test]
fn settings_that_do_not_fit_are_refused() {
    assert_eq!(
        wanted(&context(vec![])).unwrap().convention,
        Convention::Driftguard
    );
    assert_eq!(held_values(&context(vec![])), Ok(None));
    let tool = |word: &str| ("convention", Value::Text(word.into()));
    let decides = || ("convention-decides", Value::Flag(true));
    assert_eq!(held_values(&context(vec![tool("tfdv")])), Ok(Some(100_000)));
    assert!(wanted(&context(vec![tool("evidently"), decides()])).is_ok());
    for given in [vec![decides()], vec![tool("nannyml"), decides()]] {
        assert!(matches!(wanted(&context(given)), Err(Error::Setting(_))));
    }
    let threshold = ("convention-threshold", Value::Number(0.2));
    let given = vec![tool("nannyml"), decides(), threshold];
    assert_eq!(wanted(&context(given)).unwrap().threshold, Some(0.2));
}

/// A number is given from all values or not at all; every finding says why.
#[test]
fn without_all_values_there_is_no_number() {
    let mut rng = Rng::new(4);
    let (p, q) = (rng.normals(300, 0.0, 1.0), rng.normals(200, 1.0, 1.0));
    for tool in TOOLS {
        let complete = found(&p, &q, Some(300), of(tool));
        assert!(
            complete.iter().all(|one| one.statistic.is_some()),
            "{complete:?}"
        );
        for (held, why) in [
            (Some(299), "raise `convention-values`"),
            (None, "rebuild it"),
        ] {
            let refused = found(&p, &q, held, of(tool));
            assert_eq!(refused.len(), complete.len());
            for one in refused {
                assert!(one.statistic.is_none() && one.status != Status::Ok);
                assert!(one.message.contains(why), "{}", one.message);
            }
        }
        let none = found(&p, &[], Some(300), of(tool));
        assert!(none.iter().all(|one| one.statistic.is_none()));
    }
    assert!(found(&p, &q, None, of(Convention::Driftguard)).is_empty());
}

/// The tool's threshold is where the effect becomes 0.10.
#[test]
fn their_verdict_is_graded_at_their_threshold() {
    let mut rng = Rng::new(5);
    let (p, q) = (rng.normals(2000, 0.0, 1.0), rng.normals(2000, 0.3, 1.0));
    let decides = Wanted {
        decides: true,
        ..of(Convention::Evidently)
    };
    let drift = |wanted| found(&p, &q, Some(5000), wanted).pop().unwrap();
    let said = drift(decides);
    assert_eq!(
        (said.metric.as_str(), said.nature),
        ("drift/evidently/v1", Nature::Measurement)
    );
    // W1 of a shift of 0.3 deviations is 0.3, thrice their threshold.
    assert!(
        (said.effect - 0.3).abs() < 0.05 && said.statistic == Some(1.0),
        "{said:?}"
    );
    let high = drift(Wanted {
        threshold: Some(0.9),
        ..decides
    });
    assert_eq!((high.effect, high.statistic), (0.0, Some(0.0)));
    assert_eq!(drift(of(Convention::Evidently)).nature, Nature::Supporting);
}

#[test]
fn constants_and_infinities() {
    for tool in TOOLS {
        let same = found(&[2.0; 60], &[2.0; 60], Some(9), of(tool));
        let drift = same.last().unwrap();
        assert_eq!(drift.statistic, Some(0.0), "{drift:?}");
    }
    let infinite = found(
        &[1.0, 2.0],
        &[1.0, f64::INFINITY],
        Some(9),
        of(Convention::Tfdv),
    );
    assert_eq!(infinite[0].status, Status::NotApplicable);
}

#[test]
fn rare_values_that_are_not_counted_one_by_one_end_it() {
    let listed: Vec<(String, u64)> = (0..3).map(|value| (format!("v{value}"), 9)).collect();
    let frame = CategoricalFrame::of_values(listed, 27, 3);
    let profile = |values: usize| {
        let texts: Vec<String> = (0..600).map(|row| format!("v{}", row % values)).collect();
        let mut profile = CategoricalProfile::new(&frame);
        let values = texts.iter().map(|text| Some(text.as_str()));
        profile.add_values(&frame, values).unwrap();
        profile
    };
    let (few, many) = (profile(5), profile(500));
    for tool in TOOLS {
        let of_sides = |p, q| {
            let sides = categorical::Sides::new("x", &frame, p, q).unwrap();
            super::categorical::findings(&sides, of(tool))
        };
        assert!(
            of_sides(&few, &few)
                .iter()
                .all(|one| one.statistic.is_some())
        );
        for one in of_sides(&few, &many) {
            assert!(one.statistic.is_none(), "{one:?}");
            assert!(
                one.message.contains("raise `categories`"),
                "{}",
                one.message
            );
        }
    }
}
