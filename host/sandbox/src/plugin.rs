//! From a file to a plugin that may be run.

use driftguard_verdict::{Kind, Risk, Role, SettingSpec, SettingValue};
use sha2::{Digest, Sha256};
use wasmtime::component::Component;

use crate::bindings;
use crate::bindings::driftguard::check::{data, types};
use crate::bindings::exports::driftguard::check::check as raw;
use crate::budget::{Budget, MAX_DESCRIPTOR_ITEMS, MAX_NAME_BYTES, MAX_TEXT_BYTES, MAX_WASM_BYTES};
use crate::engine::Engine;
use crate::error::SandboxError;
use crate::output::clean;
use crate::session::{Session, Wire};
use crate::store::StoreData;

/// Everything a plugin may import starts with one of these.
const OFFERED: [&str; 3] = [
    "driftguard:check/data@0.1.0",
    "driftguard:check/types@0.1.0",
    "driftguard:check/log@0.1.0",
];

/// Where a plugin came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Embedded in this binary.
    BuiltIn,
    /// A file, as the user named it.
    File(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in"),
            Self::File(path) => f.write_str(path),
        }
    }
}

/// How a check is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// For each column by itself.
    Column,
    /// Once with all granted columns.
    Dataset,
}

/// Whether the order of rows matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// It does not.
    Any,
    /// What is merged in comes later.
    Sequence,
}

/// What a check says about itself, cleaned.
#[derive(Debug, Clone, PartialEq)]
pub struct Descriptor {
    /// Kebab case, unique in a run.
    pub id: String,
    /// The plugin's own version.
    pub version: String,
    /// One line.
    pub title: String,
    /// A paragraph.
    pub summary: String,
    /// How it is called.
    pub scope: Scope,
    /// Whether order matters.
    pub order: Order,
    /// Roles it wants.
    pub roles: Vec<Role>,
    /// Kinds it wants.
    pub kinds: Vec<Kind>,
    /// Its settings.
    pub settings: Vec<SettingSpec>,
    /// Which risk it speaks to.
    pub risk: Risk,
    /// Papers and documents.
    pub references: Vec<String>,
    /// Format of its frames and profiles.
    pub state_format: u32,
}

/// Settings ready to cross the boundary.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings(Wire);

impl Settings {
    /// From names and values, in order.
    pub fn new(values: &[(String, SettingValue)]) -> Self {
        let wire = |(name, value): &(String, SettingValue)| types::Setting {
            name: name.clone(),
            value: lower(value),
        };
        Self(values.iter().map(wire).collect())
    }

    pub(crate) fn wire(&self) -> &Wire {
        &self.0
    }
}

/// A plugin that was inspected, compiled and has described itself.
pub struct Plugin {
    engine: wasmtime::Engine,
    pre: bindings::PluginPre<StoreData>,
    budget: Budget,
    /// What it says about itself.
    pub descriptor: Descriptor,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Where it came from.
    pub origin: Origin,
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Plugin")
            .field("id", &self.descriptor.id)
            .field("sha256", &self.sha256)
            .finish_non_exhaustive()
    }
}

/// SHA-256 in hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Engine {
    /// Inspects, compiles and describes a plugin. Nothing of it runs before
    /// its imports are known to be within what is offered.
    ///
    /// # Errors
    /// Everything that keeps a file from being a plugin of this host.
    pub fn load(
        &self,
        wasm: &[u8],
        origin: &Origin,
        budget: &Budget,
    ) -> Result<Plugin, SandboxError> {
        let name = || origin.to_string();
        if wasm.len() > MAX_WASM_BYTES {
            return Err(SandboxError::TooLarge {
                origin: name(),
                actual: wasm.len(),
                limit: MAX_WASM_BYTES,
            });
        }
        if let Some(found) = not_a_component(wasm) {
            return Err(SandboxError::NotAComponent {
                origin: name(),
                found: found.into(),
            });
        }
        let detail = |error: wasmtime::Error| clean(&format!("{error:#}"), MAX_TEXT_BYTES);
        let component =
            Component::from_binary(&self.inner, wasm).map_err(|error| SandboxError::Compile {
                origin: name(),
                detail: detail(error),
            })?;
        for (import, _) in component.component_type().imports(&self.inner) {
            if !OFFERED.contains(&import) {
                return Err(SandboxError::ForbiddenImport {
                    origin: name(),
                    import: clean(import, MAX_NAME_BYTES),
                });
            }
        }
        let pre = self
            .linker
            .instantiate_pre(&component)
            .and_then(bindings::PluginPre::new)
            .map_err(|error| SandboxError::OtherWorld {
                origin: name(),
                detail: detail(error),
            })?;
        let mut budget = budget.clone();
        if !self.metered {
            budget.fuel = None;
        } else if budget.fuel.is_none() {
            budget.fuel = Some(u64::MAX);
        }
        let described = Session::new(&self.inner, &pre, &name(), &budget)?.describe()?;
        let descriptor = descriptor(described).map_err(|detail| SandboxError::BadDescriptor {
            origin: name(),
            detail,
        })?;
        Ok(Plugin {
            engine: self.inner.clone(),
            pre,
            budget,
            descriptor,
            sha256: sha256_hex(wasm),
            origin: origin.clone(),
        })
    }
}

impl Plugin {
    /// A fresh store.
    ///
    /// # Errors
    /// If it cannot be instantiated within its budget.
    pub fn session(&self) -> Result<Session, SandboxError> {
        Session::new(&self.engine, &self.pre, &self.descriptor.id, &self.budget)
    }
}

/// What the bytes are instead of a component, if they are not one. A component
/// and a module share the magic and differ in the layer that follows.
fn not_a_component(wasm: &[u8]) -> Option<&'static str> {
    match wasm.first_chunk::<8>() {
        Some([0, b'a', b's', b'm', _, _, 1, 0]) => None,
        Some([0, b'a', b's', b'm', _, _, 0, 0]) => Some("it is a core module"),
        _ => Some("it does not begin with the WebAssembly magic number"),
    }
}

fn descriptor(raw: raw::Descriptor) -> Result<Descriptor, String> {
    let kebab = |text: &str| {
        !text.is_empty()
            && text.len() <= 64
            && text.split('-').all(|part| {
                !part.is_empty()
                    && part
                        .bytes()
                        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            })
    };
    if !kebab(&raw.id) {
        return Err(format!(
            "id `{}` is not kebab case of at most 64 letters",
            clean(&raw.id, MAX_NAME_BYTES)
        ));
    }
    for (field, count) in [
        ("roles", raw.roles.len()),
        ("kinds", raw.kinds.len()),
        ("settings", raw.settings.len()),
        ("references", raw.references.len()),
    ] {
        if count > MAX_DESCRIPTOR_ITEMS {
            return Err(format!(
                "{field} has {count} entries, the limit is {MAX_DESCRIPTOR_ITEMS}"
            ));
        }
    }
    let mut settings = vec![];
    for spec in raw.settings {
        if !kebab(&spec.name)
            || settings
                .iter()
                .any(|other: &SettingSpec| other.name == spec.name)
        {
            return Err(format!(
                "setting `{}` is not a unique name in kebab case",
                clean(&spec.name, MAX_NAME_BYTES)
            ));
        }
        if spec.choices.len() > MAX_DESCRIPTOR_ITEMS {
            return Err(format!(
                "setting `{}` has {} choices, the limit is {MAX_DESCRIPTOR_ITEMS}",
                spec.name,
                spec.choices.len()
            ));
        }
        if spec.minimum.is_some_and(f64::is_nan) || spec.maximum.is_some_and(f64::is_nan) {
            return Err(format!(
                "setting `{}` has a bound that is not a number",
                spec.name
            ));
        }
        settings.push(SettingSpec {
            help: clean(&spec.help, MAX_TEXT_BYTES),
            default: raise(spec.default),
            minimum: spec.minimum,
            maximum: spec.maximum,
            choices: spec
                .choices
                .iter()
                .map(|choice| clean(choice, MAX_NAME_BYTES))
                .collect(),
            name: spec.name,
        });
    }
    Ok(Descriptor {
        version: clean(&raw.version, MAX_NAME_BYTES),
        title: clean(&raw.title, MAX_NAME_BYTES),
        summary: clean(&raw.summary, MAX_TEXT_BYTES),
        scope: match raw.scope {
            raw::Scope::Column => Scope::Column,
            raw::Scope::Dataset => Scope::Dataset,
        },
        order: match raw.order {
            raw::Order::Any => Order::Any,
            raw::Order::Sequence => Order::Sequence,
        },
        roles: raw.roles.into_iter().map(role).collect(),
        kinds: raw.kinds.into_iter().map(kind).collect(),
        settings,
        risk: match raw.risk {
            raw::Risk::Operational => Risk::Operational,
            raw::Risk::Brand => Risk::Brand,
            raw::Risk::Strategic => Risk::Strategic,
        },
        references: raw
            .references
            .iter()
            .map(|text| clean(text, MAX_TEXT_BYTES))
            .collect(),
        state_format: raw.state_format,
        id: raw.id,
    })
}

fn role(role: data::Role) -> Role {
    match role {
        data::Role::Feature => Role::Feature,
        data::Role::Prediction => Role::Prediction,
        data::Role::Score => Role::Score,
        data::Role::Label => Role::Label,
        data::Role::Timestamp => Role::Timestamp,
        data::Role::Id => Role::Id,
        data::Role::Segment => Role::Segment,
        data::Role::Text => Role::Text,
        data::Role::Embedding => Role::Embedding,
        data::Role::Weight => Role::Weight,
        data::Role::Ignore => Role::Ignore,
    }
}

fn kind(kind: data::Kind) -> Kind {
    match kind {
        data::Kind::Numeric => Kind::Numeric,
        data::Kind::Categorical => Kind::Categorical,
        data::Kind::Text => Kind::Text,
        data::Kind::Timestamp => Kind::Timestamp,
        data::Kind::Embedding => Kind::Embedding,
        data::Kind::Other => Kind::Other,
    }
}

fn lower(value: &SettingValue) -> types::Value {
    match value {
        SettingValue::Flag(flag) => types::Value::Flag(*flag),
        SettingValue::Integer(number) => types::Value::Integer(*number),
        SettingValue::Number(number) => types::Value::Number(*number),
        SettingValue::Text(text) => types::Value::Text(text.clone()),
        SettingValue::Texts(texts) => types::Value::Texts(texts.clone()),
        SettingValue::Numbers(numbers) => types::Value::Numbers(numbers.clone()),
    }
}

fn raise(value: types::Value) -> SettingValue {
    match value {
        types::Value::Flag(flag) => SettingValue::Flag(flag),
        types::Value::Integer(number) => SettingValue::Integer(number),
        types::Value::Number(number) => SettingValue::Number(number),
        types::Value::Text(text) => SettingValue::Text(clean(&text, MAX_TEXT_BYTES)),
        types::Value::Texts(texts) => SettingValue::Texts(
            texts
                .iter()
                .map(|text| clean(text, MAX_TEXT_BYTES))
                .collect(),
        ),
        types::Value::Numbers(numbers) => SettingValue::Numbers(numbers),
    }
}
