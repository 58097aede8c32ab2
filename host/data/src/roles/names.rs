//! What a column's name says. Names are compared in small letters with `_`
//! between words (`userId`, `User ID` and `user_id` are one).

/// The name as words joined by `_`.
pub(crate) fn words(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for found in name.chars() {
        if found.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        if found.is_alphanumeric() {
            out.extend(found.to_lowercase());
        } else if !out.ends_with('_') && !out.is_empty() {
            out.push('_');
        }
        before = found;
    }
    out.trim_end_matches('_').to_owned()
}

/// How well a name fits the truth; 0: not at all.
pub(crate) fn label(words: &str) -> u32 {
    match words {
        "y_true" | "ytrue" | "ground_truth" | "groundtruth" | "true_label" | "label_true" => 4,
        "label" | "labels" | "target" | "targets" => 3,
        "y" | "truth" | "actual" | "actuals" | "true_value" => 2,
        "outcome" | "gt" => 1,
        _ => 0,
    }
}

/// How well a name fits what the model decided.
pub(crate) fn prediction(words: &str) -> u32 {
    match words {
        "y_pred" | "ypred" | "y_hat" | "yhat" | "y_predicted" | "prediction" | "predictions"
        | "predicted" => 4,
        "pred" | "preds" | "predicted_label" | "predicted_class" | "predicted_value"
        | "model_prediction" | "model_output" | "pred_label" | "pred_class" => 3,
        _ if score(words) != Score::No => 0,
        _ if words.starts_with("predicted_")
            || words.starts_with("prediction_")
            || words.starts_with("y_pred_") =>
        {
            2
        }
        _ if words.ends_with("_pred")
            || words.ends_with("_prediction")
            || words.ends_with("_predicted") =>
        {
            2
        }
        "forecast" => 1,
        _ => 0,
    }
}

/// How far a name alone makes a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Score {
    No,
    /// Only beside a prediction (`score`, `confidence`): many measurements
    /// have such names.
    Beside,
    /// By itself.
    Yes,
}

/// Whether a name fits a probability or score of the model.
pub(crate) fn score(words: &str) -> Score {
    const MODEL: [&str; 7] = [
        "y_",
        "pred_",
        "predict_",
        "predicted_",
        "prediction_",
        "model_",
        "y_pred_",
    ];
    const END: [&str; 6] = [
        "proba",
        "prob",
        "probability",
        "probabilities",
        "score",
        "confidence",
    ];
    match words {
        "proba" | "probas" | "probability" | "prob" | "y_scores" | "decision_function"
        | "logit" | "logits" => Score::Yes,
        "score" | "scores" | "confidence" | "model_confidence" => Score::Beside,
        _ if MODEL.iter().any(|start| {
            words
                .strip_prefix(start)
                .is_some_and(|rest| END.contains(&rest))
        }) =>
        {
            Score::Yes
        }
        _ if words.starts_with("y_pred_proba")
            || words.starts_with("predict_proba")
            || words.starts_with("pred_proba")
            || words.starts_with("proba_") =>
        {
            Score::Yes
        }
        _ if words.ends_with("_proba") => Score::Yes,
        _ => Score::No,
    }
}

/// Whether a name is an identifier's.
pub(crate) fn id(words: &str) -> bool {
    matches!(
        words,
        "id" | "uuid"
            | "guid"
            | "index"
            | "idx"
            | "row"
            | "row_number"
            | "rowid"
            | "unnamed_0"
            | "pk"
            | "key"
    ) || ["_id", "_ids", "_uuid", "_guid", "_key", "_hash"]
        .iter()
        .any(|end| words.ends_with(end))
        || words.starts_with("id_")
}

/// Weights of rows. `weight` alone is a measurement of things as often.
pub(crate) fn weight(words: &str) -> bool {
    matches!(
        words,
        "sample_weight"
            | "sample_weights"
            | "row_weight"
            | "case_weight"
            | "instance_weight"
            | "weights"
            | "survey_weight"
    )
}

/// How well a name fits the time of the row's event. Below 0: the time of
/// something else (birth, expiry).
pub(crate) fn timestamp(words: &str) -> i32 {
    let has = |part: &str| words.split('_').any(|word| word == part);
    let other = [
        "birth",
        "birthday",
        "dob",
        "expiry",
        "expires",
        "expiration",
        "end",
        "ended",
        "until",
        "due",
        "updated",
        "modified",
        "deleted",
        "last",
        "hire",
    ];
    if other.into_iter().any(has) {
        return -1;
    }
    match words {
        "timestamp" | "event_time" | "event_timestamp" | "event_date" | "ts" | "datetime" => 5,
        "time" | "date" | "day" | "ds" | "prediction_time" | "inference_time" | "request_time"
        | "date_time" => 4,
        _ if has("event") || has("timestamp") || has("ts") => 3,
        _ if has("time") || has("date") || has("datetime") || words.ends_with("_at") => 2,
        _ if has("start") || has("created") => 1,
        _ => 0,
    }
}

/// Names of codes that are written as numbers.
pub(crate) fn code(words: &str) -> bool {
    const LAST: [&str; 16] = [
        "code", "codes", "type", "class", "category", "cat", "cd", "zip", "zipcode", "postcode",
        "flag", "status", "group", "segment", "cluster", "region",
    ];
    words
        .rsplit('_')
        .next()
        .is_some_and(|last| LAST.contains(&last))
        || words.ends_with("zip_code")
        || words.ends_with("postal_code")
}

/// Names of counts and measurements that take few whole values.
pub(crate) fn count(words: &str) -> bool {
    const FIRST: [&str; 8] = ["num", "n", "nb", "no", "count", "cnt", "number", "total"];
    const LAST: [&str; 20] = [
        "count", "counts", "cnt", "num", "number", "total", "qty", "quantity", "age", "years",
        "months", "days", "hours", "minutes", "seconds", "size", "length", "amount", "attempts",
        "children",
    ];
    let mut parts = words.split('_');
    parts.next().is_some_and(|first| FIRST.contains(&first))
        || words
            .rsplit('_')
            .next()
            .is_some_and(|last| LAST.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        for (name, wanted) in [
            ("userId", "user_id"),
            ("User ID", "user_id"),
            ("CustomerID", "customer_id"),
            ("Unnamed: 0", "unnamed_0"),
            ("y_pred", "y_pred"),
        ] {
            assert_eq!(words(name), wanted);
        }
    }

    #[test]
    fn a_credit_score_is_no_score() {
        assert_eq!(score("credit_score"), Score::No);
        assert_eq!(score("rain_probability"), Score::No);
        assert_eq!(score("score"), Score::Beside);
        assert_eq!(score("y_pred_proba"), Score::Yes);
        assert_eq!(score("predicted_probability"), Score::Yes);
        assert_eq!(prediction("y_pred_proba"), 0);
        assert!(prediction("predicted_price") > 0);
    }

    #[test]
    fn only_the_time_of_the_row_is_its_timestamp() {
        assert!(timestamp("birth_date") < 0);
        assert!(timestamp("event_time") > timestamp("created_at"));
        assert!(timestamp("time_hour") > timestamp("when"));
    }

    #[test]
    fn ids_counts_and_codes() {
        assert!(id("order_id") && id("id") && !id("paid") && !id("humid"));
        assert!(count("num_shells") && count("age") && !count("month"));
        assert!(code("product_type") && code("zip_code") && !code("typewriter"));
    }
}
