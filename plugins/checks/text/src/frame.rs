//! What is frozen from a sample of the reference.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::Error;
use driftguard_statistics::edges::decile_edges;
use driftguard_statistics::mean_vector::Spread;
use driftguard_statistics::text::words;
use serde::{Deserialize, Serialize};

use crate::features::{BUCKETS, Features, MEASURES, Vocabulary, dense, gram_vector, half};

/// Bins that any one measure may have.
pub const MOST_BINS: usize = 16;
/// Texts whose trigrams make the spread.
const SPREAD_TEXTS: usize = 1024;
/// Shares above this are more than nothing.
const NOTHING: f64 = 1e-9;
/// Most words kept of one half.
const MOST_WORDS: usize = 65_536;

/// Edges, words and spread of the reference.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// Edges of the bins of each measure: the deciles of the sample, one just
    /// above nothing, one just above its largest value.
    pub edges: Vec<Vec<f64>>,
    /// Words of either half.
    pub vocabulary: Vocabulary,
    /// Spread of the vectors of trigrams; None where texts do not differ.
    pub grams: Option<Spread>,
}

impl Frame {
    /// The frame of these texts; at most `limit` words of either half.
    pub fn of_texts<'t>(texts: impl Iterator<Item = &'t str> + Clone, limit: usize) -> Self {
        let vocabulary = vocabulary(texts.clone(), limit.min(MOST_WORDS));
        let mut values: Vec<Vec<f64>> = vec![vec![]; MEASURES.len()];
        for text in texts.clone() {
            let features = Features::of(text, &vocabulary);
            for (values, value) in values.iter_mut().zip(features.values) {
                values.extend(value);
            }
        }
        let rows: Vec<f32> = texts
            .map(gram_vector)
            .filter(|vector| !vector.is_empty())
            .take(SPREAD_TEXTS)
            .flat_map(|vector| dense(&vector))
            .collect();
        Self {
            edges: values.into_iter().map(edges).collect(),
            vocabulary,
            grams: Spread::of_rows(&rows, BUCKETS),
        }
    }

    /// Checks a frame that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for edges, words or a spread that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let refuse = |what: &str| {
            Err(Error::State(format!(
                "the frame of texts is invalid: {what}; rebuild the baseline"
            )))
        };
        let rising = |edges: &Vec<f64>| {
            edges.len() < MOST_BINS
                && edges.iter().all(|edge| edge.is_finite())
                && edges.is_sorted_by(|a, b| a < b)
        };
        let edges = self.edges.is_empty() || self.edges.len() == MEASURES.len();
        if !edges || !self.edges.iter().all(rising) {
            return refuse("its edges do not rise");
        }
        let sorted = |words: &Vec<u32>| words.len() <= MOST_WORDS && words.is_sorted();
        if !self.vocabulary.iter().all(sorted) {
            return refuse("its words are not sorted");
        }
        if let Some(spread) = &self.grams {
            spread
                .validate()
                .map_err(|error| Error::State(error.to_string()))?;
            if spread.dimension() != BUCKETS {
                return refuse("its spread is of other vectors");
            }
        }
        Ok(())
    }

    /// Edges of a measure, by its place in [`MEASURES`].
    pub fn edges_of(&self, measure: usize) -> &[f64] {
        self.edges.get(measure).map_or(&[], Vec::as_slice)
    }
}

fn edges(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    let mut edges = decile_edges(&values);
    edges.push(NOTHING);
    edges.extend(values.last().map(|largest| largest.next_up()));
    edges.sort_by(f64::total_cmp);
    edges.dedup();
    edges
}

/// The most frequent words of either half; ties by hash.
fn vocabulary<'t>(texts: impl Iterator<Item = &'t str>, limit: usize) -> Vocabulary {
    let mut counts: [BTreeMap<u32, u32>; 2] = Default::default();
    for text in texts {
        if let Some(counts) = counts.get_mut(half(text)) {
            words(text, |word| *counts.entry(word).or_insert(0) += 1);
        }
    }
    counts.map(|counts| {
        let mut ranked: Vec<(u32, u32)> = counts.into_iter().collect();
        ranked.sort_by_key(|(word, count)| (std::cmp::Reverse(*count), *word));
        let mut words: Vec<u32> = ranked
            .into_iter()
            .take(limit)
            .map(|(word, _)| word)
            .collect();
        words.sort_unstable();
        words
    })
}
