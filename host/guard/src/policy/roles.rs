//! `[roles]`: what columns are for and how they are treated, as assignments of
//! columns to slots. The command line lays its own over those of the file.

use driftguard_verdict::{Kind, Role};

use super::error::PolicyError;
use super::place::{Place, Placed, Source};
use super::raw::RawRoles;
use super::text::shown;

/// A key of `[roles]`, and the flag of the same meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Slot {
    /// `timestamp`, `--timestamp`.
    Timestamp,
    /// `label`, `--label`.
    Label,
    /// `prediction`, `--prediction`.
    Prediction,
    /// `score`, `--score`: one, or one for each class.
    Score,
    /// `segment`, `--segment`.
    Segment,
    /// `ids`, `--id`.
    Id,
    /// `numeric`, `--numeric`.
    Numeric,
    /// `categorical`, `--categorical`.
    Categorical,
    /// `text`, `--text`.
    Text,
    /// `embedding`, `--embedding`.
    Embedding,
    /// `ignore`, `--ignore`.
    Ignore,
    /// `personal`: values are hashed as they are read.
    Personal,
}

impl Slot {
    /// The key in the policy.
    pub fn key(self) -> &'static str {
        match self {
            Self::Timestamp => "timestamp",
            Self::Label => "label",
            Self::Prediction => "prediction",
            Self::Score => "score",
            Self::Segment => "segment",
            Self::Id => "ids",
            Self::Numeric => "numeric",
            Self::Categorical => "categorical",
            Self::Text => "text",
            Self::Embedding => "embedding",
            Self::Ignore => "ignore",
            Self::Personal => "personal",
        }
    }

    /// The role that the slot gives; `None`: only a kind.
    pub fn role(self) -> Option<Role> {
        match self {
            Self::Timestamp => Some(Role::Timestamp),
            Self::Label => Some(Role::Label),
            Self::Prediction => Some(Role::Prediction),
            Self::Score => Some(Role::Score),
            Self::Segment => Some(Role::Segment),
            Self::Id => Some(Role::Id),
            Self::Text => Some(Role::Text),
            Self::Embedding => Some(Role::Embedding),
            Self::Ignore => Some(Role::Ignore),
            Self::Numeric | Self::Categorical | Self::Personal => None,
        }
    }

    /// The kind that the slot gives; `None`: only a role.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Timestamp => Some(Kind::Timestamp),
            Self::Numeric => Some(Kind::Numeric),
            Self::Categorical => Some(Kind::Categorical),
            Self::Text => Some(Kind::Text),
            Self::Embedding => Some(Kind::Embedding),
            Self::Label
            | Self::Prediction
            | Self::Score
            | Self::Segment
            | Self::Id
            | Self::Ignore
            | Self::Personal => None,
        }
    }

    /// Whether only one column can have it.
    fn is_single(self) -> bool {
        matches!(self, Self::Timestamp | Self::Label | Self::Prediction)
    }

    /// Whether the command line takes the place of the policy: what the model
    /// answers is said in one place.
    fn changes_hands(self) -> bool {
        self.is_single() || self == Self::Score
    }

    /// Whether a column cannot be both. A label may be categorical, and a
    /// prediction may be a text; it cannot be a label and an id.
    fn clashes(self, other: Self) -> bool {
        let ignored = matches!(self, Self::Ignore) || matches!(other, Self::Ignore);
        let fixed =
            |slot: Self| slot.is_single() || matches!(slot, Self::Score | Self::Segment | Self::Id);
        ignored
            || (fixed(self) && fixed(other))
            || (self.kind().is_some() && other.kind().is_some())
    }
}

/// One column in one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    /// The key it stands under.
    pub slot: Slot,
    /// The column.
    pub column: String,
    /// Where it was typed; shown as the reason for the role.
    pub place: Place,
}

/// What policy and command line say about columns; the inference fills the
/// rest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Roles {
    /// In the order of the keys, each in the order typed; flags last.
    pub assignments: Vec<Assignment>,
}

impl Roles {
    pub(super) fn new(source: Source, raw: RawRoles) -> Result<Self, PolicyError> {
        let single = [
            (Slot::Timestamp, raw.timestamp),
            (Slot::Label, raw.label),
            (Slot::Prediction, raw.prediction),
        ];
        let some = [(Slot::Score, raw.score), (Slot::Segment, raw.segment)];
        let lists = [
            (Slot::Id, raw.ids),
            (Slot::Numeric, raw.numeric),
            (Slot::Categorical, raw.categorical),
            (Slot::Text, raw.text),
            (Slot::Embedding, raw.embedding),
            (Slot::Ignore, raw.ignore),
            (Slot::Personal, raw.personal),
        ];
        let single = single
            .into_iter()
            .flat_map(|(slot, name)| name.into_iter().map(move |name| (slot, name)));
        let lists = lists
            .into_iter()
            .flat_map(|(slot, names)| names.into_iter().map(move |name| (slot, name)));
        let single = single.map(|(slot, name)| (slot, source.placed(name)));
        let lists = lists.map(|(slot, name)| (slot, source.placed(name)));
        let some = some.into_iter().flat_map(|(slot, names)| {
            let names = names.map(|names| source.placed(names));
            names.into_iter().flat_map(move |names| {
                let place = names.place;
                let placed = move |value| Placed {
                    value,
                    place: place.clone(),
                };
                let names = names.value.into_vec().into_iter().map(placed);
                names.map(move |name| (slot, name))
            })
        });
        let mut roles = Self::default();
        for (slot, name) in single.chain(some).chain(lists) {
            roles.add(Assignment {
                slot,
                column: name.value,
                place: name.place,
            })?;
        }
        Ok(roles)
    }

    /// Lays the assignments of the command line over these: a column named
    /// there loses what clashes, a slot for one column changes hands.
    pub(super) fn merge(&mut self, flags: Roles) {
        let goes = |old: &Assignment| {
            let against = |new: &Assignment| {
                (old.slot == new.slot && old.slot.changes_hands())
                    || (old.column == new.column && old.slot.clashes(new.slot))
            };
            flags.assignments.iter().any(against)
        };
        self.assignments.retain(|old| !goes(old));
        self.assignments.extend(flags.assignments);
    }

    pub(super) fn add(&mut self, new: Assignment) -> Result<(), PolicyError> {
        let same = |old: &&Assignment| old.column == new.column && old.slot.clashes(new.slot);
        if let Some(old) = self.assignments.iter().find(same) {
            return Err(PolicyError::Conflict {
                place: new.place.clone(),
                what: conflict(old, &new),
            });
        }
        self.assignments.push(new);
        Ok(())
    }

    /// The role that was given to a column, and where. A role of its own
    /// (label, id) goes before the one that comes with a kind (text).
    pub fn role(&self, column: &str) -> Option<(Role, &Place)> {
        let of_column = || self.assignments.iter().filter(|one| one.column == column);
        let own = of_column().find(|one| {
            one.slot != Slot::Personal && (one.slot.kind().is_none() || one.slot == Slot::Timestamp)
        });
        let found = own.or_else(|| of_column().find(|one| one.slot.role().is_some()))?;
        found.slot.role().map(|role| (role, &found.place))
    }

    /// The kind that was given to a column, and where.
    pub fn kind(&self, column: &str) -> Option<(Kind, &Place)> {
        let mut kinds = self.assignments.iter().filter(|one| one.column == column);
        kinds.find_map(|one| one.slot.kind().map(|kind| (kind, &one.place)))
    }

    /// The columns in a slot, in order.
    pub fn columns(&self, slot: Slot) -> impl Iterator<Item = &str> {
        self.assignments
            .iter()
            .filter(move |one| one.slot == slot)
            .map(|one| one.column.as_str())
    }
}

fn conflict(old: &Assignment, new: &Assignment) -> String {
    let column = shown(&new.column);
    let (name, other) = (typed_as(new), typed_as(old));
    match (old.slot == new.slot, &old.place) {
        (true, _) => format!("the column `{column}` stands twice under `{name}`: remove one"),
        (false, Place::Flag(_)) => {
            format!("the column `{column}` cannot be both `{other}` and `{name}`: remove one")
        }
        (false, place) => format!(
            "the column `{column}` cannot be both `{other}` ({place}) and `{name}`: remove one"
        ),
    }
}

/// The flag or the key.
fn typed_as(one: &Assignment) -> &'static str {
    match one.place {
        Place::Flag(flag) => flag,
        Place::Line(..) | Place::File(_) => one.slot.key(),
    }
}
