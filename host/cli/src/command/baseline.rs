//! `driftguard baseline create | show | add | diff`.

use std::fmt::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use driftguard_data::PeriodUnit;
use driftguard_guard::baseline::{
    self, Added, Baseline, CalibrationLine, Difference, Overview, Share, SubjectLine,
};
use driftguard_guard::policy::{Overrides, Policy};
use driftguard_guard::{By, RunOptions, open_reference};
use driftguard_verdict::calibration::CalibrationState;

use crate::arguments::{BaselineAdd, BaselineCommand, BaselineCreate, BaselineDiff, BaselineShow};
use crate::arguments::{Columns, Data, overrides};
use crate::exit::Failed;
use crate::terminal::Bar;
use crate::{command, engine};

/// Runs one of the verbs.
pub fn run(command: &BaselineCommand) -> anyhow::Result<ExitCode> {
    match command {
        BaselineCommand::Create(arguments) => create(arguments),
        BaselineCommand::Show(arguments) => show(arguments),
        BaselineCommand::Add(arguments) => add(arguments),
        BaselineCommand::Diff(arguments) => diff(arguments),
    }
}

/// `auto`, `hour` to `month`, `rows:2000`.
fn by(text: &str) -> Result<By, Failed> {
    let refused = || {
        Failed::Usage(format!(
            "--by {text}: write auto, hour, day, week, month or rows:N (N from 1)"
        ))
    };
    if text == "auto" {
        return Ok(By::Auto);
    }
    if let Some(rows) = text.strip_prefix("rows:") {
        let rows: u64 = rows.parse().map_err(|_| refused())?;
        return if rows == 0 {
            Err(refused())
        } else {
            Ok(By::Rows(rows))
        };
    }
    text.parse::<PeriodUnit>()
        .map(By::Unit)
        .map_err(|()| refused())
}

fn policy(
    file: Option<&std::path::Path>,
    data: &[String],
    delimiter: Option<&String>,
    columns: &Columns,
) -> anyhow::Result<Policy> {
    let mut policy = engine::policy(file)?;
    let flags = Data {
        reference: data.to_vec(),
        delimiter: delimiter.cloned(),
        ..Data::default()
    };
    let flags: Overrides = overrides(&flags, columns, None);
    policy
        .merge_flags(flags)
        .map_err(|error| Failed::Usage(error.to_string()))?;
    if policy.data.reference.is_empty() {
        return Err(Failed::Usage(
            "no data: give --data PATH, or [data] reference in the policy".into(),
        )
        .into());
    }
    Ok(policy)
}

fn options(machine: &crate::arguments::Machine) -> RunOptions {
    RunOptions {
        threads: engine::threads(machine),
        reproducible: true,
        load: Duration::ZERO,
        started: Instant::now(),
    }
}

fn create(arguments: &BaselineCreate) -> anyhow::Result<ExitCode> {
    let by = by(&arguments.by)?;
    if !arguments.force && arguments.out.exists() {
        return Err(baseline::BaselineError::Exists {
            path: arguments.out.clone(),
        }
        .into());
    }
    let policy = policy(
        arguments.policy.as_deref(),
        &arguments.data,
        arguments.delimiter.as_ref(),
        &arguments.columns,
    )?;
    let source = open_reference(&policy)?;
    let checks = engine::checks(&policy, &arguments.machine)?;
    let options = options(&arguments.machine);
    let bar = Bar::new(arguments.quiet);
    let mut made = baseline::create(&source, &policy, &checks, by, &options, &bar)?;
    made.write(&arguments.out, arguments.force)?;
    if !arguments.quiet {
        let shown = baseline::overview(&made);
        let name = arguments.out.display();
        let page = format!(
            "{name}: {} rows in {} periods by {} ({}); {} checks, {} columns\nsha256 {}\n",
            shown.rows,
            shown.periods.len(),
            shown.unit,
            shown.why,
            shown.checks.len(),
            shown.columns.len(),
            shown.digest,
        );
        command::print(&page)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(arguments: &BaselineShow) -> anyhow::Result<ExitCode> {
    let found = baseline::overview(&Baseline::read(&arguments.file)?);
    let page = if arguments.json {
        serde_json::to_string_pretty(&found)?
    } else {
        show_page(&found)
    };
    command::print(&page)?;
    Ok(ExitCode::SUCCESS)
}

fn show_page(found: &Overview) -> String {
    let mut page = format!("baseline of {}\nsha256 {}\n\n", found.source, found.digest);
    let _ = writeln!(
        page,
        "{} rows in {} periods by {} ({})",
        found.rows,
        found.periods.len(),
        found.unit,
        found.why
    );
    for period in &found.periods {
        let added = if period.added { "  accepted later" } else { "" };
        let _ = writeln!(
            page,
            "  {:<24} {:>10} rows{added}",
            period.name, period.rows
        );
    }
    page.push_str(&calibration_lines(&found.calibration));
    page.push_str(
        "\ncolumns, and the smallest change that stands out among the units (share of rows)\n",
    );
    for column in &found.columns {
        let seen = |check: &String| match found_by(column, check) {
            None => check.clone(),
            Some(None) => format!("nothing {check}"),
            Some(Some(effect)) => format!("{effect:.3} {check}"),
        };
        let checks: Vec<String> = column.checks.iter().map(seen).collect();
        let _ = writeln!(
            page,
            "  {:<24} {:<11} {}",
            column.name,
            column.role,
            checks.join(", ")
        );
    }
    page.push_str("\nchecks\n");
    for (check, version) in &found.checks {
        let _ = writeln!(page, "  {check:<24} {version}");
    }
    page
}

/// What a check sees on a column, if it measures something there.
fn found_by(column: &SubjectLine, check: &str) -> Option<Option<f64>> {
    let found = column.smallest.iter().find(|one| one.check == check);
    found.map(|found| found.effect)
}

fn calibration_lines(found: &CalibrationLine) -> String {
    let means = match found.state {
        CalibrationState::Calibrated => "what is measured may block",
        CalibrationState::Degraded => {
            "neighbouring units are alike: what is measured alerts at most"
        }
        CalibrationState::Learning => "fewer than 19 units: what is measured alerts at most",
    };
    let mut page = format!("\ncalibration: {} ({means})\n", found.state.name());
    let _ = writeln!(
        page,
        "  {:<24} K = {}, each a {}",
        "units", found.units, found.unit
    );
    if found.phases > 1 {
        let _ = writeln!(
            page,
            "  {:<24} {}, each compared within its own",
            "phases", found.phases
        );
    }
    let _ = writeln!(
        page,
        "  {:<24} {:.2} (lag 1; alike above {:.2})",
        "autocorrelation", found.autocorrelation, found.limit
    );
    if found.state == CalibrationState::Calibrated {
        let _ = writeln!(
            page,
            "  {:<24} at most {} %; with these very units at most {:.1} % (95 % bound)",
            "false alarms",
            found.alpha * 100.0,
            found.conditional_upper * 100.0
        );
    }
    page
}

fn add(arguments: &BaselineAdd) -> anyhow::Result<ExitCode> {
    let mut known = Baseline::read(&arguments.file)?;
    let policy = policy(
        arguments.policy.as_deref(),
        &arguments.data,
        arguments.delimiter.as_ref(),
        &Columns::default(),
    )?;
    let source = open_reference(&policy)?;
    let checks = engine::checks(&policy, &arguments.machine)?;
    let options = options(&arguments.machine);
    let bar = Bar::new(arguments.quiet);
    let added = baseline::add(&mut known, &source, &policy, &checks, &options, &bar)?;
    known.write(&arguments.file, true)?;
    if !arguments.quiet {
        command::print(&added_page(&added, policy.rules.alert_at))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn added_page(added: &Added, alert_at: f64) -> String {
    let mut page = String::new();
    for period in &added.periods {
        let _ = writeln!(page, "accepted {} ({} rows)", period.name, period.rows);
    }
    page.push_str("\neffect against the periods that the baseline was created with\n");
    if added.moved.is_empty() {
        page.push_str("  none\n");
    }
    for moved in added.moved.iter().take(10) {
        let _ = writeln!(
            page,
            "  {:<20} {:<20} {:.3}  {}",
            moved.subject, moved.check, moved.effect, moved.message
        );
    }
    let share = |share: &Share| {
        let percent = 100.0 * share.moved as f64 / share.of.max(1) as f64;
        format!("{} of {} ({percent:.0} %)", share.moved, share.of)
    };
    let _ = writeln!(
        page,
        "\nperiods that moved by at least {alert_at} (alert-at) against those it was created with\n  \
         accepted later: {}",
        share(&added.spread.accepted)
    );
    if let Some(anchor) = &added.spread.anchor {
        let _ = writeln!(page, "  of those themselves: {}", share(anchor));
    }
    page
}

fn diff(arguments: &BaselineDiff) -> anyhow::Result<ExitCode> {
    let found = baseline::diff(
        &Baseline::read(&arguments.left)?,
        &Baseline::read(&arguments.right)?,
    )?;
    let page = if arguments.json {
        serde_json::to_string_pretty(&found)?
    } else if found.is_empty() {
        "the same\n".into()
    } else {
        let line = |one: &Difference| format!("{:<8} {}\n", one.what, one.words);
        found.iter().map(line).collect()
    };
    command::print(&page)?;
    Ok(ExitCode::from(u8::from(!found.is_empty())))
}
