//! Where in the current rows a change began, which slice moved by itself, and
//! which group is decided otherwise: through the binary.

use serde_json::Value;

use crate::support::{Folder, Ran, Random, Table, Values, fixture};

/// The check has to be asked for.
const ASK: &str = "version = 1\n[checks.change-point]\n";

/// Messages of a check's findings with this metric.
fn messages(ran: &Ran, metric: &str) -> Vec<String> {
    let document = ran.document();
    let findings = document["findings"]
        .as_array()
        .expect("findings are listed");
    let of_metric = findings
        .iter()
        .filter(|finding| finding["metric"] == metric);
    of_metric
        .filter_map(|finding| finding["message"].as_str().map(str::to_owned))
        .collect()
}

/// Real data: from the middle of the window on the model always answers 0.5.
#[test]
fn a_stuck_score_is_told_with_the_row_where_it_began() {
    let folder = Folder::new();
    let (reference, current) = (
        fixture("car_loan/reference.parquet"),
        fixture("car_loan/score_stuck.parquet"),
    );
    let sides = ["-r", reference.as_str(), "-c", current.as_str()];
    let roles = [
        "--score",
        "y_pred_proba",
        "--prediction",
        "y_pred",
        "--label",
        "repaid",
        "--timestamp",
        "timestamp",
    ];
    folder.write("ask.toml", ASK);
    let ran = folder.check(&[&sides[..], &roles, &["--policy", "ask.toml"]].concat());
    assert_eq!(ran.code, 1);
    let frozen = messages(&ran, "frozen/blocks/v1");
    let score = frozen
        .iter()
        .find(|message| message.starts_with("`y_pred_proba`"))
        .expect("it froze");
    let row: u64 = score
        .split("from row ")
        .nth(1)
        .and_then(|rest| rest.split(' ').next())
        .and_then(|row| row.parse().ok())
        .expect("a row is named");
    assert!(row.abs_diff(1_501) <= 32, "{score}");
    assert!(score.contains(" (201"), "{score}");
}

/// Real data: other rows of the same months.
#[test]
fn nothing_began_where_nothing_changed() {
    let folder = Folder::new();
    let (reference, current) = (
        fixture("flights/reference.parquet"),
        fixture("flights/unchanged.parquet"),
    );
    let sides = ["-r", reference.as_str(), "-c", current.as_str()];
    let roles = [
        "--score",
        "y_pred_proba",
        "--prediction",
        "y_pred",
        "--label",
        "late",
        "--timestamp",
        "time_hour",
    ];
    folder.write("ask.toml", "version = 1\n[checks.change-point]\n[checks.segments]\n[checks.fairness-drift]\nsettings = { groups = [\"origin\"] }\n");
    let ran = folder.check(&[&sides[..], &roles, &["--policy", "ask.toml"]].concat());
    assert_eq!((ran.code, ran.suspects()), (0, vec![]));
    let changes = messages(&ran, "change-point/kuiper6/v1");
    assert!(changes.len() > 10);
    assert!(
        changes.iter().all(|message| !message.contains("from row")),
        "{changes:?}"
    );
    let gaps = messages(&ran, "selection-rate-gap/log-odds/v1");
    assert_eq!(gaps.len(), 3, "{gaps:?}");
}

/// Hourly readings of a sensor over 40 days.
fn readings(seed: u64, edit: impl Fn(usize, f64) -> Option<f64>) -> Table {
    let mut random = Random(seed);
    let values = (0..4_800).map(|row| {
        let day = (row as f64 / 120.0 * std::f64::consts::TAU).sin();
        edit(row, 20.0 + 3.0 * day + random.uniform())
    });
    let seconds = (0..4_800).map(|row| 86_400 + row * 300);
    Table::default()
        .with("at", Values::Times(seconds.collect()))
        .floats("sensor", values.collect())
}

fn compared(current: &Table) -> Ran {
    let folder = Folder::new();
    folder.sides(&readings(1, |_, x| Some(x)), current);
    folder.write("ask.toml", ASK);
    folder.check_sides(&["--timestamp", "at", "--policy", "ask.toml"])
}

#[test]
fn a_sensor_that_freezes_half_way_is_a_fault_with_row_and_time() {
    let ran = compared(&readings(2, |row, x| {
        Some(if row >= 2_400 { 21.5 } else { x })
    }));
    assert_eq!(
        (ran.code, ran.suspects().first().map(String::as_str)),
        (1, Some("sensor"))
    );
    let frozen = messages(&ran, "frozen/blocks/v1");
    assert_eq!(frozen.len(), 1, "{frozen:?}");
    assert!(
        frozen[0].starts_with("`sensor`: froze at 21.5 from row 24"),
        "{frozen:?}"
    );
    assert!(frozen[0].contains(" (1970-01-10T"), "{frozen:?}");
}

#[test]
fn a_block_of_nulls_is_told_with_its_ends() {
    let ran = compared(&readings(3, |row, x| {
        (!(3_000..3_600).contains(&row) || row % 3 > 0).then_some(x)
    }));
    let changes = messages(&ran, "change-point/kuiper6/v1");
    let sensor = changes
        .iter()
        .find(|message| message.starts_with("`sensor`"))
        .expect("it is measured");
    assert!(
        sensor.starts_with("`sensor`: rows without a value are 3")
            && sensor.contains("to before row 36"),
        "{sensor}"
    );
}

#[test]
fn a_steady_sensor_is_quiet() {
    for seed in 4..8 {
        let ran = compared(&readings(seed, |_, x| Some(x)));
        assert_eq!((ran.code, ran.suspects()), (0, vec![]), "{}", ran.stdout);
    }
}

/// Loans of two regions and two products; `edit` is given row and draw.
fn loans(seed: u64, edit: impl Fn(u32, u32, f64) -> f64) -> Table {
    let mut random = Random(seed);
    let (mut region, mut product, mut approved) = (vec![], vec![], vec![]);
    for _ in 0..6_000 {
        let (r, p) = (random.below(3), random.below(4));
        let chance = edit(r, p, 0.5);
        region.push(format!("r{r}"));
        product.push(format!("p{p}"));
        approved.push(Some(i64::from(random.uniform() < chance)));
    }
    Table::default()
        .with("region", Values::texts(region))
        .with("product", Values::texts(product))
        .with("approved", Values::Integers(approved))
}

#[test]
fn a_group_that_is_turned_down_is_a_suspect_in_words() {
    let folder = Folder::new();
    folder.sides(
        &loans(1, |_, _, x| x),
        &loans(2, |r, _, x| if r == 1 { 0.2 } else { x }),
    );
    folder.write(
        "ask.toml",
        "version = 1\n[checks.fairness-drift]\nsettings = { groups = [\"region\"] }\n",
    );
    let ran = folder.check_sides(&[
        "--prediction",
        "approved",
        "--categorical",
        "region,product",
        "--policy",
        "ask.toml",
    ]);
    let names: Vec<Value> = ran.suspects().into_iter().map(Value::from).collect();
    assert!(names.contains(&Value::from("`region` = r1")), "{names:?}");
    // Groups by their role say the same, and so does the command line.
    let gaps = |ran: &Ran| messages(ran, "selection-rate-gap/log-odds/v1");
    let by_setting = gaps(&ran);
    assert_eq!(by_setting.len(), 3, "{by_setting:?}");
    let check = "version = 1\n[checks.fairness-drift]\n";
    let role = format!("{check}[roles]\nsegment = [\"region\"]\nprediction = \"approved\"\n");
    folder.write("roles.toml", role);
    folder.write("check.toml", check);
    let by_role = folder.check_sides(&["--policy", "roles.toml"]);
    assert_eq!(by_role.role("region")["role"], "segment");
    let flags = [
        "--segment",
        "region",
        "--prediction",
        "approved",
        "--policy",
        "check.toml",
    ];
    let by_flag = folder.check_sides(&flags);
    for ran in [&by_role, &by_flag] {
        assert_eq!(gaps(ran), by_setting);
        assert!(
            ran.suspects().contains(&"`region` = r1".to_owned()),
            "{ran:?}"
        );
    }
    // Without a group there is nothing to say, which is said.
    let none = folder.check_sides(&["--prediction", "approved", "--policy", "check.toml"]);
    assert!(
        gaps(&none)
            .iter()
            .all(|message| message.contains("the role `segment`")),
        "{:?}",
        gaps(&none)
    );
    // A segment is watched like any other column.
    let gone = Table::default()
        .with("region", Values::texts(vec![String::from("r0"); 6_000]))
        .with(
            "product",
            Values::texts((0..6_000).map(|row| format!("p{}", row % 4))),
        )
        .with(
            "approved",
            Values::Integers((0..6_000).map(|row| Some(row / 4 % 2)).collect()),
        );
    folder.write("gone.parquet", gone.parquet());
    let sides = [
        "-r",
        "reference.parquet",
        "-c",
        "gone.parquet",
        "--policy",
        "roles.toml",
    ];
    let gone = folder.check(&sides);
    assert_eq!((gone.code, gone.suspects()), (1, vec!["region".to_owned()]));
    // A name that is no column is refused.
    folder.write(
        "ask.toml",
        "version = 1\n[checks.fairness-drift]\nsettings = { groups = [\"regoin\"] }\n",
    );
    let ran = folder.check_sides(&["--prediction", "approved", "--policy", "ask.toml"]);
    assert!(
        ran.code == 3 && format!("{}{}", ran.stdout, ran.stderr).contains("`regoin`"),
        "{ran:?}"
    );
}
