"""Exports scikit-learn models, with inputs and what scikit-learn answers.

    python make_oracle.py models

Needs scikit-learn, pandas and skl2onnx; made with scikit-learn 1.9.1, skl2onnx
1.20 and onnx 1.23. `NAME.onnx`: the model. `NAME.txt`: a line for each input
(`in`, type, columns, values row by row) and each answer (`out`, the same), with
tabs between. `bad_NAME.onnx`: files that must be refused.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import pandas as pd
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import DoubleTensorType, FloatTensorType, Int64TensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import make_column_transformer
from sklearn.datasets import make_classification
from sklearn.ensemble import (AdaBoostClassifier, GradientBoostingClassifier, GradientBoostingRegressor,
                              RandomForestClassifier, RandomForestRegressor)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, PoissonRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (Normalizer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, PowerTransformer,
                                   QuantileTransformer, StandardScaler)
from sklearn.svm import LinearSVC

NUMBERS = list("abcdef")
ROWS = 40


def line(word, values):
    values = np.asarray(values)
    values = values.reshape(len(values), -1)
    kind = {"f": "f", "i": "i", "u": "i"}.get(values.dtype.kind, "s")
    texts = [repr(float(x)) if kind == "f" else str(x) for x in values.ravel()]
    return "\t".join([word, kind, str(values.shape[1]), *texts])


def keep(folder, name, model, rows, inputs, zipmap=False):
    options = {id(model): {"zipmap": zipmap}} if hasattr(model, "predict_proba") else None
    exported = to_onnx(model, initial_types=inputs, options=options)
    (folder / f"{name}.onnx").write_bytes(exported.SerializeToString())
    rows = rows[:ROWS]
    answers = [model.predict(rows)]
    if hasattr(model, "predict_proba"):
        answers.append(model.predict_proba(rows))
    elif hasattr(model, "decision_function"):
        answers.append(model.decision_function(rows))
    frame = isinstance(rows, pd.DataFrame)
    given = [rows[[column]] for column, _ in inputs] if frame else [rows]
    lines = [line("in", values) for values in given] + [line("out", values) for values in answers]
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


def good(folder):
    x, y = make_classification(300, 6, random_state=0)
    x = x.astype(np.float32)
    y3 = np.digitize(x[:, 0], [-0.5, 0.5])
    gaps = x.copy()
    gaps[::7, 2] = np.nan
    frame = pd.DataFrame(gaps, columns=NUMBERS)
    frame["t"] = np.where(x[:, 0] > 0, "hi", "lo")
    frame["u"] = (x[:, 1] > 0).astype(np.int64)
    full = frame.assign(c=x[:, 2])
    columns = [(name, FloatTensorType([None, 1])) for name in NUMBERS]
    columns += [("t", StringTensorType([None, 1])), ("u", Int64TensorType([None, 1]))]
    matrix = [("X", FloatTensorType([None, 6]))]
    doubles = [("X", DoubleTensorType([None, 6]))]

    encoded = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), ["t"]),
        (make_pipeline(SimpleImputer(), StandardScaler()), ["a", "b", "c"]),
        (OneHotEncoder(handle_unknown="ignore"), ["u"]), remainder="passthrough")
    ordinal = make_column_transformer(
        (OrdinalEncoder(), ["t"]), (SimpleImputer(strategy="most_frequent"), ["u"]), remainder="passthrough")

    def seeded(kind, **more):
        return kind(random_state=0, **more)

    boosting = make_pipeline(encoded, seeded(GradientBoostingClassifier, n_estimators=10))
    keep(folder, "columns_boosting", boosting.fit(frame, y), frame, columns)
    trees = make_pipeline(ordinal, seeded(GradientBoostingRegressor, n_estimators=10))
    keep(folder, "columns_regressor", trees.fit(full, x[:, 1] * x[:, 2]), full, columns)
    votes = make_pipeline(ordinal, seeded(RandomForestClassifier, n_estimators=10, max_depth=4))
    keep(folder, "columns_forest", votes.fit(full, y), full, columns)
    forest = seeded(RandomForestClassifier, n_estimators=5, max_depth=5)
    keep(folder, "forest_texts", forest.fit(x, np.array(["low", "mid", "high"])[y3]), x, matrix)
    keep(folder, "forest_zipmap", forest.fit(x, y3), x, matrix, zipmap=True)
    many = seeded(RandomForestRegressor, n_estimators=5, max_depth=4)
    keep(folder, "forest_outputs", many.fit(x, x[:, :2] ** 2), x, matrix)
    filled = make_pipeline(SimpleImputer(strategy="median"), seeded(GradientBoostingClassifier, n_estimators=5))
    keep(folder, "matrix_gaps", filled.fit(gaps, y3), gaps, matrix)
    simple = {
        "logistic": (LogisticRegression(), y), "logistic_classes": (LogisticRegression(), y3),
        "linear": (LinearRegression(), x[:, 0] + x[:, 1]), "svc": (LinearSVC(), y), "bayes": (GaussianNB(), y3),
        "poisson": (PoissonRegressor(), y + 1.0),
        "neural": (seeded(MLPClassifier, max_iter=5), y), "neural_classes": (seeded(MLPClassifier, max_iter=5), y3),
        "adaboost": (seeded(AdaBoostClassifier, n_estimators=3), y3),
        "calibrated": (CalibratedClassifierCV(LogisticRegression(), cv=2), y),
        "quantiles": (make_pipeline(QuantileTransformer(n_quantiles=10), LogisticRegression()), y),
        "power": (make_pipeline(PowerTransformer(), LogisticRegression()), y),
        "products": (make_pipeline(PolynomialFeatures(2), LogisticRegression()), y),
        "length": (make_pipeline(Normalizer(), LogisticRegression()), y),
    }
    for name, (model, target) in simple.items():
        keep(folder, name, model.fit(x, target), x, matrix)
    wide = x.astype(np.float64)
    keep(folder, "doubles", LogisticRegression().fit(wide, y), wide, doubles)


def graph(nodes, inputs, outputs, constants=(), opsets=(("", 18), ("ai.onnx.ml", 3))):
    made = helper.make_graph(nodes, "g", inputs, outputs, list(constants))
    return helper.make_model(made, opset_imports=[helper.make_opsetid(*opset) for opset in opsets])


def floats(name, *shape):
    return helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape))


def tree(**changes):
    """x <= 1 ? 10 : 20."""
    said = dict(n_targets=1, nodes_treeids=[0, 0, 0], nodes_nodeids=[0, 1, 2], nodes_featureids=[0, 0, 0],
                nodes_modes=["BRANCH_LEQ", "LEAF", "LEAF"], nodes_values=[1.0, 0.0, 0.0],
                nodes_truenodeids=[1, 0, 0], nodes_falsenodeids=[2, 0, 0], target_treeids=[0, 0],
                target_nodeids=[1, 2], target_ids=[0, 0], target_weights=[10.0, 20.0])
    node = helper.make_node("TreeEnsembleRegressor", ["X"], ["y"], domain="ai.onnx.ml", name="tree", **said | changes)
    return graph([node], [floats("X", None, 1)], [floats("y", None, 1)])


def bad(folder):
    x, y = [floats("X", None, 1)], [floats("y", None, 1)]
    ml = dict(domain="ai.onnx.ml")
    inner = helper.make_graph([helper.make_node("Identity", ["X"], ["z"])], "inner", [], [floats("z", None, 1)])
    long = helper.make_tensor("long", TensorProto.INT64, [3], [1 << 20] * 3)
    outside = helper.make_tensor("w", TensorProto.FLOAT, [1], [1.0])
    outside.ClearField("float_data")
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="/etc/hostname")
    models = {
        "tree": tree(),
        "bad_cycle": tree(nodes_modes=["BRANCH_LEQ"] * 2 + ["LEAF"], nodes_truenodeids=[1, 0, 0],
                          nodes_falsenodeids=[2, 2, 0]),
        "bad_lists": tree(nodes_values=[1.0]),
        "bad_leaf": tree(target_ids=[0, 7]),
        "bad_operator": graph([helper.make_node("Foo", ["X"], ["z"], domain="com.example"),
                               helper.make_node("SVMRegressor", ["z"], ["y"], **ml)], x, y),
        "bad_subgraph": graph([helper.make_node("If", ["c"], ["y"], then_branch=inner, else_branch=inner)], x, y),
        "bad_outside": graph([helper.make_node("Mul", ["X", "w"], ["y"])], x, y, [outside]),
        "bad_opset": graph([helper.make_node("Identity", ["X"], ["y"])], x, y, opsets=(("", 99),)),
        "bad_order": graph([helper.make_node("Neg", ["z"], ["y"]), helper.make_node("Neg", ["X"], ["z"])], x, y),
        "bad_output": graph([helper.make_node("Neg", ["X"], ["z"])], x, y),
        "run_memory": graph([helper.make_node("ConstantOfShape", ["long"], ["y"])], x, y, [long]),
        "run_shape": graph([helper.make_node("Scaler", ["X"], ["y"], offset=[0.0, 0.0], scale=[1.0, 1.0], **ml)], x, y),
        "run_log": graph([helper.make_node("Log", ["X"], ["y"])], x, y),
        "run_total": graph([helper.make_node("ReduceSum", ["X"], ["y"], keepdims=0)], x, y),
        "fixed_rows": graph([helper.make_node("Neg", ["X"], ["y"])], [floats("X", 8, 1)], y),
        "one_row": graph([helper.make_node("Neg", ["X"], ["y"])], [floats("X", 1, 1)], y),
        "mixed": graph([helper.make_node("Concat", ["X", "Z"], ["y"], axis=1)],
                       [floats("X", None, 2), floats("Z", None, 1)], y),
    }
    for name, model in models.items():
        (folder / f"{name}.onnx").write_bytes(model.SerializeToString())


if __name__ == "__main__":
    good(Path(sys.argv[1]))
    bad(Path(sys.argv[1]))
