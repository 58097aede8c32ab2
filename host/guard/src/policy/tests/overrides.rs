//! Flags over the policy.

use driftguard_verdict::{Kind, Role};
use insta::assert_snapshot;

use super::super::{FailOn, Overrides, Slot, Split};
use super::*;

fn merged(text: &str, flags: Overrides) -> Policy {
    let mut policy = parse(text).unwrap();
    policy.merge_flags(flags).unwrap();
    policy
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn no_flags_change_nothing() {
    let text = "[data]\nreference = \"a\"\ncurrent = \"b\"\n[roles]\nlabel = \"l\"\nnumeric = [\"n\"]\n[gate]\nfail-on = \"alert\"";
    assert_eq!(merged(text, Overrides::default()), parse(text).unwrap());
}

#[test]
fn a_flag_takes_a_column_over() {
    let text = "[roles]\nlabel = \"late\"\nids = [\"flight\"]\ncategorical = [\"late\", \"carrier\"]\nignore = [\"x\"]";
    let flags = Overrides {
        label: some("flight"),
        numeric: vec!["carrier".into(), "x".into()],
        ids: vec!["tail".into()],
        ..Overrides::default()
    };
    let policy = merged(text, flags);
    let columns = |slot| policy.roles.columns(slot).collect::<Vec<_>>();
    assert_eq!(columns(Slot::Label), ["flight"]);
    assert_eq!(columns(Slot::Id), ["tail"], "flight is the label now");
    assert_eq!(
        columns(Slot::Categorical),
        ["late"],
        "the old label keeps its kind"
    );
    assert_eq!(columns(Slot::Numeric), ["carrier", "x"]);
    assert_eq!(columns(Slot::Ignore), [""; 0]);
    assert_eq!(policy.roles.role("late"), None);
    let (role, place) = policy.roles.role("flight").unwrap();
    assert_eq!((role, place.to_string().as_str()), (Role::Label, "--label"));
    assert_eq!(policy.roles.kind("x").unwrap().0, Kind::Numeric);
}

#[test]
fn sides_and_splits_replace_each_other() {
    let text = "[data]\nreference = \"a\"\ncurrent = \"b\"";
    let split = merged(
        text,
        Overrides {
            split: some("2013-04-01"),
            ..Overrides::default()
        },
    );
    assert_eq!(
        (split.data.reference.len(), split.data.current.len()),
        (1, 0)
    );
    assert_eq!(
        split.data.split.unwrap().value,
        Split::Time("2013-04-01".into())
    );

    let sides = merged(
        "[data]\nsplit-by = \"s=1\"",
        Overrides {
            current: vec!["c".into()],
            ..Overrides::default()
        },
    );
    assert_eq!(
        (sides.data.split, sides.data.current),
        (None, vec!["c".to_owned()])
    );

    let gate = merged(
        "",
        Overrides {
            fail_on: Some(FailOn::Alert),
            delimiter: some(";"),
            ..Overrides::default()
        },
    );
    assert_eq!(
        (gate.fail_on, gate.data.delimiter),
        (FailOn::Alert, Some(b';'))
    );
}

#[test]
fn wrong_flags() {
    let said = |flags| {
        Policy::default()
            .merge_flags(flags)
            .unwrap_err()
            .to_string()
    };
    let none = Overrides::default;
    let all = [
        said(Overrides {
            split: some("soon"),
            ..none()
        }),
        said(Overrides {
            split_by: some("side"),
            ..none()
        }),
        said(Overrides {
            delimiter: some(""),
            ..none()
        }),
        said(Overrides {
            split: some("2013-04-01"),
            split_by: some("a=b"),
            ..none()
        }),
        said(Overrides {
            split: some("2013-04-01"),
            current: vec!["c".into()],
            ..none()
        }),
        said(Overrides {
            label: some("x"),
            ids: vec!["x".into()],
            ..none()
        }),
        {
            let mut policy = Policy::default();
            policy
                .merge_flags(Overrides {
                    label: some("lat"),
                    ..none()
                })
                .unwrap();
            policy.check_columns(&["late"]).unwrap_err().to_string()
        },
    ];
    assert_snapshot!(all.join("\n"), @r#"
    --split: must be a date or time, as "2013-04-01" or "2013-04-01T06:00:00Z", found the text `soon`
    --split-by: must be a column and its value on the current side, as "side=new", found the text `side`
    --delimiter: must be one ASCII character, as "," or ";", or "tab", found an empty text
    --split-by: `--split` and `--split-by` exclude each other: remove one
    --split: a split, which makes the current side, and `--current` exclude each other: remove one
    --id: the column `x` cannot be both `--label` and `--id`: remove one
    --label: the column `lat` is on neither side of the data: did you mean `late`?
    "#);
}
