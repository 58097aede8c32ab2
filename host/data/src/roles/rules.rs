//! Thresholds of the inference, with their reasons.

/// Share of texts that must be instants for a time column: a few broken ones
/// are a fault to find, not a reason to call it text.
pub(crate) const INSTANT_TEXT: f64 = 0.95;

/// Share of texts that must be numbers for a numeric column that comes as text
/// (`n/a` among numbers).
pub(crate) const NUMERIC_TEXT: f64 = 0.8;

/// Mean characters, mean words and share of distinct values from which text is
/// free text. Categories are shorter or repeat.
pub(crate) const FREE_TEXT_LENGTH: f64 = 24.0;
/// See [`FREE_TEXT_LENGTH`].
pub(crate) const FREE_TEXT_WORDS: f64 = 3.0;
/// See [`FREE_TEXT_LENGTH`].
pub(crate) const FREE_TEXT_DISTINCT: f64 = 0.5;

/// Share of distinct values from which a column named like an id is one.
pub(crate) const ID_DISTINCT: f64 = 0.9;
/// Number of distinct values from which a column named like an id is one, even
/// though each occurs often (customers).
pub(crate) const ID_MANY: usize = 1_000;
/// Rows from which "all distinct" says something about a column whose name is
/// not an id's.
pub(crate) const ID_ROWS: usize = 100;

/// Distinct whole numbers up to which they are categories.
pub(crate) const CATEGORY_DISTINCT: usize = 10;
/// Rows that each of them must have on average: in 12 rows anything is few.
pub(crate) const CATEGORY_ROWS: usize = 5;
/// Distinct whole numbers up to which a column named like a code holds codes.
pub(crate) const CODE_DISTINCT: usize = 100_000;
/// Share of zeros from which few whole numbers are a count of rare events
/// (0, 0, 1, 0, 3) and not categories.
pub(crate) const COUNT_ZEROS: f64 = 0.5;

/// Rows from which the agreement with the prediction can name the label.
pub(crate) const LABEL_ROWS: usize = 100;
/// Least agreement beyond chance (Cohen's kappa, or for numbers the share of
/// variance that the prediction explains) of a label without a label's name.
pub(crate) const LABEL_AGREEMENT: f64 = 0.15;
/// How much better the best must agree than the second: in doubt none is it.
pub(crate) const LABEL_MARGIN: f64 = 1.5;
