//! Every key of `driftguard.toml`, once: what reads, checks and describes a
//! policy (reader, JSON Schema, template) goes by these tables.

/// What a value may be.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// `true` or `false`.
    Flag,
    /// A whole number between the two, both included.
    Whole(i64, i64),
    /// A number above 0 and at most this.
    Positive(f64),
    /// A text that is not empty.
    Text,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of texts, none of them empty.
    Texts,
    /// A text or a list of texts, none of them empty.
    OneOrMore,
    /// A date, with or without a time: as a text or as TOML has it.
    Instant,
    /// A whole number of at least 1, or the word `none`.
    WholeOrNone,
    /// A table that is checked later, by what a plugin or the rules say.
    Values,
    /// A table with these keys.
    Table(&'static [Key]),
    /// A table of check ids, each with a table of these keys.
    Checks(&'static [Key]),
}

/// A key with what it may hold.
#[derive(Debug)]
pub(super) struct Key {
    pub name: &'static str,
    pub shape: Shape,
    /// For editors and the template.
    pub help: &'static str,
}

const fn key(name: &'static str, shape: Shape, help: &'static str) -> Key {
    Key { name, shape, help }
}

/// Bytes, calls and counts that no budget needs to exceed.
const MANY: i64 = 1_000_000;

pub(super) const TOP: &[Key] = &[
    key(
        "version",
        Shape::Whole(1, i64::MAX),
        "Version of this format.",
    ),
    key(
        "data",
        Shape::Table(DATA),
        "What is compared, where the command line does not say.",
    ),
    key(
        "roles",
        Shape::Table(ROLES),
        "What columns are for and how they are treated, where the inference is wrong.",
    ),
    key("rules", Shape::Values, "Thresholds of the decision."),
    key(
        "checks",
        Shape::Checks(CHECK),
        "Checks by id: built-in ones, and your own with `plugin`.",
    ),
    key(
        "budget",
        Shape::Table(BUDGET),
        "What every plugin may spend.",
    ),
    key(
        "fingerprint",
        Shape::Table(FINGERPRINT),
        "Code, model and whatever else decides the answers: so that the verdict can say whether it changed.",
    ),
    key(
        "model",
        Shape::Table(MODEL),
        "The model as a function: what `driftguard replay` runs, to tell code from data.",
    ),
    key(
        "history",
        Shape::Table(HISTORY),
        "Where verdicts are recorded, and what follows from several of them.",
    ),
    key("gate", Shape::Table(GATE), "What fails the pipeline."),
];

pub(super) const DATA: &[Key] = &[
    key(
        "reference",
        Shape::OneOrMore,
        "Files, globs or folders of the reference, relative to this file.",
    ),
    key(
        "current",
        Shape::OneOrMore,
        "Files, globs or folders of the current data, relative to this file.",
    ),
    key(
        "split",
        Shape::Instant,
        "Cuts the reference in two: rows from this date or time on are the current side.",
    ),
    key(
        "split-by",
        Shape::Text,
        "Cuts the reference in two by a column: with `side=new`, rows whose `side` is `new` are the current side.",
    ),
    key(
        "delimiter",
        Shape::Text,
        "What separates the fields of CSV files: one ASCII character, or `tab`.",
    ),
];

pub(super) const ROLES: &[Key] = &[
    key(
        "timestamp",
        Shape::Text,
        "When the row happened; cuts the data into periods.",
    ),
    key("label", Shape::Text, "The truth, when it is known."),
    key(
        "prediction",
        Shape::Text,
        "What the model decided: a class or a number.",
    ),
    key(
        "score",
        Shape::OneOrMore,
        "The model's probability or score behind the decision; of several classes one column for each, named after its class (`proba_red`).",
    ),
    key(
        "segment",
        Shape::OneOrMore,
        "Columns whose values are groups (a region, a channel): quality and fairness are looked at in each, and they are compared like any other.",
    ),
    key(
        "ids",
        Shape::Texts,
        "Columns that name a row or an entity; never compared as a distribution.",
    ),
    key("numeric", Shape::Texts, "Columns to treat as numbers."),
    key(
        "categorical",
        Shape::Texts,
        "Columns to treat as a bounded set of values.",
    ),
    key("text", Shape::Texts, "Columns of free text."),
    key("embedding", Shape::Texts, "Columns of vectors."),
    key(
        "ignore",
        Shape::Texts,
        "Columns that no check but the schema looks at.",
    ),
    key(
        "personal",
        Shape::Texts,
        "Columns of text whose values are hashed as they are read: no plugin, baseline or report holds them.",
    ),
];

pub(super) const CHECK: &[Key] = &[
    key("enabled", Shape::Flag, "Whether the check runs."),
    key(
        "severity",
        Shape::Choice(&["block", "alert", "ignore"]),
        "What its findings can lead to: `block` = as judged, `alert` = at most an alert, `ignore` = only reported.",
    ),
    key(
        "risk",
        Shape::Choice(&["operational", "brand", "strategic"]),
        "Which risk to the business it speaks to; overrides the plugin's own tag.",
    ),
    key(
        "columns",
        Shape::Texts,
        "Grant: only these columns are visible to it; `*` and `?` are wild. Default: all that fit its roles and kinds.",
    ),
    key(
        "exclude",
        Shape::Texts,
        "Columns taken out of the grant; `*` and `?` are wild.",
    ),
    key(
        "settings",
        Shape::Values,
        "Settings of the check; `driftguard explain CHECK` lists them.",
    ),
    key(
        "budget",
        Shape::Table(BUDGET),
        "What this plugin may spend, where it differs from [budget].",
    ),
    key(
        "plugin",
        Shape::Text,
        "A plugin file of your own (.wasm), relative to this file.",
    ),
    key(
        "sha256",
        Shape::Text,
        "Pins the plugin file: 64 hexadecimal digits.",
    ),
];

pub(super) const BUDGET: &[Key] = &[
    key(
        "memory-mib",
        Shape::Whole(1, 4096),
        "Memory of the plugin, in MiB.",
    ),
    key(
        "call-seconds",
        Shape::Positive(86_400.0),
        "Wall clock of one call into the plugin, in seconds.",
    ),
    key(
        "fuel",
        Shape::WholeOrNone,
        "Instructions of one run of the plugin, roughly; a limit that is the same on every machine. `none`: not metered.",
    ),
    key(
        "traffic-mib",
        Shape::Whole(1, MANY),
        "Data the plugin may copy in one call, in MiB.",
    ),
    key(
        "output-kib",
        Shape::Whole(1, MANY),
        "Size of one frame or profile, in KiB.",
    ),
    key(
        "kernel-values",
        Shape::Whole(1, i64::MAX),
        "Values that host kernels may touch for the plugin in one call.",
    ),
    key(
        "findings",
        Shape::Whole(1, MANY),
        "Findings that one comparison returns.",
    ),
];

pub(super) const FINGERPRINT: &[Key] = &[
    key(
        "code",
        Shape::Text,
        "Folder of the source code, relative to this file; of a git work tree the files that git tracks. Here and below: `none` if there is no such part.",
    ),
    key("model", Shape::OneOrMore, "Files or folders of the model."),
    key(
        "config",
        Shape::OneOrMore,
        "Configuration files; of .json and .toml the meaning counts, of others the bytes.",
    ),
    key("deps", Shape::OneOrMore, "Lock files of the dependencies."),
    key(
        "features",
        Shape::OneOrMore,
        "Files or folders that define how features are made.",
    ),
    key(
        "runtime",
        Shape::Texts,
        "Versions to note beside processor and system, as `onnxruntime=1.20`.",
    ),
    key(
        "reference",
        Shape::Text,
        "The document of the reference, from `driftguard fingerprint --out FILE`.",
    ),
    key(
        "current",
        Shape::Text,
        "A document of the current side that was made before, in place of the keys above.",
    ),
];

pub(super) const MODEL: &[Key] = &[
    COMMAND,
    ONNX,
    STDIN,
    INPUTS,
    OUTPUT,
    key(
        "metrics",
        Shape::OneOrMore,
        "What of the answers is compared: `mean`, `share>0.5`, `share>=0.5`, `share=CLASS`, `classes`. Default: the mean of numbers, the share of each class.",
    ),
    key(
        "rows",
        Shape::Whole(2, 10_000_000),
        "Rows of each side that are replayed, one drawn from each of as many equal stretches.",
    ),
    key(
        "timeout-seconds",
        Shape::Positive(86_400.0),
        "Wall clock of one run of the model.",
    ),
    key(
        "memory-mib",
        Shape::WholeOrNone,
        "Address space of the command (on Linux), values of an ONNX model; in MiB. `none`: not limited.",
    ),
    key(
        "output-mib",
        Shape::Whole(1, MANY),
        "What one run of the command may print, in MiB.",
    ),
    key(
        "canary",
        Shape::Text,
        "Frozen inputs with stored answers, from `driftguard replay --make-canary FILE`.",
    ),
    key(
        "check-canary",
        Shape::Flag,
        "Whether `driftguard check` replays the canary, too; with a command it has to be allowed to (`--allow-commands`).",
    ),
    key(
        "check-replay",
        Shape::Flag,
        "Whether `driftguard check` runs old and new model on old and new data where the fingerprints differ, to tell code from data; with a command it has to be allowed to (`--allow-commands`).",
    ),
    key(
        "tolerance",
        Shape::Positive(1.0),
        "How far the same answers may be apart, relative to the larger of the stored one and their median.",
    ),
    key(
        "old",
        Shape::Table(OLD_MODEL),
        "The model before: with it the move of the answers is split between code and data.",
    ),
];

pub(super) const OLD_MODEL: &[Key] = &[COMMAND, ONNX, STDIN, INPUTS, OUTPUT];

const COMMAND: Key = key(
    "command",
    Shape::OneOrMore,
    "Scoring command, run in this file's folder without a shell: rows on standard input, one answer a row as Arrow IPC or CSV with a header on standard output.",
);
const ONNX: Key = key(
    "onnx",
    Shape::Text,
    "ONNX file, relative to this file, in place of a command: run in the process, and no program is started.",
);
const STDIN: Key = key(
    "stdin",
    Shape::Choice(&["arrow", "csv"]),
    "What rows look like on the command's standard input: an Arrow IPC stream (default), or CSV with a header.",
);
const INPUTS: Key = key(
    "inputs",
    Shape::Texts,
    "Columns that the model is given, in this order. Default: the inputs that an ONNX file names; for a command all but labels and outputs.",
);
const OUTPUT: Key = key(
    "output",
    Shape::Text,
    "The column of its answers that counts. Default: the only one, or the one named like the score or prediction; of an ONNX file the probability of the second class.",
);

pub(super) const HISTORY: &[Key] = &[
    key(
        "file",
        Shape::Text,
        "The history that every check is appended to, relative to this file; made if it is not there.",
    ),
    key(
        "model",
        Shape::Text,
        "The stream of verdicts that this policy makes; a file may hold several.",
    ),
    key(
        "alarm-after",
        Shape::Whole(20, MANY),
        "Slow drift: periods until a false alarm, on average and at least.",
    ),
    key(
        "close-after",
        Shape::Whole(1, 1000),
        "Quiet periods in a row that close an incident.",
    ),
    key(
        "close-p",
        Shape::Positive(1.0),
        "A quiet period has a rank p-value above this.",
    ),
    key(
        "close-effect",
        Shape::Positive(1.0),
        "In a quiet period the incident's columns moved by less than this share of `alert-at`.",
    ),
    key(
        "escalate-after",
        Shape::Whole(1, MANY),
        "Periods after which an open incident is escalated.",
    ),
];

pub(super) const GATE: &[Key] = &[
    key(
        "fail-on",
        Shape::Choice(&["block", "alert"]),
        "The mildest verdict that fails the pipeline.",
    ),
    key(
        "environment",
        Shape::Choice(&["development", "production"]),
        "In `production` a fingerprint that is missing when the answers changed blocks; elsewhere it alerts.",
    ),
];

/// The names of a table's keys.
pub(super) fn names(keys: &'static [Key]) -> impl Iterator<Item = &'static str> + Clone {
    keys.iter().map(|key| key.name)
}
