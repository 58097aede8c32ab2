//! Plugins, data, and what must hold after every attack.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};
use driftguard_sandbox::{
    Budget, ColumnInfo, Engine, EngineOptions, Origin, Plugin, Purpose, SandboxError, Session,
    Settings, SharedBatch,
};
use driftguard_test_plugins::plugin;
use driftguard_verdict::{Finding, Kind, Role, SettingValue};

/// The engine of all tests, not metered.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::new(&EngineOptions::default()).unwrap())
}

/// Small, and with time for everything but a loop without end.
pub fn budget() -> Budget {
    Budget {
        memory: 64 << 20,
        call: Duration::from_secs(60),
        fuel: None,
        traffic: 16 << 20,
        kernel_values: 1 << 24,
        state: 64 << 10,
        findings: 100,
    }
}

pub fn load(name: &str, budget: &Budget) -> Plugin {
    let loaded = engine().load(plugin(name), &Origin::BuiltIn, budget);
    loaded.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The hostile plugin on [`budget`].
pub fn hostile() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| load("hostile", &budget()))
}

/// The hostile plugin with little time.
pub fn hurried() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| {
        load(
            "hostile",
            &Budget {
                call: Duration::from_millis(150),
                ..budget()
            },
        )
    })
}

/// A plugin that means well, with the default budget.
fn neighbour() -> &'static Plugin {
    static PLUGIN: OnceLock<Plugin> = OnceLock::new();
    PLUGIN.get_or_init(|| load("zero-share", &Budget::default()))
}

pub fn settings(attack: &str, call: &str) -> Settings {
    let text = |name: &str, value: &str| (name.to_owned(), SettingValue::Text(value.to_owned()));
    Settings::new(&[text("attack", attack), text("call", call)])
}

fn info(name: &str, kind: Kind, storage: &str) -> ColumnInfo {
    ColumnInfo {
        name: name.into(),
        role: Role::Feature,
        kind,
        storage: storage.into(),
        nullable: true,
        dimension: 0,
    }
}

/// The granted column.
pub fn columns() -> Vec<ColumnInfo> {
    vec![info("amount", Kind::Numeric, "Float64")]
}

/// Two columns, of which the second is never granted.
pub fn batch(rows: usize) -> Arc<SharedBatch> {
    let amounts: Float64Array = (0..rows).map(|row| Some((row % 10) as f64)).collect();
    let names: StringArray = (0..rows).map(|row| Some(format!("name {row}"))).collect();
    let arrays: [(&str, ArrayRef); 2] = [("amount", Arc::new(amounts)), ("name", Arc::new(names))];
    let infos = [columns(), vec![info("name", Kind::Categorical, "Utf8")]].concat();
    let record = RecordBatch::try_from_iter(arrays).unwrap();
    Arc::new(SharedBatch::new(0, &record, &infos))
}

/// Positions of the granted columns in [`batch`].
pub fn granted() -> Arc<[usize]> {
    Arc::from([0])
}

/// Every call of a check, once.
pub fn run_in(session: &mut Session, settings: &Settings) -> Result<Vec<Finding>, SandboxError> {
    let (batch, columns, granted) = (batch(1000), columns(), granted());
    session.validate(settings)?;
    let frame = session.fit(settings, &batch, &granted)?;
    let first = session.begin(settings, &columns, &frame)?;
    session.update(&first, &batch, &granted)?;
    let reference = session.save(first)?;
    let second = session.begin(settings, &columns, &frame)?;
    session.merge(&second, &reference)?;
    session.update(&second, &batch, &granted)?;
    let current = session.save(second)?;
    session.compare(
        settings,
        &columns,
        &frame,
        [&reference, &current],
        Purpose::Report,
    )
}

/// Whether the store may be used after this error.
fn survivable(error: &SandboxError) -> bool {
    matches!(
        error,
        SandboxError::Refused { .. }
            | SandboxError::BadAnswer { .. }
            | SandboxError::StateTooLarge { .. }
            | SandboxError::TooManyFindings { .. }
    )
}

/// The error of an attack, after making sure that it hurt nobody.
pub fn attack(plugin: &Plugin, attack: &str, call: &str) -> SandboxError {
    let mut session = plugin.session().unwrap();
    let error = match run_in(&mut session, &settings(attack, call)) {
        Ok(findings) => panic!("{attack} in {call} went through: {findings:?}"),
        Err(error) => error,
    };
    let again = run_in(&mut session, &settings("none", call));
    if survivable(&error) {
        let words = again.map_err(|error| error.to_string());
        assert_eq!(words.map(|findings| findings.len()), Ok(1));
    } else {
        assert!(
            matches!(again, Err(SandboxError::Poisoned { .. })),
            "after {error} the store is still used: {again:?}"
        );
    }
    others_live(plugin);
    error
}

/// The next session of the same plugin works, and so does another plugin.
pub fn others_live(plugin: &Plugin) {
    let mut next = plugin.session().unwrap();
    let findings = run_in(&mut next, &settings("none", "update")).unwrap();
    assert_eq!(findings[0].message, "nothing moved");
    assert_eq!(
        (findings[0].n_reference, findings[0].n_current),
        (1000, 2000)
    );
    let mut other = neighbour().session().unwrap();
    let findings = run_in(&mut other, &Settings::default()).unwrap();
    assert_eq!(
        findings[0].message,
        "`amount`: 10.0 % zeros, 10.0 % in the reference"
    );
}

/// One line for each error.
pub fn lines(errors: &[SandboxError]) -> String {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Peak memory of this process in bytes, where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kibibytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
