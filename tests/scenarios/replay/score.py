"""A scoring command: rows as an Arrow IPC stream on standard input, one score
a row as an Arrow IPC stream on standard output.

    driftguard replay --model "python score.py new.pkl" ...

With `--all` it answers all that an ONNX export of the model answers, under the
same names.
"""

import pickle
import sys
from pathlib import Path

import pyarrow as pa

rows = pa.ipc.open_stream(sys.stdin.buffer).read_all().to_pandas()
model = pickle.loads(Path(sys.argv[1]).read_bytes())
inputs = model.feature_names_in_
probabilities = model.predict_proba(rows[inputs])
if "--all" in sys.argv:
    columns = {f"probabilities[{k}]": probabilities[:, k] for k in range(probabilities.shape[1])}
    scores = pa.table({"label": model.predict(rows[inputs]), **columns})
else:
    scores = pa.table({"score": probabilities[:, 1]})
with pa.ipc.new_stream(sys.stdout.buffer, scores.schema) as out:
    out.write_table(scores)
