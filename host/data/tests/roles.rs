//! Roles by names and values, each rule with a column that it must not catch.

mod support;

use arrow_array::RecordBatch;
use driftguard_data::{RoleOverrides, resolve};
use driftguard_verdict::{Kind, Role};
use support::{Folder, open};

const ROWS: usize = 400;

/// A pilot of columns made by functions of the row.
fn pilot(columns: &[(&str, &dyn Fn(usize) -> String)]) -> RecordBatch {
    let folder = Folder::new();
    let mut text = columns
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join(",")
        + "\n";
    for row in 0..ROWS {
        let fields: Vec<String> = columns
            .iter()
            .map(|(_, field)| format!("\"{}\"", field(row)))
            .collect();
        text.push_str(&(fields.join(",") + "\n"));
    }
    open(&[&folder.text("a.csv", text)])
        .unwrap()
        .pilot(ROWS)
        .unwrap()
}

fn found(columns: &[(&str, &dyn Fn(usize) -> String)]) -> Vec<(String, Role, Kind)> {
    let roles = resolve(
        &pilot(columns),
        Some(ROWS as u64),
        &RoleOverrides::default(),
    )
    .unwrap();
    assert!(roles.iter().all(|column| !column.why.is_empty()));
    roles
        .into_iter()
        .map(|column| (column.name, column.role, column.kind))
        .collect()
}

fn one(name: &str, field: &dyn Fn(usize) -> String) -> (Role, Kind) {
    let (_, role, kind) = found(&[(name, field)]).remove(0);
    (role, kind)
}

/// Repeatable numbers without a pattern.
fn mixed(row: usize) -> usize {
    (row * 7_919 + 13) % 1_009
}

#[test]
fn numbers_and_categories() {
    use Kind::{Categorical, Numeric};
    for (name, field, wanted) in [
        (
            "temp",
            &(|row| format!("{}.5", mixed(row))) as &dyn Fn(usize) -> String,
            Numeric,
        ),
        ("distance", &|row| mixed(row).to_string(), Numeric),
        ("workingday", &|row| (row % 2).to_string(), Categorical),
        ("season", &|row| (row % 4 + 1).to_string(), Categorical),
        ("num_rooms", &|row| (row % 4 + 1).to_string(), Numeric),
        ("num_doors", &|row| (row % 2).to_string(), Numeric),
        (
            "failures",
            &|row| (if row % 9 == 0 { row % 4 } else { 0 }).to_string(),
            Numeric,
        ),
        (
            "product_code",
            &|row| (mixed(row) / 10).to_string(),
            Categorical,
        ),
        (
            "zip",
            &|row| format!("0{}", 1_000 + mixed(row)),
            Categorical,
        ),
        ("constant", &|_| "7".to_owned(), Numeric),
        (
            "amount_with_words",
            &|row| {
                if row % 20 == 0 {
                    "n/a".to_owned()
                } else {
                    mixed(row).to_string()
                }
            },
            Numeric,
        ),
        (
            "mostly_words",
            &|row| {
                if row % 3 == 0 {
                    "7".to_owned()
                } else {
                    "some".to_owned()
                }
            },
            Categorical,
        ),
        ("city", &|row| format!("town {}", row % 30), Categorical),
        ("flag", &|row| (row % 2 == 0).to_string(), Categorical),
    ] {
        assert_eq!(one(name, field), (Role::Feature, wanted), "{name}");
    }
    assert_eq!(
        one("nothing", &|_| String::new()),
        (Role::Feature, Kind::Other)
    );
}

#[test]
fn ids() {
    for (name, field, wanted) in [
        (
            "order_id",
            &(|row| mixed(row).to_string()) as &dyn Fn(usize) -> String,
            Role::Id,
        ),
        ("n", &|row| (row + 5).to_string(), Role::Id),
        ("token", &|row| format!("x{}", mixed(row)), Role::Id),
        // Few values, each often: a category though it is named like an id.
        ("store_id", &|row| (row % 20).to_string(), Role::Feature),
        // Distinct, out of order and a number: a measurement.
        ("value", &|row| mixed(row).to_string(), Role::Feature),
        ("humid", &|row| format!("{}.25", mixed(row)), Role::Feature),
    ] {
        assert_eq!(one(name, field).0, wanted, "{name}");
    }
    assert_eq!(
        one("store_id", &|row| (row % 20).to_string()).1,
        Kind::Categorical
    );
}

#[test]
fn text() {
    let sentence = |row: usize| format!("the parcel number {row} came late and open, again");
    assert_eq!(one("remark", &sentence), (Role::Text, Kind::Text));
    let repeated = |row: usize| format!("the parcel number {} came late and open, again", row % 5);
    assert_eq!(one("remark", &repeated), (Role::Feature, Kind::Categorical));
}

#[test]
fn the_time_of_the_row_is_the_timestamp() {
    let day = |row: usize| format!("2013-{:02}-{:02}", row % 12 + 1, row % 28 + 1);
    let roles = found(&[
        ("birth_date", &day),
        ("shipped", &day),
        ("event_time", &day),
    ]);
    let times: Vec<_> = roles
        .iter()
        .filter(|(_, role, _)| *role == Role::Timestamp)
        .map(|(name, ..)| name.as_str())
        .collect();
    assert_eq!(times, ["event_time"]);
    assert!(roles.iter().all(|(.., kind)| *kind == Kind::Timestamp));
    assert_eq!(one("birth_date", &day), (Role::Feature, Kind::Timestamp));
    let broken = |row: usize| {
        if row.is_multiple_of(50) {
            "soon".to_owned()
        } else {
            format!("2013-01-{:02} 06:00", row % 28 + 1)
        }
    };
    assert_eq!(one("when", &broken), (Role::Timestamp, Kind::Timestamp));
}

#[test]
fn outputs_of_the_model() {
    let flag = |row: usize| (mixed(row) % 2).to_string();
    let share = |row: usize| format!("0.{:04}", mixed(row) + 1);
    let credit = |row: usize| (300 + mixed(row) / 2).to_string();
    let roles = found(&[
        ("credit_score", &credit),
        ("rain_probability", &share),
        ("score", &share),
        ("y_pred", &flag),
        ("target", &flag),
    ]);
    let roles: Vec<_> = roles.into_iter().map(|(_, role, _)| role).collect();
    assert_eq!(
        roles,
        [
            Role::Feature,
            Role::Feature,
            Role::Score,
            Role::Prediction,
            Role::Label
        ]
    );
    // Without a prediction, `score` is a measurement.
    assert_eq!(one("score", &share).0, Role::Feature);
    assert_eq!(one("score", &credit).0, Role::Feature);
    assert_eq!(one("y_pred_proba", &share).0, Role::Score);
    assert_eq!(one("weight", &share).0, Role::Feature);
    assert_eq!(one("sample_weight", &share).0, Role::Weight);
}

#[test]
fn the_label_is_what_the_prediction_agrees_with_clearly() {
    let truth = |row: usize| (mixed(row) % 2).to_string();
    let guess = |row: usize| ((mixed(row) + usize::from(row.is_multiple_of(9))) % 2).to_string();
    let noise = |row: usize| (mixed(row * 3 + 1) / 7 % 2).to_string();
    let role = |roles: Vec<(String, Role, Kind)>, name: &str| {
        roles
            .into_iter()
            .find(|(found, ..)| found == name)
            .unwrap()
            .1
    };
    let roles = found(&[("other", &noise), ("late", &truth), ("y_pred", &guess)]);
    assert_eq!(role(roles.clone(), "late"), Role::Label);
    assert_eq!(role(roles, "other"), Role::Feature);
    // Two that agree alike: in doubt none is the label.
    let roles = found(&[("late", &truth), ("very_late", &truth), ("y_pred", &guess)]);
    assert!(roles.iter().all(|(_, role, _)| *role != Role::Label));
    // No agreement: no label.
    assert_eq!(
        role(found(&[("other", &noise), ("y_pred", &truth)]), "other"),
        Role::Feature
    );
    // Numbers, on the same scale only.
    let price = |row: usize| (mixed(row) * 10).to_string();
    let near = |row: usize| (mixed(row) * 10 + row % 50).to_string();
    let scaled = |row: usize| (mixed(row) * 1_000).to_string();
    let roles = found(&[("scaled", &scaled), ("price", &price), ("y_pred", &near)]);
    assert_eq!(role(roles.clone(), "price"), Role::Label);
    assert_eq!(role(roles, "scaled"), Role::Feature);
}

#[test]
fn what_the_user_says_goes_first() {
    let number = |row: usize| mixed(row).to_string();
    let day = |row: usize| format!("2013-01-{:02}", row % 28 + 1);
    let table = pilot(&[
        ("label", &number),
        ("truth_2", &number),
        ("date", &day),
        ("seen", &day),
        ("zip", &number),
    ]);
    let said = RoleOverrides {
        label: Some("truth_2".to_owned()),
        timestamp: Some("seen".to_owned()),
        categorical: vec!["truth_2".to_owned()],
        numeric: vec!["zip".to_owned()],
        ..RoleOverrides::default()
    };
    let roles = resolve(&table, None, &said).unwrap();
    let roles: Vec<_> = roles
        .iter()
        .map(|column| (column.role, column.kind))
        .collect();
    let wanted = [
        (Role::Feature, Kind::Numeric),
        (Role::Label, Kind::Categorical),
        (Role::Feature, Kind::Timestamp),
        (Role::Timestamp, Kind::Timestamp),
        (Role::Feature, Kind::Numeric),
    ];
    assert_eq!(roles, wanted);
}
