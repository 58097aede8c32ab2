//! Change detectors signal where `river` does, on the streams of
//! `make_detectors.py`.

use driftguard_statistics::adwin::Adwin;
use driftguard_statistics::kswin::{self, Kswin};
use driftguard_statistics::page_hinkley::{self, PageHinkley};
use serde_json::Value;

fn noise(i: u64) -> f64 {
    (i * 7919 % 1000) as f64 / 1000.0
}

fn stream(name: &str) -> Vec<f64> {
    let value = |i: u64| match name {
        "steady" => noise(i),
        "step" => noise(i) * 0.5 + if i < 1500 { 0.0 } else { 0.25 },
        "rare" => f64::from(noise(i) < if i < 2000 { 0.004 } else { 0.31 }),
        "spell" => noise(i) + if (1000..1400).contains(&i) { 3.0 } else { 0.0 },
        "slow" => noise(i) + i as f64 / 1000.0,
        other => panic!("no stream {other}"),
    };
    (0..3000).map(value).collect()
}

/// One value in; whether it signals, and the width of the window.
type Step = Box<dyn FnMut(f64) -> (bool, u64)>;

fn detector(name: &str) -> Step {
    let adwin = |mut detector: Adwin| -> Step {
        Box::new(move |value| {
            let signal = detector.update(value);
            (signal, detector.width())
        })
    };
    let page = |limits| -> Step {
        let mut detector = PageHinkley::new(limits);
        Box::new(move |value| (detector.update(value), 0))
    };
    let kswin = |alpha, window, newest| -> Step {
        let mut detector = Kswin::new(kswin::Limits {
            alpha,
            window,
            newest,
        });
        Box::new(move |value| (detector.update(value), 0))
    };
    match name {
        "adwin" => adwin(Adwin::new(0.002, 32)),
        "adwin-0.05-1" => adwin(Adwin::new(0.05, 1)),
        "page-hinkley" => page(page_hinkley::Limits::default()),
        "page-hinkley-10" => page(page_hinkley::Limits {
            threshold: 10.0,
            delta: 0.05,
            least: 60,
            ..page_hinkley::Limits::default()
        }),
        "kswin-60-30" => kswin(0.005, 60, 30),
        "kswin-100-50" => kswin(0.0001, 100, 50),
        other => panic!("no detector {other}"),
    }
}

#[test]
fn signals_are_those_of_river() {
    let table: Value = serde_json::from_str(include_str!("detectors.json")).unwrap();
    let (mut compared, mut signals) = (0, 0);
    for (name, streams) in table.as_object().unwrap() {
        for (stream_name, expected) in streams.as_object().unwrap() {
            let mut step = detector(name);
            let mut found = vec![];
            for (at, value) in stream(stream_name).into_iter().enumerate() {
                let (signal, width) = step(value);
                if signal {
                    found.push(serde_json::json!([at, width]));
                }
            }
            signals += found.len();
            compared += 1;
            assert_eq!(&Value::from(found), expected, "{name} on {stream_name}");
        }
    }
    assert!(compared == 30 && signals > 30, "{compared} {signals}");
}
