//! What will be done: which check looks at which columns of which side.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use arrow_schema::{DataType, Schema};
use driftguard_data::{ColumnRole, ReadRequest, schema_words};
use driftguard_sandbox::{ColumnInfo, Plugin, Scope, Settings};
use driftguard_verdict::{Kind, Risk, Role, SettingValue, Severity};

/// A check that is to run.
pub struct PlannedCheck {
    /// The loaded plugin.
    pub plugin: Plugin,
    /// Its settings, defaults filled in.
    pub settings: Settings,
    /// The same settings, by name.
    pub values: Vec<(String, SettingValue)>,
    /// The most it may do; None: as judged.
    pub severity: Option<Severity>,
    /// Which risk it speaks to: the policy's word, else the plugin's.
    pub risk: Risk,
    /// Whether the policy grants it a column of this name.
    pub grants: Box<dyn Fn(&str) -> bool + Send + Sync>,
    /// Why it runs only where the policy names it; None: it runs by default.
    pub opt_in: Option<String>,
    /// Whether the policy lets it run; false only in a catalogue.
    pub runs: bool,
}

impl std::fmt::Debug for PlannedCheck {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PlannedCheck")
            .field("plugin", &self.plugin)
            .finish_non_exhaustive()
    }
}

/// The columns of one side, as batches will hold them.
#[derive(Debug)]
pub(crate) struct SideColumns {
    pub(crate) infos: Vec<ColumnInfo>,
    /// What is read; columns that are only described are not.
    pub(crate) request: ReadRequest,
    /// For each column its position among those read.
    pub(crate) read_at: Vec<Option<usize>>,
}

/// One check on its columns.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) check: usize,
    /// Positions in the reference's and the current side's columns.
    pub(crate) granted: [Arc<[usize]>; 2],
    /// What `begin` and `compare` are told: the reference's columns, then
    /// those of the current side alone.
    pub(crate) columns: Vec<ColumnInfo>,
}

impl Job {
    /// The column of a check that looks at one at a time.
    pub(crate) fn column(&self) -> Option<&str> {
        match self.columns.as_slice() {
            [only] => Some(&only.name),
            _ => None,
        }
    }
}

/// Everything that is decided before rows flow.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) sides: [SideColumns; 2],
    pub(crate) jobs: Vec<Job>,
}

/// Roles of all columns: those of the reference, then what only the current
/// side has.
pub(crate) fn with_current_only(mut roles: Vec<ColumnRole>, current: &Schema) -> Vec<ColumnRole> {
    let known: HashSet<String> = roles.iter().map(|role| role.name.clone()).collect();
    for field in current
        .fields()
        .iter()
        .filter(|field| !known.contains(field.name()))
    {
        roles.push(ColumnRole {
            name: field.name().clone(),
            role: Role::Feature,
            kind: kind_of(field.data_type()),
            why: "only on the current side".into(),
            dimension: 0,
        });
    }
    roles
}

fn kind_of(stored: &DataType) -> Kind {
    match stored {
        stored if stored.is_numeric() => Kind::Numeric,
        DataType::Boolean | DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View => {
            Kind::Categorical
        }
        DataType::Dictionary(_, _) => Kind::Categorical,
        DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64 => Kind::Timestamp,
        _ => Kind::Other,
    }
}

/// Whether a column of this kind can be read from this storage at all. If not,
/// the schema check speaks for it.
fn readable(kind: Kind, stored: &DataType) -> bool {
    let text = matches!(
        stored,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Dictionary(_, _)
            | DataType::Null
    );
    match kind {
        Kind::Numeric => text || stored.is_numeric() || *stored == DataType::Boolean,
        Kind::Categorical => {
            !stored.is_nested()
                && !matches!(
                    stored,
                    DataType::Binary | DataType::LargeBinary | DataType::BinaryView
                )
        }
        Kind::Text => text,
        Kind::Timestamp => {
            text || matches!(
                stored,
                DataType::Timestamp(_, _) | DataType::Date32 | DataType::Date64
            )
        }
        Kind::Embedding => matches!(
            stored,
            DataType::FixedSizeList(_, _) | DataType::List(_) | DataType::LargeList(_)
        ),
        Kind::Other => true,
    }
}

impl Plan {
    pub(crate) fn new(
        roles: &[ColumnRole],
        schemas: [&Schema; 2],
        checks: &[PlannedCheck],
    ) -> Self {
        let sides = schemas.map(|schema| describe(roles, schema));
        let at: [HashMap<String, usize>; 2] = sides.each_ref().map(|infos| {
            infos
                .iter()
                .enumerate()
                .map(|(position, info)| (info.name.clone(), position))
                .collect()
        });
        let mut jobs = vec![];
        for (check, planned) in checks.iter().enumerate() {
            let wanted: Vec<&ColumnRole> =
                roles.iter().filter(|role| wants(planned, role)).collect();
            match planned.plugin.descriptor.scope {
                Scope::Column => {
                    for role in wanted {
                        let places = at.each_ref().map(|at| at.get(&role.name).copied());
                        let [Some(reference), Some(current)] = places else {
                            continue;
                        };
                        let stored = [0, 1].map(|side| stored_as(schemas[side], &role.name));
                        if stored
                            .iter()
                            .flatten()
                            .all(|stored| readable(role.kind, stored))
                        {
                            jobs.push(Job {
                                check,
                                granted: [[reference].into(), [current].into()],
                                columns: vec![sides[0][reference].clone()],
                            });
                        }
                    }
                }
                Scope::Dataset => jobs.extend(dataset_job(check, &wanted, &at, &sides)),
            }
        }
        let needed = needed(&jobs, checks, &sides);
        let [reference, current] = sides;
        let sides = [side(reference, &needed), side(current, &needed)];
        Self { sides, jobs }
    }
}

fn stored_as<'a>(schema: &'a Schema, name: &str) -> Option<&'a DataType> {
    schema
        .field_with_name(name)
        .ok()
        .map(|field| field.data_type())
}

fn wants(planned: &PlannedCheck, role: &ColumnRole) -> bool {
    let descriptor = &planned.plugin.descriptor;
    descriptor.roles.contains(&role.role)
        && descriptor.kinds.contains(&role.kind)
        && (planned.grants)(&role.name)
}

fn dataset_job(
    check: usize,
    wanted: &[&ColumnRole],
    at: &[HashMap<String, usize>; 2],
    sides: &[Vec<ColumnInfo>; 2],
) -> Option<Job> {
    let granted: [Vec<usize>; 2] = at.each_ref().map(|at| {
        let mut places: Vec<usize> = wanted
            .iter()
            .filter_map(|role| at.get(&role.name).copied())
            .collect();
        places.sort_unstable();
        places
    });
    let mut columns: Vec<ColumnInfo> = granted[0]
        .iter()
        .map(|&place| sides[0][place].clone())
        .collect();
    let only_current = granted[1].iter().map(|&place| &sides[1][place]);
    columns.extend(
        only_current
            .filter(|info| !at[0].contains_key(&info.name))
            .cloned(),
    );
    if columns.is_empty() {
        return None;
    }
    Some(Job {
        check,
        granted: granted.map(Into::into),
        columns,
    })
}

/// The columns of a side in file order.
fn describe(roles: &[ColumnRole], schema: &Schema) -> Vec<ColumnInfo> {
    let by_name: BTreeMap<&str, &ColumnRole> = roles
        .iter()
        .map(|role| (role.name.as_str(), role))
        .collect();
    let describe = |field: &Arc<arrow_schema::Field>| {
        let role = by_name.get(field.name().as_str())?;
        Some(ColumnInfo {
            name: field.name().clone(),
            role: role.role,
            kind: role.kind,
            storage: schema_words(field.data_type()),
            nullable: field.is_nullable(),
            dimension: role.dimension,
        })
    };
    schema.fields().iter().filter_map(describe).collect()
}

/// Names of the columns whose values some check may ask for. A check that is
/// granted ignored columns (the schema check) is told of them and no more.
fn needed(jobs: &[Job], checks: &[PlannedCheck], sides: &[Vec<ColumnInfo>; 2]) -> HashSet<String> {
    let mut needed = HashSet::new();
    for job in jobs {
        let dataset = checks
            .get(job.check)
            .is_some_and(|check| check.plugin.descriptor.scope == Scope::Dataset);
        for (infos, granted) in sides.iter().zip(&job.granted) {
            for info in granted.iter().filter_map(|&place| infos.get(place)) {
                if !dataset || info.role != Role::Ignore {
                    needed.insert(info.name.clone());
                }
            }
        }
    }
    needed
}

fn side(infos: Vec<ColumnInfo>, needed: &HashSet<String>) -> SideColumns {
    let mut request = ReadRequest::default();
    let mut read_at = vec![];
    for info in &infos {
        if !needed.contains(&info.name) {
            read_at.push(None);
            continue;
        }
        read_at.push(Some(request.columns.len()));
        request.columns.push(info.name.clone());
        if info.kind == Kind::Categorical {
            request.dictionary.insert(info.name.clone());
        }
    }
    SideColumns {
        infos,
        request,
        read_at,
    }
}
