//! Builders of what a check says about itself.

use crate::bindings::driftguard::check::types::{SettingSpec, Value};
use crate::prelude::{Descriptor, Kind, Order, Risk, Role, Scope};

/// Builds a [`Descriptor`]. Defaults: one column at a time, features of every
/// kind given by [`Self::kinds`], any order, operational risk, no settings.
#[derive(Debug)]
pub struct DescriptorBuilder(Descriptor);

impl DescriptorBuilder {
    /// `id` in kebab case, unique among the plugins of a run.
    pub fn new(id: &str, title: &str) -> Self {
        Self(Descriptor {
            id: id.into(),
            version: "0.1.0".into(),
            title: title.into(),
            summary: String::new(),
            scope: Scope::Column,
            order: Order::Any,
            roles: vec![Role::Feature],
            kinds: vec![],
            settings: vec![],
            risk: Risk::Operational,
            references: vec![],
            state_format: 1,
        })
    }

    /// Version of the plugin.
    #[must_use]
    pub fn version(mut self, version: &str) -> Self {
        self.0.version = version.into();
        self
    }

    /// A paragraph for the catalogue.
    #[must_use]
    pub fn summary(mut self, text: &str) -> Self {
        self.0.summary = text.into();
        self
    }

    /// Called once with all columns instead of once for each.
    #[must_use]
    pub fn dataset(mut self) -> Self {
        self.0.scope = Scope::Dataset;
        self
    }

    /// `merge` is only associative: what is merged in comes later.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.0.order = Order::Sequence;
        self
    }

    /// Columns with one of these roles.
    #[must_use]
    pub fn roles(mut self, roles: &[Role]) -> Self {
        self.0.roles = roles.to_vec();
        self
    }

    /// Columns with one of these kinds.
    #[must_use]
    pub fn kinds(mut self, kinds: &[Kind]) -> Self {
        self.0.kinds = kinds.to_vec();
        self
    }

    /// Adds a setting.
    #[must_use]
    pub fn setting(mut self, setting: Setting) -> Self {
        self.0.settings.push(setting.0);
        self
    }

    /// Which risk to the business the check speaks to.
    #[must_use]
    pub fn risk(mut self, risk: Risk) -> Self {
        self.0.risk = risk;
        self
    }

    /// A paper or document behind the method.
    #[must_use]
    pub fn reference(mut self, text: &str) -> Self {
        self.0.references.push(text.into());
        self
    }

    /// Raise whenever the bytes of frames or profiles change meaning.
    #[must_use]
    pub fn state_format(mut self, format: u32) -> Self {
        self.0.state_format = format;
        self
    }

    /// The descriptor.
    pub fn build(self) -> Descriptor {
        self.0
    }
}

/// Builds one setting.
#[derive(Debug)]
pub struct Setting(SettingSpec);

impl Setting {
    fn new(name: &str, default: Value, help: &str) -> Self {
        Self(SettingSpec {
            name: name.into(),
            help: help.into(),
            default,
            minimum: None,
            maximum: None,
            choices: vec![],
        })
    }

    /// An integer with bounds, both included.
    pub fn integer(name: &str, default: i64, (low, high): (i64, i64), help: &str) -> Self {
        let mut setting = Self::new(name, Value::Integer(default), help);
        setting.0.minimum = Some(low as f64);
        setting.0.maximum = Some(high as f64);
        setting
    }

    /// A number with bounds, both included.
    pub fn number(name: &str, default: f64, (low, high): (f64, f64), help: &str) -> Self {
        let mut setting = Self::new(name, Value::Number(default), help);
        setting.0.minimum = Some(low);
        setting.0.maximum = Some(high);
        setting
    }

    /// True or false.
    pub fn flag(name: &str, default: bool, help: &str) -> Self {
        Self::new(name, Value::Flag(default), help)
    }

    /// A list of texts, empty by default.
    pub fn texts(name: &str, help: &str) -> Self {
        Self::new(name, Value::Texts(vec![]), help)
    }

    /// One of several words.
    pub fn choice(name: &str, default: &str, choices: &[&str], help: &str) -> Self {
        let mut setting = Self::new(name, Value::Text(default.into()), help);
        setting.0.choices = choices.iter().map(|&choice| choice.into()).collect();
        setting
    }
}
