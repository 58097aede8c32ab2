//! What editors and `driftguard init` get.

use driftguard_verdict::{Kind, Risk, Role, SettingSpec, SettingValue};
use proptest::prelude::*;

use super::super::{
    Budget, Fuel, Slot, TemplateCheck, TemplateColumn, TemplateInput, policy_schema,
    resolve_settings, template,
};
use super::settings::{spec, specs};
use super::*;

mod schema;

/// Names and reasons that would break out of a string or a comment.
const NASTY: &[&str] = &[
    "plain",
    "two words",
    "quote\"s",
    "apos'trophe",
    "back\\slash",
    "line\nbreak",
    "# hash",
    "]",
    "a = 1",
    "\"\"\"",
    "'''",
    "tab\t",
    "\u{1b}[2J",
    "\u{202e}rtl",
    "\u{2028}",
    "\u{7f}",
    "é∑😀",
    "\r\n[rules]\nalpha = 0.5",
    " ",
    "\0",
];

fn column(name: &str, role: Role, kind: Kind) -> TemplateColumn {
    TemplateColumn {
        name: name.into(),
        role,
        kind,
        reason: format!("because of {name}"),
    }
}

fn input() -> TemplateInput {
    let mut columns = vec![
        column("time", Role::Timestamp, Kind::Timestamp),
        column("l\"a\nte", Role::Label, Kind::Categorical),
        column("also", Role::Label, Kind::Numeric),
        column("gone\n", Role::Ignore, Kind::Other),
    ];
    columns.extend(NASTY.iter().map(|name| column(name, Role::Id, Kind::Text)));
    columns.extend(
        NASTY
            .iter()
            .map(|name| column(&format!("{name}!"), Role::Feature, Kind::Numeric)),
    );
    columns.extend(
        NASTY
            .iter()
            .map(|name| column(&format!("{name}?"), Role::Text, Kind::Text)),
    );
    let title = "Numbers that moved\n[rules]\nalpha = 0.5".to_owned();
    TemplateInput {
        reference: vec!["ref/\"a\".csv".into()],
        current: vec![],
        columns,
        checks: vec![
            TemplateCheck {
                id: "schema".into(),
                title: "Columns".into(),
                settings: vec![],
                risk: Risk::Brand,
                opt_in: Some("reads every pair of columns".into()),
            },
            TemplateCheck {
                id: "numeric-drift".into(),
                title,
                settings: specs(),
                risk: Risk::Strategic,
                opt_in: None,
            },
        ],
        budget: Budget {
            memory_mib: Some(256),
            call_seconds: Some(10.0),
            fuel: Some(Fuel::Unmetered),
            traffic_mib: Some(16),
            output_kib: Some(16_384),
            kernel_values: Some(1 << 34),
            findings: Some(10_000),
        },
    }
}

/// Takes the `#` away from everything that can be switched on.
fn switched_on(template: &str) -> String {
    let on = |line: &str| match line.strip_prefix('#') {
        Some(key) if !key.starts_with(' ') || key.starts_with("  \"") => key.to_owned(),
        _ => line.to_owned(),
    };
    template.lines().map(on).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_template_means_the_defaults() {
    let input = input();
    let policy = parse(&template(&input)).unwrap();
    assert_eq!(policy.rules, Policy::default().rules);
    assert_eq!((policy.budget, policy.fail_on), Default::default());
    assert_eq!(policy.data.reference, input.reference);
    for check in &policy.checks {
        let asked_for = |one: &TemplateCheck| one.id == check.id && one.opt_in.is_some();
        assert_eq!(check.enabled, !input.checks.iter().any(asked_for));
        assert!(
            check.plugin.is_none() && check.settings.0.is_empty(),
            "{}",
            check.id
        );
        assert_eq!(policy.grant(&check.id), Default::default());
    }
    let of = |slot| policy.roles.columns(slot).collect::<Vec<_>>();
    assert_eq!(
        (of(Slot::Timestamp), of(Slot::Label)),
        (vec!["time"], vec!["l\"a\nte"])
    );
    assert_eq!(of(Slot::Id), NASTY);
    assert_eq!(of(Slot::Ignore), ["gone\n"]);
    assert_eq!(
        policy.roles.assignments.len(),
        3 + NASTY.len(),
        "kinds are switched off"
    );
    let names: Vec<&str> = input
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    policy.check_columns(&names).unwrap();
}

#[test]
fn switching_everything_on_changes_nothing() {
    let input = input();
    let text = switched_on(&template(&input));
    let policy = parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert_eq!(policy.rules, Policy::default().rules);
    assert_eq!(
        (policy.budget, policy.fail_on),
        (input.budget, Policy::default().fail_on)
    );
    let check = policy.check("numeric-drift").unwrap();
    assert_eq!(check.risk, Some(Risk::Strategic), "its own word");
    assert_eq!(check.settings.0.len(), specs().len());
    let settings = resolve_settings(&check.id, &specs(), &check.settings).unwrap();
    let defaults: Vec<_> = specs()
        .into_iter()
        .map(|spec| (spec.name, spec.default))
        .collect();
    assert_eq!(settings, defaults);
    for column in &input.columns {
        if matches!(column.role, Role::Feature | Role::Text | Role::Label) {
            assert_eq!(
                policy.roles.kind(&column.name).map(|(kind, _)| kind),
                Some(column.kind),
                "{:?}",
                column.name
            );
        }
    }
}

#[test]
fn a_template_as_it_looks() {
    let columns = vec![
        column("time", Role::Timestamp, Kind::Timestamp),
        column("flight", Role::Id, Kind::Categorical),
        column("temp", Role::Feature, Kind::Numeric),
    ];
    let settings = specs().into_iter().take(2).collect();
    let checks = vec![TemplateCheck {
        id: "numeric-drift".into(),
        title: "Numbers that moved".into(),
        settings,
        risk: Risk::Operational,
        opt_in: None,
    }];
    let budget = Budget {
        memory_mib: Some(256),
        fuel: Some(Fuel::Unmetered),
        ..Budget::default()
    };
    let input = TemplateInput {
        reference: vec!["ref.csv".into()],
        current: vec![],
        columns,
        checks,
        budget,
    };
    insta::assert_snapshot!(template(&input), @r#"
    # Policy of driftguard, written by `driftguard init`. Lines that begin with
    # `#` and a key show a default: take the `#` away to change it. A key that
    # does not exist is an error. Flags go before what stands here.
    version = 1

    # What is compared, where the command line does not say.
    [data]
    # Files, globs or folders of the reference, relative to this file.
    reference = ["ref.csv"]
    # Files, globs or folders of the current data, relative to this file.
    # For example: current = ["current/*.parquet"]
    # In place of `current`:
    # Cuts the reference in two: rows from this date or time on are the current
    # side.
    # For example: split = "2013-04-01"
    # Cuts the reference in two by a column: with `side=new`, rows whose `side` is
    # `new` are the current side.
    # For example: split-by = "side=new"
    # What separates the fields of CSV files: one ASCII character, or `tab`.
    # For example: delimiter = ";"

    # What columns are for, as inferred; correct what is wrong. Lists of kinds are
    # switched off: switch one on to force its columns to that kind, on both
    # sides.
    [roles]
    # When the row happened; cuts the data into periods.
    timestamp = "time" # because of time
    # The truth, when it is known.
    # None found. For example: label = "column"
    # What the model decided: a class or a number.
    # None found. For example: prediction = "column"
    # The model's probability or score behind the decision; of several classes one
    # column for each, named after its class (`proba_red`).
    # None found. For example: score = "column"
    # Columns whose values are groups (a region, a channel): quality and fairness
    # are looked at in each, and they are compared like any other.
    segment = []
    # Columns that name a row or an entity; never compared as a distribution.
    ids = [
      "flight", # because of flight
    ]
    # Columns that no check but the schema looks at.
    ignore = []
    # Columns to treat as numbers.
    #numeric = [
    #  "temp", # because of temp
    #]
    # Columns to treat as a bounded set of values.
    #categorical = []
    # Columns of free text.
    #text = []
    # Columns of vectors.
    #embedding = []
    # Columns of text whose values are hashed as they are read: no plugin,
    # baseline or report holds them.
    personal = []

    # Thresholds of the decision. Effects are shares of rows moved: 0.05 is about
    # an eighth of a standard deviation, 0.10 about a quarter.
    [rules]
    # Chance of a false alarm over all columns and checks together, if rows are
    # independent and nothing changed. Between 0 and 0.5. (a number above 0 and at
    # most 0.5)
    #alpha = 0.05
    # Effects from here on alert. (a number above 0 and at most 1)
    #alert-at = 0.05
    # Effects from here on block. (a number above 0 and at most 1)
    #block-at = 0.1
    # If even an effect of this size could have been missed, the answer is "cannot
    # tell" instead of a pass. (a number above 0 and at most 1)
    #must-see = 0.15
    # Fewest rows on either side for a statistic to decide. (a whole number of at
    # least 2 and at most 1000000000)
    #min-rows = 50
    # What "cannot tell" amounts to. (one of "pass", "alert", "block", "error")
    #on-cannot-tell = "alert"

    # Checks. Every built-in check runs unless it is switched off here; those with
    # `enabled = false` below have to be asked for. Each table may also have:
    # - columns = ["temp", "wind_*"]: Grant: only these columns are visible to it;
    # `*` and `?` are wild. Default: all that fit its roles and kinds.
    # - exclude = ["wind_gust"]: Columns taken out of the grant; `*` and `?` are
    # wild.
    # A check of your own: [checks.my-check] with plugin = "plugins/my_check.wasm"
    # and, to pin the file, sha256 = "...".
    # severity: What its findings can lead to: `block` = as judged, `alert` = at
    # most an alert, `ignore` = only reported.
    # risk: Which risk to the business it speaks to; overrides the plugin's own
    # tag.

    # Numbers that moved
    [checks.numeric-drift]
    #enabled = true
    #severity = "block"
    #risk = "operational"
    [checks.numeric-drift.settings]
    # Help of sample-rows. (a whole number between 16 and 4096)
    #sample-rows = 512
    # Help of epsilon. (a number of at least 0)
    #epsilon = 0.0001

    # What every plugin may spend; [checks.ID.budget] may differ.
    [budget]
    # Memory of the plugin, in MiB.
    #memory-mib = 256
    # Instructions of one run of the plugin, roughly; a limit that is the same on
    # every machine. `none`: not metered.
    #fuel = "none"

    # Code, model and whatever else decides the answers: so that the verdict can
    # say whether it changed.
    [fingerprint]
    # Folder of the source code, relative to this file; of a git work tree the
    # files that git tracks. Here and below: `none` if there is no such part.
    # For example: code = "src"
    # Files or folders of the model.
    # For example: model = "model.onnx"
    # Configuration files; of .json and .toml the meaning counts, of others the
    # bytes.
    # For example: config = ["config.toml"]
    # Lock files of the dependencies.
    # For example: deps = "requirements.lock"
    # Files or folders that define how features are made.
    # For example: features = ["features.sql"]
    # Versions to note beside processor and system, as `onnxruntime=1.20`.
    # For example: runtime = ["onnxruntime=1.20"]
    # The document of the reference, from `driftguard fingerprint --out FILE`.
    # For example: reference = "fingerprints.json"
    # A document of the current side that was made before, in place of the keys
    # above.
    # For example: current = "now.json"

    # The model as a function: what `driftguard replay` runs, to tell code from
    # data.
    [model]
    # Scoring command, run in this file's folder without a shell: rows on standard
    # input, one answer a row as Arrow IPC or CSV with a header on standard
    # output.
    # For example: command = "python score.py"
    # ONNX file, relative to this file, in place of a command: run in the process,
    # and no program is started.
    # For example: onnx = "model.onnx"
    # What rows look like on the command's standard input: an Arrow IPC stream
    # (default), or CSV with a header.
    # For example: stdin = "csv"
    # Columns that the model is given, in this order. Default: the inputs that an
    # ONNX file names; for a command all but labels and outputs.
    # For example: inputs = ["age", "income"]
    # The column of its answers that counts. Default: the only one, or the one
    # named like the score or prediction; of an ONNX file the probability of the
    # second class.
    # For example: output = "score"
    # What of the answers is compared: `mean`, `share>0.5`, `share>=0.5`,
    # `share=CLASS`, `classes`. Default: the mean of numbers, the share of each
    # class.
    # For example: metrics = ["mean", "share>0.5"]
    # Rows of each side that are replayed, one drawn from each of as many equal
    # stretches.
    # For example: rows = 20000
    # Wall clock of one run of the model.
    # For example: timeout-seconds = 300.0
    # Address space of the command (on Linux), values of an ONNX model; in MiB.
    # `none`: not limited.
    # For example: memory-mib = 8192
    # What one run of the command may print, in MiB.
    # For example: output-mib = 1024
    # Frozen inputs with stored answers, from `driftguard replay --make-canary
    # FILE`.
    # For example: canary = "canary.arrow"
    # Whether `driftguard check` replays the canary, too; with a command it has to
    # be allowed to (`--allow-commands`).
    # For example: check-canary = true
    # Whether `driftguard check` runs old and new model on old and new data where
    # the fingerprints differ, to tell code from data; with a command it has to be
    # allowed to (`--allow-commands`).
    # For example: check-replay = true
    # How far the same answers may be apart, relative to the larger of the stored
    # one and their median.
    # For example: tolerance = 1e-6
    # The model before: with it the move of the answers is split between code and
    # data.
    # For example: old = { command = "python score.py old.pkl" }

    # Where verdicts are recorded, and what follows from several of them.
    [history]
    # The history that every check is appended to, relative to this file; made if
    # it is not there.
    # For example: file = "history.sqlite"
    # The stream of verdicts that this policy makes; a file may hold several.
    #model = "default"
    # Slow drift: periods until a false alarm, on average and at least.
    #alarm-after = 365
    # Quiet periods in a row that close an incident.
    #close-after = 7
    # A quiet period has a rank p-value above this.
    #close-p = 0.2
    # In a quiet period the incident's columns moved by less than this share of
    # `alert-at`.
    #close-effect = 0.6
    # Periods after which an open incident is escalated.
    #escalate-after = 14

    [gate]
    # The mildest verdict that fails the pipeline.
    #fail-on = "block"
    # In `production` a fingerprint that is missing when the answers changed
    # blocks; elsewhere it alerts.
    #environment = "development"
    "#);
}
