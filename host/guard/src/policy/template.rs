//! The commented `driftguard.toml` that `driftguard init` writes. Prose stands
//! behind `# `, a key that can be switched on behind `#` without the space;
//! each shows its default, so that switching all of them on changes nothing.

use driftguard_verdict::{Kind, Risk, Role, SettingSpec, SettingValue};

use super::budget::{Budget, Fuel};
use super::error::NEWEST_VERSION;
use super::history::HistoryPolicy;
use super::keys::{self, BUDGET, CHECK, DATA, FINGERPRINT, GATE, HISTORY, Key, MODEL, ROLES};
use super::roles::Slot;
use super::rules::{Rule, rules};
use super::text::{shown, toml_key, toml_string, wrapped};

/// Letters in a line of prose.
const WIDTH: usize = 76;

/// A column with what was inferred.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateColumn {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// How it is treated.
    pub kind: Kind,
    /// Why; stands beside it.
    pub reason: String,
}

/// A check with what its plugin says.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateCheck {
    /// The id.
    pub id: String,
    /// One line.
    pub title: String,
    /// What can be set.
    pub settings: Vec<SettingSpec>,
    /// Which risk it speaks to by its own word.
    pub risk: Risk,
    /// Why it runs only where it is switched on; None: it runs by default.
    pub opt_in: Option<String>,
}

/// What a template is written from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TemplateInput {
    /// Paths of the reference, relative to the policy; none: left out.
    pub reference: Vec<String>,
    /// Paths of the current side.
    pub current: Vec<String>,
    /// All columns, in the order of the file.
    pub columns: Vec<TemplateColumn>,
    /// The built-in checks, in the order of the catalogue.
    pub checks: Vec<TemplateCheck>,
    /// The sandbox's defaults, to be shown.
    pub budget: Budget,
}

/// The text of a commented policy. It parses, and means what the inference
/// found for roles and the defaults for everything else.
pub fn template(input: &TemplateInput) -> String {
    let mut page = Page::default();
    page.prose("Policy of driftguard, written by `driftguard init`. Lines that begin with");
    page.prose("`#` and a key show a default: take the `#` away to change it. A key that");
    page.prose("does not exist is an error. Flags go before what stands here.");
    page.line(&format!("version = {NEWEST_VERSION}"));
    data(&mut page, input);
    roles(&mut page, &input.columns);
    page.table("rules", "Thresholds of the decision. Effects are shares of rows moved: 0.05 is about an eighth of a standard deviation, 0.10 about a quarter.");
    rules().iter().for_each(|rule| one_rule(&mut page, rule));
    checks(&mut page, &input.checks);
    page.table(
        "budget",
        "What every plugin may spend; [checks.ID.budget] may differ.",
    );
    budget(&mut page, &input.budget);
    fingerprint(&mut page);
    model(&mut page);
    history(&mut page);
    page.table("gate", "");
    page.key(help(GATE, "fail-on"), "fail-on", "\"block\"");
    page.key(help(GATE, "environment"), "environment", "\"development\"");
    page.text
}

#[derive(Default)]
struct Page {
    text: String,
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Prose, wrapped; nothing if there is none.
    fn prose(&mut self, text: &str) {
        for line in wrapped(text, WIDTH).iter().filter(|line| !line.is_empty()) {
            self.line(&format!("# {line}"));
        }
    }

    fn table(&mut self, name: &str, about: &str) {
        self.line("");
        self.prose(about);
        self.line(&format!("[{name}]"));
    }

    /// A key that is not switched on, under its help.
    fn key(&mut self, help: &str, name: &str, value: &str) {
        self.prose(help);
        self.line(&format!("#{} = {value}", toml_key(name)));
    }
}

fn help(keys: &'static [Key], name: &str) -> &'static str {
    keys.iter()
        .find(|key| key.name == name)
        .map_or("", |key| key.help)
}

fn data(page: &mut Page, input: &TemplateInput) {
    page.table("data", help(keys::TOP, "data"));
    for (name, paths, example) in [
        ("reference", &input.reference, "reference/*.parquet"),
        ("current", &input.current, "current/*.parquet"),
    ] {
        page.prose(help(DATA, name));
        match paths.is_empty() {
            true => page.prose(&format!("For example: {name} = [\"{example}\"]")),
            false => page.line(&format!("{name} = {}", list(paths))),
        }
    }
    page.prose("In place of `current`:");
    for (name, example) in [
        ("split", "2013-04-01"),
        ("split-by", "side=new"),
        ("delimiter", ";"),
    ] {
        page.prose(help(DATA, name));
        page.prose(&format!("For example: {name} = \"{example}\""));
    }
}

/// Roles stand as they were inferred. Kinds are only shown: written down, a
/// kind is forced on both sides, and numbers that come as text would be read
/// as numbers instead of being reported.
fn roles(page: &mut Page, columns: &[TemplateColumn]) {
    page.table("roles", "What columns are for, as inferred; correct what is wrong. Lists of kinds are switched off: switch one on to force its columns to that kind, on both sides.");
    let role = |column: &TemplateColumn, slot: Slot| slot.role() == Some(column.role);
    for (slot, wanted) in [
        (Slot::Timestamp, Role::Timestamp),
        (Slot::Label, Role::Label),
        (Slot::Prediction, Role::Prediction),
        (Slot::Score, Role::Score),
    ] {
        let of_role = columns.iter().filter(|column| column.role == wanted);
        if slot == Slot::Score && of_role.clone().count() > 1 {
            // One for each class.
            names(page, "", slot, &of_role.collect::<Vec<_>>());
            continue;
        }
        page.prose(help(ROLES, slot.key()));
        let mut found = of_role;
        match found.next() {
            Some(column) => {
                let reason = shown(&column.reason);
                page.line(&format!(
                    "{} = {} # {reason}",
                    slot.key(),
                    toml_string(&column.name)
                ));
            }
            None => page.prose(&format!(
                "None found. For example: {} = \"column\"",
                slot.key()
            )),
        }
        for other in found {
            page.prose(&format!(
                "Also possible: {} ({})",
                toml_string(&other.name),
                other.reason
            ));
        }
    }
    for slot in [Slot::Segment, Slot::Id, Slot::Ignore] {
        let of_role: Vec<_> = columns.iter().filter(|column| role(column, slot)).collect();
        names(page, "", slot, &of_role);
    }
    for slot in [
        Slot::Numeric,
        Slot::Categorical,
        Slot::Text,
        Slot::Embedding,
    ] {
        let plain = |column: &&TemplateColumn| {
            !matches!(column.role, Role::Id | Role::Ignore | Role::Timestamp)
        };
        let of_kind: Vec<_> = columns
            .iter()
            .filter(plain)
            .filter(|one| slot.kind() == Some(one.kind))
            .collect();
        names(page, "#", slot, &of_kind);
    }
    names(page, "", Slot::Personal, &[]);
}

/// A list with one column a line and the reason beside it.
fn names(page: &mut Page, off: &str, slot: Slot, columns: &[&TemplateColumn]) {
    page.prose(help(ROLES, slot.key()));
    if columns.is_empty() {
        page.line(&format!("{off}{} = []", slot.key()));
        return;
    }
    page.line(&format!("{off}{} = [", slot.key()));
    for column in columns {
        page.line(&format!(
            "{off}  {}, # {}",
            toml_string(&column.name),
            shown(&column.reason)
        ));
    }
    page.line(&format!("{off}]"));
}

fn one_rule(page: &mut Page, rule: &Rule) {
    page.key(
        &format!("{} ({})", rule.help, rule.expected()),
        &rule.name,
        &rule.default.to_string(),
    );
}

fn checks(page: &mut Page, checks: &[TemplateCheck]) {
    page.line("");
    page.prose("Checks. Every built-in check runs unless it is switched off here; those with `enabled = false` below have to be asked for. Each table may also have:");
    for (name, example) in [
        ("columns", "[\"temp\", \"wind_*\"]"),
        ("exclude", "[\"wind_gust\"]"),
    ] {
        page.prose(&format!("- {name} = {example}: {}", help(CHECK, name)));
    }
    page.prose("A check of your own: [checks.my-check] with plugin = \"plugins/my_check.wasm\" and, to pin the file, sha256 = \"...\".");
    for name in ["severity", "risk"] {
        page.prose(&format!("{name}: {}", help(CHECK, name)));
    }
    for check in checks {
        page.table(&format!("checks.{}", toml_key(&check.id)), &check.title);
        match &check.opt_in {
            None => page.key("", "enabled", "true"),
            Some(why) => {
                page.prose(&format!("Switched off unless asked for: {why}."));
                page.line("enabled = false");
            }
        }
        page.key("", "severity", "\"block\"");
        page.key("", "risk", &toml_string(check.risk.name()));
        if check.settings.is_empty() {
            continue;
        }
        page.line(&format!("[checks.{}.settings]", toml_key(&check.id)));
        for spec in &check.settings {
            page.key(
                &format!("{} ({})", spec.help, spec.expected()),
                &spec.name,
                &value(&spec.default),
            );
        }
    }
}

fn budget(page: &mut Page, budget: &Budget) {
    let whole = |value: Option<u64>| value.map(|value| value.to_string());
    let fuel = budget.fuel.map(|fuel| match fuel {
        Fuel::Unmetered => "\"none\"".to_owned(),
        Fuel::AtMost(most) => most.to_string(),
    });
    for (name, value) in [
        ("memory-mib", whole(budget.memory_mib)),
        ("call-seconds", budget.call_seconds.map(float)),
        ("fuel", fuel),
        ("traffic-mib", whole(budget.traffic_mib)),
        ("output-kib", whole(budget.output_kib)),
        ("kernel-values", whole(budget.kernel_values)),
        ("findings", whole(budget.findings)),
    ] {
        if let Some(value) = value {
            page.key(help(BUDGET, name), name, &value);
        }
    }
}

fn fingerprint(page: &mut Page) {
    page.table("fingerprint", help(keys::TOP, "fingerprint"));
    for (name, example) in [
        ("code", "\"src\""),
        ("model", "\"model.onnx\""),
        ("config", "[\"config.toml\"]"),
        ("deps", "\"requirements.lock\""),
        ("features", "[\"features.sql\"]"),
        ("runtime", "[\"onnxruntime=1.20\"]"),
        ("reference", "\"fingerprints.json\""),
        ("current", "\"now.json\""),
    ] {
        page.prose(help(FINGERPRINT, name));
        page.prose(&format!("For example: {name} = {example}"));
    }
}

fn model(page: &mut Page) {
    page.table("model", help(keys::TOP, "model"));
    for (name, example) in [
        ("command", "\"python score.py\""),
        ("onnx", "\"model.onnx\""),
        ("stdin", "\"csv\""),
        ("inputs", "[\"age\", \"income\"]"),
        ("output", "\"score\""),
        ("metrics", "[\"mean\", \"share>0.5\"]"),
        ("rows", "20000"),
        ("timeout-seconds", "300.0"),
        ("memory-mib", "8192"),
        ("output-mib", "1024"),
        ("canary", "\"canary.arrow\""),
        ("check-canary", "true"),
        ("check-replay", "true"),
        ("tolerance", "1e-6"),
        ("old", "{ command = \"python score.py old.pkl\" }"),
    ] {
        page.prose(help(MODEL, name));
        page.prose(&format!("For example: {name} = {example}"));
    }
}

fn history(page: &mut Page) {
    let policy = HistoryPolicy::default();
    page.table("history", help(keys::TOP, "history"));
    page.prose(help(HISTORY, "file"));
    page.prose("For example: file = \"history.sqlite\"");
    for (name, value) in [
        ("model", toml_string(&policy.model)),
        ("alarm-after", policy.alarm_after.to_string()),
        ("close-after", policy.incidents.close_after.to_string()),
        ("close-p", float(policy.incidents.close_p)),
        ("close-effect", float(policy.incidents.close_effect)),
        (
            "escalate-after",
            policy.incidents.escalate_after.to_string(),
        ),
    ] {
        page.key(help(HISTORY, name), name, &value);
    }
}

fn value(value: &SettingValue) -> String {
    match value {
        SettingValue::Flag(flag) => flag.to_string(),
        SettingValue::Integer(number) => number.to_string(),
        SettingValue::Number(number) => float(*number),
        SettingValue::Text(text) => toml_string(text),
        SettingValue::Texts(texts) => list(texts),
        SettingValue::Numbers(numbers) => {
            format!(
                "[{}]",
                numbers
                    .iter()
                    .map(|number| float(*number))
                    .collect::<Vec<_>>()
                    .join(", ")
            )
        }
    }
}

/// With a point or an exponent, so that TOML reads a float.
fn float(number: f64) -> String {
    format!("{number:?}")
}

fn list(texts: &[String]) -> String {
    format!(
        "[{}]",
        texts
            .iter()
            .map(|text| toml_string(text))
            .collect::<Vec<_>>()
            .join(", ")
    )
}
