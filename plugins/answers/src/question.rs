//! Which column is the truth and which the answer, and what kind of question
//! that is; frozen from the reference.

use std::collections::BTreeMap;

use driftguard_sdk::prelude::{Batch, Error, Kind, Role};
use serde::{Deserialize, Serialize};

use crate::class_scores::{self, Unmatched};
use crate::values::{ClassList, MOST_CLASSES, Values};

/// Numbers with more distinct values than this are no classes.
const FEW: usize = 20;

/// What is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Task {
    /// No truth, or no answer: nothing to look at.
    #[default]
    None,
    /// Two classes.
    Binary,
    /// Several classes.
    Classes,
    /// A number.
    Numbers,
}

/// The columns with their values, each the first of its role but for scores.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sample {
    /// What came true.
    pub label: Option<(String, Values)>,
    /// What was answered.
    pub prediction: Option<(String, Values)>,
    /// How sure the answer was.
    pub score: Option<(String, Values)>,
    /// Scores beyond the first: one for each class.
    pub more: Vec<(String, Values)>,
}

impl Sample {
    /// The columns of a batch.
    ///
    /// # Errors
    /// What the host says of them.
    pub fn read(batch: &Batch) -> Result<Self, Error> {
        let mut sample = Self::default();
        for (place, column) in (0..).zip(batch.columns()) {
            let slot = match column.role {
                Role::Label => &mut sample.label,
                Role::Prediction => &mut sample.prediction,
                Role::Score if column.kind == Kind::Numeric => {
                    if sample.score.is_some() {
                        let values = Values::read(batch, place, column.kind)?;
                        sample.more.push((column.name, values));
                        continue;
                    }
                    &mut sample.score
                }
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some((column.name, Values::read(batch, place, column.kind)?));
            }
        }
        Ok(sample)
    }
}

impl Sample {
    /// All scores.
    pub fn scores(&self) -> impl Iterator<Item = &(String, Values)> {
        self.score.iter().chain(&self.more)
    }

    /// The column of each class.
    fn class_scores(&self, classes: &ClassList) -> Result<Vec<String>, Unmatched> {
        let names: Vec<&str> = self.scores().map(|(name, _)| name.as_str()).collect();
        let places = class_scores::places(classes, &names)?;
        let name = |place: usize| names.get(place).map(|name| (*name).to_owned());
        Ok(places.into_iter().filter_map(name).collect())
    }
}

/// What is asked of the answers.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// Its kind.
    pub task: Task,
    /// Column of the truth.
    pub label: String,
    /// Column of the answer, if one is looked at.
    pub prediction: Option<String>,
    /// Column of the score, if one is looked at.
    pub score: Option<String>,
    /// Columns of the scores of each of several classes, in their order; none
    /// where not all have one.
    pub class_scores: Vec<String>,
    /// Why there are none though there is more than one score.
    pub unscored: Option<String>,
    /// The classes; none for numbers.
    pub classes: ClassList,
    /// Which of the classes is the positive one of two.
    pub positive: u16,
    /// Scores from here on mean yes, where no column says what was answered.
    pub threshold: Option<f64>,
    /// Whether scores are shares: all within 0 and 1.
    pub shares: bool,
}

impl Question {
    /// What a sample of the reference asks. `positive` is the class that counts
    /// as positive; empty: "1", else the last of two.
    pub fn of(sample: &Sample, threshold: f64, positive: &str) -> Self {
        let Some((label, truth)) = &sample.label else {
            return Self::default();
        };
        let keys = truth.keys(MOST_CLASSES);
        if keys.is_empty() {
            return Self::default();
        }
        let answer = sample.prediction.as_ref();
        let question = Self {
            label: label.clone(),
            ..Self::default()
        };
        let scored = || {
            let classes = ClassList::of(keys.clone(), MOST_CLASSES);
            sample.class_scores(&classes).is_ok()
        };
        match are_classes(truth, &keys, answer.map(|(_, values)| values))
            || answer.is_none() && scored()
        {
            true => question.of_classes(sample, keys, threshold, positive),
            false => question.of_numbers(sample),
        }
    }

    fn of_numbers(self, sample: &Sample) -> Self {
        let answer = sample.prediction.as_ref().or(sample.score.as_ref());
        let numeric = answer.filter(|(_, values)| values.numbers().iter().any(|x| x.is_finite()));
        let task = numeric.map_or(Task::None, |_| Task::Numbers);
        Self {
            task,
            prediction: numeric.map(|(name, _)| name.clone()),
            ..self
        }
    }

    fn of_classes(
        self,
        sample: &Sample,
        keys: BTreeMap<String, u64>,
        threshold: f64,
        positive: &str,
    ) -> Self {
        let mut all = keys.clone();
        let mut prediction = sample.prediction.as_ref();
        let mut score = sample.score.as_ref();
        if let Some((_, values)) = prediction {
            let said = values.keys(MOST_CLASSES);
            if among(values, &said, &keys) {
                said.into_iter()
                    .for_each(|(key, rows)| *all.entry(key).or_default() += rows);
            } else {
                // A number that is no class is a score.
                score = score.or(prediction);
                prediction = None;
            }
        }
        if all.len() == 1 && (all.contains_key("0") || all.contains_key("1")) {
            all.entry("0".into()).or_default();
            all.entry("1".into()).or_default();
        }
        let classes = ClassList::of(all, MOST_CLASSES);
        let binary = classes.len() == 2;
        let named = |wanted: &str| classes.keys().iter().position(|key| key == wanted);
        let wanted = named(&crate::values::key(positive)).or_else(|| named("1"));
        let positive = wanted.unwrap_or(classes.len().saturating_sub(1));
        let of_positive = |column: &&(String, Values)| {
            class_scores::class_of(&classes, &column.0) == Some(positive)
        };
        let score = match sample.more.is_empty() {
            true => score,
            false => sample.scores().find(of_positive).or(score),
        };
        let score = score.filter(|_| binary);
        let (mut scores, mut unscored) = (vec![], None);
        if !binary && !sample.more.is_empty() {
            match sample.class_scores(&classes) {
                Ok(names) => scores = names,
                Err(why) => unscored = Some(why.to_string()),
            }
        }
        if prediction.is_none() && score.is_none() && scores.is_empty() {
            return Self::default();
        }
        let finite: Vec<f64> = score.map_or(vec![], |(_, values)| values.numbers());
        let mut finite = finite.into_iter().filter(|x| x.is_finite()).peekable();
        let shares = finite.peek().is_some() && finite.all(|x| (0.0..=1.0).contains(&x));
        let by_threshold = prediction.is_none() && (shares || threshold != 0.5);
        Self {
            task: if binary { Task::Binary } else { Task::Classes },
            prediction: prediction.map(|(name, _)| name.clone()),
            score: score.map(|(name, _)| name.clone()),
            class_scores: scores,
            unscored,
            positive: positive as u16,
            classes,
            threshold: by_threshold.then_some(threshold),
            shares,
            ..self
        }
    }

    /// The column that the answer is looked up in: the score, else the
    /// prediction, else the first score of several.
    pub fn answer(&self) -> &str {
        let score = self.score.as_deref().or(self.prediction.as_deref());
        let several = || self.class_scores.first().map(String::as_str);
        score.or_else(several).unwrap_or_default()
    }

    /// The same without the predicted class where two classes have a score: what
    /// is asked of scores alone need not read it.
    #[must_use]
    pub fn by_score(self) -> Self {
        match self.task == Task::Binary && self.score.is_some() {
            true => Self {
                prediction: None,
                threshold: None,
                ..self
            },
            false => self,
        }
    }

    /// The key of the positive class.
    pub fn positive_key(&self) -> &str {
        let key = self.classes.keys().get(usize::from(self.positive));
        key.map_or("", String::as_str)
    }

    /// The columns of a batch that the question is about.
    ///
    /// # Errors
    /// What the host says of them.
    pub fn read(&self, batch: &Batch) -> Result<Sample, Error> {
        let columns = batch.columns();
        let find = |name: &str| -> Result<Option<(String, Values)>, Error> {
            let place = columns.iter().position(|column| column.name == name);
            let Some(column) = place.and_then(|place| columns.get(place)) else {
                return Ok(None);
            };
            let place = u32::try_from(place.unwrap_or(0)).unwrap_or(u32::MAX);
            Ok(Some((
                name.to_owned(),
                Values::read(batch, place, column.kind)?,
            )))
        };
        let maybe = |name: &Option<String>| name.as_deref().map_or(Ok(None), find);
        let mut sample = Sample {
            label: find(&self.label)?,
            prediction: maybe(&self.prediction)?,
            score: maybe(&self.score)?,
            more: vec![],
        };
        if self.prediction.is_none() {
            sample.more = self.read_class_scores(batch)?;
        }
        Ok(sample)
    }

    /// The scores of all classes; those that are not there are left out.
    ///
    /// # Errors
    /// What the host says of them.
    pub fn read_class_scores(&self, batch: &Batch) -> Result<Vec<(String, Values)>, Error> {
        let mut scores = vec![];
        for (place, column) in (0..).zip(batch.columns()) {
            if self.class_scores.contains(&column.name) {
                scores.push((column.name, Values::read(batch, place, column.kind)?));
            }
        }
        Ok(scores)
    }

    /// The scores of each class as numbers, NaN for a column that is not there;
    /// empty where classes have no scores.
    pub fn class_numbers(&self, sample: &Sample, rows: usize) -> Vec<Vec<f64>> {
        let numbers = |name: &String| {
            let column = sample.scores().find(|column| column.0 == *name);
            column.map_or_else(|| vec![f64::NAN; rows], |(_, values)| values.numbers())
        };
        self.class_scores.iter().map(numbers).collect()
    }

    /// Checks a question that came from outside.
    ///
    /// # Errors
    /// [`Error::State`] for classes that a sample cannot give.
    pub fn validate(&self) -> Result<(), Error> {
        let fits = self.classes.fits()
            && (self.task != Task::Binary
                || self.classes.len() == 2 && usize::from(self.positive) < 2)
            && (self.class_scores.is_empty() || self.class_scores.len() == self.classes.len())
            && self.threshold.is_none_or(f64::is_finite);
        match fits {
            true => Ok(()),
            false => Err(Error::State(
                "the frame's classes are not those of a sample; rebuild the baseline".into(),
            )),
        }
    }
}

/// Whether the truth is a class: text, at most two numbers, or few whole
/// numbers of which the answer is always one.
fn are_classes(truth: &Values, keys: &BTreeMap<String, u64>, answer: Option<&Values>) -> bool {
    let numeric = keys.keys().all(|key| key.parse::<f64>().is_ok());
    if keys.len() <= 2 || !numeric {
        return true;
    }
    let said = answer.map(|values| (values, values.keys(MOST_CLASSES)));
    match (truth, said) {
        // Codes of a class are answered by codes; any other number is meant as
        // a number.
        (Values::Codes(_, _), Some((values, said))) => {
            matches!(values, Values::Codes(_, _)) || among(values, &said, keys)
        }
        (Values::Codes(_, _), None) => true,
        (Values::Numbers(_), Some((values, said))) => {
            let whole = keys.keys().all(|key| !key.contains('.'));
            keys.len() <= FEW
                && whole
                && (matches!(values, Values::Codes(_, _)) || among(values, &said, keys))
        }
        (Values::Numbers(_), None) => false,
    }
}

/// Whether answers are classes: text, or numbers that are all among the truth's.
fn among(values: &Values, said: &BTreeMap<String, u64>, keys: &BTreeMap<String, u64>) -> bool {
    let all = || said.keys().all(|key| keys.contains_key(key));
    let bits = || said.keys().all(|key| key == "0" || key == "1");
    matches!(values, Values::Codes(_, _)) || all() || bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Values {
        Values::Numbers(values.to_vec())
    }

    fn asked(label: Values, prediction: Option<Values>, score: Option<Values>) -> Question {
        let named = |name: &str, values| (name.to_owned(), values);
        let sample = Sample {
            label: Some(named("y", label)),
            prediction: prediction.map(|values| named("p", values)),
            score: score.map(|values| named("s", values)),
            ..Sample::default()
        };
        Question::of(&sample, 0.5, "")
    }

    #[test]
    fn the_kind_of_question() {
        let bits = || numbers(&[0.0, 1.0, 1.0, f64::NAN]);
        let shares = || numbers(&[0.1, 0.7, 0.9, 0.2]);
        let texts = |texts: &[&str]| {
            Values::of_texts(&texts.iter().map(|text| Some(*text)).collect::<Vec<_>>())
        };
        let both = asked(bits(), Some(bits()), Some(shares()));
        assert_eq!((both.task, both.answer()), (Task::Binary, "s"));
        assert_eq!((both.threshold, both.shares), (None, true));
        // A prediction that is a share is a score.
        let alone = asked(bits(), Some(shares()), None);
        assert_eq!(
            (alone.task, alone.score.as_deref()),
            (Task::Binary, Some("p"))
        );
        assert_eq!(alone.threshold, Some(0.5));
        let three = asked(texts(&["a", "b", "c"]), Some(texts(&["a", "b", "b"])), None);
        assert_eq!((three.task, three.classes.len()), (Task::Classes, 3));
        let yes = asked(texts(&["no", "yes"]), Some(texts(&["no", "no"])), None);
        assert_eq!((yes.task, yes.positive_key()), (Task::Binary, "yes"));
        let codes = asked(
            numbers(&[0.0, 1.0, 2.0]),
            Some(numbers(&[2.0, 2.0, 1.0])),
            None,
        );
        assert_eq!(codes.task, Task::Classes);
        let stars = asked(
            numbers(&[1.0, 2.0, 5.0]),
            Some(numbers(&[1.3, 2.0, 4.4])),
            None,
        );
        assert_eq!((stars.task, stars.answer()), (Task::Numbers, "p"));
        // Ratings kept as categories, and a number for an answer.
        let stars = asked(
            texts(&["1", "2", "5"]),
            Some(numbers(&[1.3, 2.0, 4.4])),
            None,
        );
        assert_eq!(stars.task, Task::Numbers);
        let scores = asked(
            numbers(&[1.5, 2.5, 3.5]),
            None,
            Some(numbers(&[1.0, 2.0, 3.0])),
        );
        assert_eq!((scores.task, scores.answer()), (Task::Numbers, "s"));
    }

    #[test]
    fn nothing_to_ask() {
        let texts = Values::of_texts(&[Some("a"), Some("b"), Some("c")]);
        assert_eq!(asked(texts.clone(), None, None).task, Task::None);
        assert_eq!(
            asked(numbers(&[f64::NAN]), Some(texts.clone()), None).task,
            Task::None
        );
        // Scores of three classes in one column say nothing.
        let score = numbers(&[0.5, 0.4, 0.3]);
        assert_eq!(asked(texts, None, Some(score)).task, Task::None);
        let rows = Question::default().rows(&Sample::default());
        assert!(rows.truth.is_empty());
    }

    #[test]
    fn one_class_of_two_is_enough() {
        let all = asked(numbers(&[0.0, 0.0]), None, Some(numbers(&[0.1, 0.2])));
        assert_eq!((all.task, all.positive_key()), (Task::Binary, "1"));
        assert!(all.validate().is_ok());
        let broken = Question { positive: 7, ..all };
        assert!(broken.validate().is_err());
    }
}
