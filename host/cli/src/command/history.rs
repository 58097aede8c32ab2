//! `driftguard history`.

use std::process::ExitCode;

use driftguard_guard::history::overview;
use driftguard_report::{Shown, history_json, render_history};

use crate::arguments::History;
use crate::exit::Failed;
use crate::terminal::style;
use crate::{command, engine};

/// Shows a history.
pub fn run(arguments: &History) -> anyhow::Result<ExitCode> {
    let policy = engine::policy(arguments.policy.as_deref())?;
    let file = arguments.file.as_ref().or(policy.history.file.as_ref());
    let Some(file) = file else {
        return Err(Failed::Usage(
            "no history: name its file, or a policy with [history] file".into(),
        )
        .into());
    };
    let mut overview = overview(file, &policy.history)?;
    let shown = Shown {
        incidents: arguments.incidents,
        last: arguments.last,
    };
    let page = if arguments.json {
        let from = shown
            .last
            .map_or(0, |last| overview.records.len().saturating_sub(last));
        overview.records.drain(..from);
        if arguments.incidents {
            overview.records.clear();
        }
        history_json(&overview)
    } else {
        render_history(&overview, shown, &style(arguments.color, false))
    };
    command::print(&page)?;
    Ok(ExitCode::SUCCESS)
}
