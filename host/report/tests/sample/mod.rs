//! Hand-made documents, for the tests and for `examples/preview.rs`.

use driftguard_verdict::document::{
    ColumnReport, Document, FORMAT, FailureReport, JudgedFinding, PluginReport, SideReport, Timings,
};
use driftguard_verdict::{
    Evidence, Finding, Interval, Kind, Level, Nature, Noise, Reason, Risk, Role, Rules, Status,
    Subject, Suspect, UnitEffect,
};

/// Every sample with its name.
pub fn all() -> Vec<(&'static str, Document)> {
    vec![
        ("pass", pass()),
        ("cannot_tell", cannot_tell()),
        ("alert", alert()),
        ("block", block()),
        ("error", error()),
        ("hostile", hostile()),
        ("many", many()),
    ]
}

/// An unchanged feed.
pub fn pass() -> Document {
    let columns = [
        "origin",
        "carrier",
        "distance",
        "temp",
        "wind_speed",
        "arr_delay",
    ];
    Document {
        format: FORMAT.to_owned(),
        verdict: Level::Pass,
        reason: Reason::Stable,
        suspects: vec![],
        risks: vec![],
        summary: "No material change in 27004 reference and 24951 current rows; a change of 3.1 % of rows would have \
                  been seen."
            .to_owned(),
        guarantee: "at most 5 % false alarms over all 42 findings together, if rows are independent of each other \
                    (iid-assumption; not calibrated on periods of the reference); effects under 0.05 never alert"
            .to_owned(),
        calibration: None,
        anchor: None,
        history: None,
        fingerprints: None,
        canary: None,
        replay: None,
        detectable: Some(0.031),
        reference: side("data/flights/2013-01.parquet", 1, 27_004),
        current: side("data/flights/2013-02-*.parquet", 4, 24_951),
        suspect_details: vec![],
        findings: columns.iter().map(|name| judged(Level::Pass, "effect 0.010 is below 0.05", quiet(name))).collect(),
        failures: vec![],
        roles: vec![
            column("origin", Role::Feature, Kind::Categorical, "3 values", "Utf8"),
            column("carrier", Role::Feature, Kind::Categorical, "16 values", "Utf8"),
            column("flight_id", Role::Id, Kind::Numeric, "all values are distinct", "Int64"),
            column("temp", Role::Feature, Kind::Numeric, "numbers", "Float64"),
            column("wind_speed", Role::Feature, Kind::Numeric, "numbers", "Float64"),
            column("arr_delay", Role::Label, Kind::Numeric, "set by --label", "Float64"),
        ],
        plugins: vec![
            plugin("categorical-drift", &["origin", "carrier"]),
            plugin("numeric-drift", &["temp", "wind_speed"]),
        ],
        rules: Rules::default(),
        driftguard: "0.1.0".to_owned(),
        timings: Some(Timings { wall: 0.41, load: 0.05, decode: 0.21, kernels: 0.09, plugins: 0.12 }),
    }
}

/// Nothing found, but with so few rows that says little.
pub fn cannot_tell() -> Document {
    Document {
        verdict: Level::Alert,
        reason: Reason::CannotTell,
        summary: "Too little data: with 27004 reference and 60 current rows only a change of 24 % of rows or more \
                  would have been seen."
            .to_owned(),
        calibration: None,
        anchor: None,
        history: None,
        fingerprints: None,
        canary: None,
        replay: None,
        detectable: Some(0.24),
        current: side("-", 1, 60),
        ..pass()
    }
}

/// Two inputs moved a little.
pub fn alert() -> Document {
    let wind = Finding {
        effect: 0.083,
        interval: Some(Interval {
            low: 0.071,
            high: 0.094,
            level: 0.95,
        }),
        unit_effect: Some(UnitEffect {
            value: 1.27,
            unit: "mph".to_owned(),
        }),
        evidence: vec![bins(
            &[
                0.02, 0.05, 0.09, 0.13, 0.16, 0.17, 0.14, 0.10, 0.07, 0.04, 0.02, 0.01,
            ],
            &[
                0.01, 0.03, 0.06, 0.09, 0.13, 0.16, 0.17, 0.14, 0.10, 0.06, 0.03, 0.02,
            ],
        )],
        ..measurement(
            "numeric-drift",
            "ks/e33/v1",
            "wind_speed",
            "`wind_speed`: median 9.2 -> 10.4 (+1.27)",
        )
    };
    let carrier = Finding {
        effect: 0.061,
        evidence: vec![Evidence {
            title: "value".to_owned(),
            labels: ["UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "(unseen)"]
                .map(str::to_owned)
                .to_vec(),
            reference: vec![0.171, 0.164, 0.154, 0.137, 0.102, 0.084, 0.066, 0.122, 0.0],
            current: vec![
                0.221, 0.161, 0.101, 0.139, 0.103, 0.081, 0.063, 0.120, 0.011,
            ],
        }],
        ..measurement(
            "categorical-drift",
            "tv/v1",
            "carrier",
            "`carrier`: `UA` 17.1 % -> 22.1 %, `EV` 15.4 % -> 10.1 %",
        )
    };
    let supporting = Finding {
        nature: Nature::Supporting,
        effect: 0.04,
        ..measurement(
            "numeric-drift",
            "psi/q10ref/eps1e-4/v1",
            "wind_speed",
            "population stability index 0.048",
        )
    };
    Document {
        verdict: Level::Alert,
        reason: Reason::InputDrift,
        suspects: vec!["wind_speed".to_owned(), "carrier".to_owned()],
        summary: "Inputs moved; look first at `wind_speed`, `carrier`.".to_owned(),
        suspect_details: vec![
            suspect("wind_speed", Level::Alert, 0.083, &[0], &wind.message),
            suspect("carrier", Level::Alert, 0.061, &[1], &carrier.message),
        ],
        findings: vec![
            judged(Level::Alert, "effect 0.083, corrected p < 1e-6", wind),
            judged(Level::Alert, "effect 0.061, corrected p 3.10e-5", carrier),
            judged(Level::Pass, "supporting", supporting),
        ],
        ..pass()
    }
}

/// A feed that went from Fahrenheit to Celsius, and lost values on the way.
pub fn block() -> Document {
    let moved = "`temp`: median 71.1 -> 21.7; 98 % of rows lie below the reference's 5 % quantile; looks like \
                 Fahrenheit -> Celsius";
    let unit = Finding {
        nature: Nature::Fault,
        effect: 0.98,
        ..measurement("schema", "unit/v1", "temp", moved)
    };
    let shift = Finding {
        effect: 0.976,
        interval: Some(Interval {
            low: 0.972,
            high: 0.981,
            level: 0.95,
        }),
        unit_effect: Some(UnitEffect {
            value: -49.4,
            unit: "°F".to_owned(),
        }),
        evidence: vec![bins(
            &[
                0.0, 0.0, 0.0, 0.01, 0.03, 0.06, 0.10, 0.15, 0.18, 0.17, 0.13, 0.09, 0.05, 0.02,
                0.01,
            ],
            &[
                0.02, 0.35, 0.47, 0.13, 0.02, 0.01, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
            ],
        )],
        ..measurement(
            "numeric-drift",
            "ks/e33/v1",
            "temp",
            "`temp`: the whole distribution moved down by 49.4",
        )
    };
    let nulls = Finding {
        effect: 0.118,
        evidence: vec![Evidence {
            title: "rate".to_owned(),
            labels: ["null", "NaN", "zero"].map(str::to_owned).to_vec(),
            reference: vec![0.002, 0.0, 0.01],
            current: vec![0.12, 0.0, 0.03],
        }],
        ..measurement(
            "completeness",
            "rate/v1",
            "temp",
            "`temp`: nulls 0.2 % -> 12 %",
        )
    };
    let gone = Finding {
        nature: Nature::Fault,
        effect: 1.0,
        ..measurement("schema", "columns/v1", "gust", "`gust`: the column is gone")
    };
    let mut document = Document {
        verdict: Level::Block,
        reason: Reason::DataQuality,
        suspects: vec!["temp".to_owned(), "gust".to_owned()],
        summary: "The data is broken; look first at `temp`, `gust`.".to_owned(),
        suspect_details: vec![
            suspect("temp", Level::Block, 0.98, &[0, 1, 2], moved),
            suspect("gust", Level::Block, 1.0, &[3], &gone.message),
        ],
        findings: vec![
            judged(Level::Block, "a fault, whatever the number of rows", unit),
            judged(Level::Block, "effect 0.976, corrected p < 1e-6", shift),
            judged(Level::Block, "effect 0.118, corrected p < 1e-6", nulls),
            judged(Level::Block, "a fault, whatever the number of rows", gone),
        ],
        ..pass()
    };
    document.roles.push(ColumnReport {
        storage_current: None,
        ..column("gust", Role::Feature, Kind::Numeric, "numbers", "Float64")
    });
    document
}

/// A plugin that ran out of its budget.
pub fn error() -> Document {
    Document {
        verdict: Level::Error,
        reason: Reason::CheckFailed,
        summary: "Could not evaluate: numeric-drift failed.".to_owned(),
        failures: vec![FailureReport {
            check: "numeric-drift".to_owned(),
            column: Some("temp".to_owned()),
            message:
                "the plugin used 1,000,000,007 of 1,000,000,000 units of fuel in `update`; raise \
                      `budget.fuel` in driftguard.toml or give it fewer rows"
                    .to_owned(),
        }],
        calibration: None,
        anchor: None,
        history: None,
        fingerprints: None,
        canary: None,
        replay: None,
        detectable: None,
        timings: None,
        ..pass()
    }
}

/// Names, labels and messages that attack the reader.
pub fn hostile() -> Document {
    let clear = "\u{1b}[2J\u{1b}]0;owned\u{7}";
    let long = format!("{clear}{}", "very_long_name_".repeat(40));
    let override_ = "evil\u{202e}gnp.exe".to_owned();
    let message = format!(
        "::error::owned\n::set-output name=x::y {clear} ##vso[task.complete] \u{9b}31m PASS"
    );
    let table = Finding {
        effect: f64::NAN,
        evidence: vec![Evidence {
            title: message.clone(),
            labels: vec![
                message.clone(),
                "::warning::".to_owned(),
                "列名列名列名列名".to_owned(),
                String::new(),
            ],
            reference: vec![0.5, 0.3, 0.2, 0.0],
            current: vec![0.1, 0.1, 0.1, 0.7, 9.0],
        }],
        ..measurement(&message, &message, &long, &message)
    };
    let chart = Finding {
        effect: 7.0,
        unit_effect: Some(UnitEffect {
            value: f64::INFINITY,
            unit: message.clone(),
        }),
        evidence: vec![Evidence {
            title: message.clone(),
            labels: (0..400).map(|bin| format!("{bin}{message}")).collect(),
            reference: vec![3.0; 400],
            current: (0..400).map(f64::from).collect(),
        }],
        ..measurement("own", "own/v1", &override_, &message)
    };
    let mut document = Document {
        verdict: Level::Block,
        suspects: vec![long.clone(), override_.clone(), "::error::".to_owned()],
        summary: message.clone(),
        guarantee: message.clone(),
        suspect_details: vec![
            suspect(&long, Level::Block, f64::NAN, &[0, 99], &message),
            suspect(&override_, Level::Alert, 7.0, &[1], &message),
            suspect("::error::", Level::Alert, 0.1, &[], "::error::owned"),
        ],
        findings: vec![
            judged(Level::Block, &message, table),
            judged(Level::Alert, &message, chart),
        ],
        failures: vec![FailureReport {
            check: message.clone(),
            column: Some(long.clone()),
            message: message.clone(),
        }],
        reason: Reason::InputDrift,
        ..pass()
    };
    document.reference.source = format!("{clear}{}", "folder/".repeat(60));
    document.roles.push(column(
        &long,
        Role::Feature,
        Kind::Categorical,
        &message,
        &message,
    ));
    document.plugins.push(PluginReport {
        origin: message.clone(),
        ..plugin(&message, &[])
    });
    document
}

/// More suspects than fit a screen.
pub fn many() -> Document {
    let names: Vec<String> = (1..=30)
        .map(|number| format!("feature_{number:02}"))
        .collect();
    let findings: Vec<JudgedFinding> = names
        .iter()
        .map(|name| {
            let message = format!("`{name}`: median 0.1 -> 0.3");
            judged(
                Level::Block,
                "effect 0.400, corrected p < 1e-6",
                measurement("numeric-drift", "ks/e33/v1", name, &message),
            )
        })
        .collect();
    let details = findings.iter().zip(&names).enumerate();
    Document {
        verdict: Level::Block,
        reason: Reason::InputAndOutputDrift,
        summary: "Inputs moved and outputs with them; look first at `feature_01`, `feature_02`, `feature_03`.".to_owned(),
        suspect_details: details
            .map(|(at, (judged, name))| suspect(name, Level::Block, 0.4, &[at], &judged.finding.message))
            .collect(),
        roles: names.iter().map(|name| column(name, Role::Feature, Kind::Numeric, "numbers", "Float64")).collect(),
        findings,
        suspects: names,
        ..pass()
    }
}

fn side(source: &str, files: u64, rows: u64) -> SideReport {
    SideReport {
        source: source.to_owned(),
        files,
        rows,
    }
}

fn column(name: &str, role: Role, kind: Kind, why: &str, storage: &str) -> ColumnReport {
    ColumnReport {
        name: name.to_owned(),
        role,
        kind,
        why: why.to_owned(),
        storage_reference: Some(storage.to_owned()),
        storage_current: Some(storage.to_owned()),
    }
}

fn plugin(check: &str, columns: &[&str]) -> PluginReport {
    PluginReport {
        check: check.to_owned(),
        version: "0.1.0".to_owned(),
        sha256: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        origin: "built-in".to_owned(),
        risk: Risk::Operational,
        columns: columns.iter().map(|name| (*name).to_owned()).collect(),
        fuel: Some(1_234_567),
        seconds: Some(0.06),
    }
}

fn measurement(check: &str, metric: &str, column: &str, message: &str) -> Finding {
    Finding {
        check: check.to_owned(),
        metric: metric.to_owned(),
        subject: Subject::Column(column.to_owned()),
        nature: Nature::Measurement,
        status: Status::Ok,
        statistic: Some(0.4),
        effect: 0.4,
        unit_effect: None,
        interval: None,
        p_value: Some(1e-9),
        noise: Some(Noise {
            mean: 0.008,
            sd: 0.002,
        }),
        n_reference: 27_004,
        n_current: 24_951,
        evidence: vec![],
        message: message.to_owned(),
    }
}

fn quiet(column: &str) -> Finding {
    Finding {
        effect: 0.01,
        p_value: Some(0.4),
        ..measurement("numeric-drift", "ks/e33/v1", column, "no change")
    }
}

fn judged(level: Level, judgement: &str, finding: Finding) -> JudgedFinding {
    JudgedFinding {
        level,
        judgement: judgement.to_owned(),
        finding,
    }
}

fn suspect(name: &str, level: Level, effect: f64, findings: &[usize], because: &str) -> Suspect {
    Suspect {
        name: name.to_owned(),
        level,
        effect,
        findings: findings.to_vec(),
        because: because.to_owned(),
    }
}

fn bins(reference: &[f64], current: &[f64]) -> Evidence {
    let labels = (0..reference.len()).map(|bin| match bin {
        0 => "< 10".to_owned(),
        bin if bin + 1 == reference.len() => format!(">= {}", bin * 8 + 2),
        bin => format!("{} to {}", bin * 8 + 2, bin * 8 + 10),
    });
    Evidence {
        title: "share of rows".to_owned(),
        labels: labels.collect(),
        reference: reference.to_vec(),
        current: current.to_vec(),
    }
}
