"""Trains two releases of a model on the car loans, and writes data to replay
them on. Seeded: the same input gives the same files.

    python train.py tests/fixtures/car_loan/reference.parquet FOLDER

Needs scikit-learn, pandas, pyarrow and skl2onnx. `old.pkl`: gradient boosting.
`new.pkl`: the same, but defaults weigh four times as much, so that it approves
fewer. `old.onnx`, `new.onnx`: the same models with an input for each column.
`matrix.onnx`: a logistic regression on the numbers alone, which takes them as
one matrix; `matrix.pkl` is the same. `reference.parquet`: loans that neither was trained on;
`unchanged.parquet`: other such loans; `richer.parquet`: of these, one in five
of those who earn least, as after a campaign, so that other people ask.
"""

import pickle
import sys
from pathlib import Path

import pandas as pd
from sklearn.compose import make_column_transformer
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, StringTensorType
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

TEXTS = ["salary_range", "size_of_downpayment"]
NUMBERS = ["car_value", "debt_to_income_ratio", "loan_length", "driver_tenure",
           "repaid_loan_on_prev_car"]
INPUTS = [*NUMBERS, *TEXTS]


def trained(rows, weight):
    columns = make_column_transformer((OneHotEncoder(handle_unknown="ignore"), TEXTS), remainder="passthrough")
    model = make_pipeline(columns, GradientBoostingClassifier(random_state=1))
    weights = rows["repaid"].map({0: weight, 1: 1.0})
    return model.fit(rows[INPUTS], rows["repaid"], gradientboostingclassifier__sample_weight=weights)


def export(model, inputs):
    """ONNX bytes, with probabilities as a matrix and no list of maps."""
    options = {id(model): {"zipmap": False}}
    return to_onnx(model, initial_types=inputs, options=options).SerializeToString()


def by_name():
    """An input for each column."""
    numbers = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    return numbers + [(name, StringTensorType([None, 1])) for name in TEXTS]


def main(source, folder):
    loans = pd.read_parquet(source).drop(columns=["y_pred_proba", "y_pred"])
    training, reference, other = loans[:1000], loans[1000:2000], loans[2000:]
    for name, weight in [("old", 1.0), ("new", 4.0)]:
        model = trained(training, weight)
        (folder / f"{name}.pkl").write_bytes(pickle.dumps(model))
        (folder / f"{name}.onnx").write_bytes(export(model, by_name()))
    linear = make_pipeline(StandardScaler(), LogisticRegression())
    linear.fit(training[NUMBERS], training["repaid"])
    (folder / "matrix.pkl").write_bytes(pickle.dumps(linear))
    matrix = [("X", FloatTensorType([None, len(NUMBERS)]))]
    (folder / "matrix.onnx").write_bytes(export(linear, matrix))
    poor = other["salary_range"] == "0 - 20K €"
    richer = pd.concat([other[~poor], other[poor][::5]]).sort_index()
    for name, rows in [("reference", reference), ("unchanged", other), ("richer", richer)]:
        rows.to_parquet(folder / f"{name}.parquet", index=False)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
