use super::*;

const ALERT_AT: f64 = 0.05;

fn cause(columns: &[(&str, Direction)]) -> Cause {
    Cause {
        family: Family::Drift,
        columns: columns
            .iter()
            .map(|(name, direction)| ((*name).to_owned(), *direction))
            .collect(),
    }
}

fn temp() -> Cause {
    cause(&[("temp", Direction::Down)])
}

fn still(effect: f64, p: f64) -> Look {
    Look {
        cause: None,
        p: Some(p),
        effects: [("temp".to_owned(), effect)].into(),
    }
}

fn states(open: &Cause, quiet: u32, look: &Look) -> (State, bool) {
    let (states, opens) = step(&[(open, quiet)], look, &Settings::default(), ALERT_AT);
    (states[0], opens)
}

#[test]
fn one_cause_is_one_incident_though_its_columns_vary() {
    let alert = |cause| Look {
        cause: Some(cause),
        ..Look::default()
    };
    let wider = cause(&[("temp", Direction::Down), ("humid", Direction::Up)]);
    assert_eq!(
        states(&temp(), 3, &alert(wider.clone())),
        (State::Seen, false)
    );
    assert_eq!(states(&wider, 3, &alert(temp())), (State::Seen, false));
    let other = cause(&[("temp", Direction::Up)]);
    assert!(
        states(&temp(), 0, &alert(other)).1,
        "the other way is another cause"
    );
    let mut broken = temp();
    broken.family = Family::Quality;
    assert!(states(&temp(), 0, &alert(broken)).1);
    let unknown = cause(&[("temp", Direction::Any)]);
    assert_eq!(states(&temp(), 0, &alert(unknown)), (State::Seen, false));
    let nothing = cause(&[]);
    assert_eq!(
        states(&nothing, 0, &alert(nothing.clone())),
        (State::Seen, false)
    );
}

/// Opens at 0.05, closes below 0.03 with p above 0.2, seven times in a row.
#[test]
fn what_closes_lies_below_what_opens() {
    assert_eq!(
        states(&temp(), 0, &still(0.029, 0.21)),
        (State::Quiet, false)
    );
    assert_eq!(
        states(&temp(), 5, &still(0.029, 0.21)),
        (State::Quiet, false)
    );
    assert_eq!(
        states(&temp(), 6, &still(0.029, 0.21)),
        (State::Closed, false)
    );
    assert_eq!(
        states(&temp(), 6, &still(0.031, 0.21)),
        (State::Unsettled, false)
    );
    assert_eq!(
        states(&temp(), 6, &still(0.0, 0.2)),
        (State::Unsettled, false)
    );
    let uncalibrated = Look {
        p: None,
        ..still(0.0, 1.0)
    };
    assert_eq!(states(&temp(), 6, &uncalibrated).0, State::Closed);
    let gone = Look::default();
    assert_eq!(
        states(&temp(), 6, &gone).0,
        State::Closed,
        "no longer measured"
    );
    let failed = Look {
        cause: Some(Cause {
            family: Family::Failure,
            columns: BTreeMap::new(),
        }),
        ..Look::default()
    };
    assert_eq!(states(&temp(), 6, &failed), (State::Unsettled, true));
}

#[test]
fn keys_are_of_stream_family_columns_and_directions() {
    let text = temp().text("flights");
    assert_eq!(text, "\"flights\"\ndrift\n\"temp\" down\n");
    let sneaky = cause(&[("temp\" down\n\"x", Direction::Down)]);
    assert_ne!(
        sneaky.text("flights"),
        cause(&[("temp", Direction::Down), ("x", Direction::Down)]).text("flights")
    );
}

#[test]
fn words_of_records_come_back() {
    for family in Family::ALL {
        assert_eq!(Family::parse(family.name()), Some(family));
    }
    for state in State::ALL {
        assert_eq!(State::parse(state.name()), Some(state));
    }
}
