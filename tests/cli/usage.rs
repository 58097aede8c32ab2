//! Wrong usage ends with exit code 64, before any file is opened.

use insta::assert_snapshot;

use crate::support::Folder;

fn refusal(arguments: &[&str]) -> String {
    Folder::new().run(arguments).refusal()
}

#[test]
fn no_arguments() {
    let said = refusal(&[]);
    assert!(said.starts_with("exit 64\n"), "{said}");
    assert!(said.contains("Usage: driftguard <COMMAND>"), "{said}");
}

#[test]
fn check_without_sides() {
    assert_snapshot!(refusal(&["check"]), @"
    exit 64
    error: nothing to compare with: give --reference PATH, or [data] reference in the policy
    ");
    assert_snapshot!(refusal(&["check", "-r", "a.csv"]), @"
    exit 64
    error: nothing to judge: give --current PATH, or cut the reference in two with --split TIME or --split-by COLUMN=VALUE
    ");
    assert_snapshot!(refusal(&["init"]), @"
    exit 64
    error: nothing to look at: give --reference PATH
    ");
}

#[test]
fn unknown_words() {
    assert_snapshot!(refusal(&["check", "--curent", "a.csv"]), @"
    exit 64
    error: unexpected argument '--curent' found

      tip: a similar argument exists: '--current'

    Usage: driftguard check --current <PATH>...

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal(&["chekc"]), @"
    exit 64
    error: unrecognized subcommand 'chekc'

      tip: some similar subcommands exist: 'schema', 'checks', 'check'

    Usage: driftguard <COMMAND>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal(&["check", "--fail-on", "never"]), @"
    exit 64
    error: invalid value 'never' for '--fail-on <LEVEL>'
      [possible values: block, alert]

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal(&["check", "--threads", "0"]), @"
    exit 64
    error: invalid value '0' for '--threads <N>': 0 is not in 1..=1024

    For more information, try '--help'.
    ");
}

#[test]
fn what_excludes_each_other() {
    let both = ["check", "-r", "a.csv", "-c", "b.csv"];
    assert_snapshot!(refusal(&[&both[..], &["--split", "2013-04-01"]].concat()), @"
    exit 64
    error: the argument '--current <PATH>...' cannot be used with '--split <TIME>'

    Usage: driftguard check --reference <PATH>... --current <PATH>... --cache <FOLDER>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal(&[&both[..], &["--split-by", "side=new"]].concat()), @"
    exit 64
    error: the argument '--current <PATH>...' cannot be used with '--split-by <COLUMN=VALUE>'

    Usage: driftguard check --reference <PATH>... --current <PATH>... --cache <FOLDER>

    For more information, try '--help'.
    ");
    assert_snapshot!(refusal(&[&both[..], &["--json", "--quiet"]].concat()), @"
    exit 64
    error: the argument '--json' cannot be used with '--quiet'

    Usage: driftguard check --reference <PATH>... --current <PATH>... --json --cache <FOLDER>

    For more information, try '--help'.
    ");
}

#[test]
fn values_that_a_flag_does_not_take() {
    let with = |flag, value| refusal(&["check", "-r", "a.csv", flag, value]);
    assert_snapshot!(with("--split", "tomorrow"), @r#"
    exit 64
    error: --split: must be a date or time, as "2013-04-01" or "2013-04-01T06:00:00Z", found the text `tomorrow`
    "#);
    assert_snapshot!(with("--split-by", "side"), @r#"
    exit 64
    error: --split-by: must be a column and its value on the current side, as "side=new", found the text `side`
    "#);
    assert_snapshot!(with("--delimiter", "||"), @r#"
    exit 64
    error: --delimiter: must be one ASCII character, as "," or ";", or "tab", found the text `||`
    "#);
    let twice = ["check", "-r", "a.csv", "--label", "x", "--ignore", "x"];
    assert_snapshot!(refusal(&twice), @"
    exit 64
    error: --ignore: the column `x` cannot be both `--label` and `--ignore`: remove one
    ");
}

/// The tests name a cache by the environment; a flag goes before that.
#[test]
fn the_cache_can_be_switched_off() {
    let printed = Folder::new().run(&["schema", "verdict", "--no-cache"]);
    assert_eq!((printed.code, printed.stderr.as_str()), (0, ""));
}

#[test]
fn standard_input_twice() {
    assert_snapshot!(refusal(&["check", "-r", "-", "-c", "-"]), @"
    exit 64
    error: standard input can be one side only: `-` was given more than once
    ");
}

#[test]
fn explain_of_an_unknown_name() {
    // The list of checks grows; what stands around it stays.
    let said = refusal(&["explain", "numeric-drfit"]);
    let (before, rest) = said.split_once(" nor a check (").expect("both lists");
    let (checks, after) = rest.split_once("); ").expect("both lists");
    assert!(checks.split(", ").any(|check| check == "numeric-drift"));
    assert_snapshot!(format!("{before} {after}"), @r"
    exit 64
    error: `numeric-drfit` is neither a reason code (STABLE, RELEASE_NEUTRAL, CANNOT_TELL, SLOW_DRIFT, FAR_FROM_ANCHOR, INPUT_DRIFT, OUTPUT_DRIFT, INPUT_AND_OUTPUT_DRIFT, ANSWERS_WORSE, LABEL_SHIFT, DATA_DRIFT_BENIGN, DATA_DRIFT_ADAPTED, DATA_CHANGED_BEHAVIOUR, CODE_CHANGED_BEHAVIOUR, CODE_AND_DATA_CHANGED_BEHAVIOUR, DATA_DRIFT_HARMFUL, CONCEPT_DRIFT, CONFOUNDED, UNEXPLAINED_OUTPUT_CHANGE, PROVENANCE_MISSING, DATA_QUALITY, CHECK_FAILED) did you mean `numeric-drift`?
    ");
}
