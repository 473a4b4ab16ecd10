"""Reads what a session saved, with NumPy, pandas and TensorBoard, and compares it with want.json."""

import json

import numpy as np
import pandas as pd
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

want = json.load(open("want.json"))

# One line for each format, as docs/data.md has them.
logits = np.load("logits.npz")
history = {
    "csv": pd.read_csv("history.csv"),
    "json": pd.read_json("history.json"),
    "jsonl": pd.read_json("history.jsonl", lines=True),
    "parquet": pd.read_parquet("history.parquet"),
    "npz": pd.DataFrame(dict(np.load("history.npz"))),
}

terms = ["term " + name for name in want["names"]]
for ending, table in history.items():
    assert list(table.columns) == ["epoch", "lr", "warm", "loss", "noisy_accuracy", "noisy_loss", "kept"] + terms, (ending, table)
    np.testing.assert_array_equal(table["epoch"], [0, 1], ending)
    np.testing.assert_allclose(table["loss"], [e["loss"] for e in want["epochs"]], rtol=1e-15, err_msg=ending)
    np.testing.assert_allclose(table[terms[0]], [e["term"] for e in want["epochs"]], rtol=1e-15, err_msg=ending)

n = len(want["labels"])
assert logits["logits"].shape == (n, 10) and logits["logits"].dtype == np.float64
np.testing.assert_array_equal(logits["logits"], want["logits"])
np.testing.assert_array_equal(logits["label"], want["labels"])
np.testing.assert_array_equal(logits["predicted"], np.argmax(want["logits"], axis=1))
for table in (pd.read_csv("logits.csv", float_precision="round_trip"), pd.read_parquet("logits.parquet")):
    np.testing.assert_array_equal(table[[f"logits_{k}" for k in range(10)]], want["logits"])
# Without precise_float, pandas is off by up to 2e-12 of a value.
for table in (pd.read_json("logits.json", precise_float=True),
              pd.read_json("logits.jsonl", lines=True, precise_float=True)):
    np.testing.assert_allclose(np.array(table["logits"].tolist()), want["logits"], rtol=1e-14)

certificates = pd.read_parquet("certificates.parquet")
np.testing.assert_array_equal(certificates["radius"], want["radii"])
assert certificates["correct"].dtype == bool and certificates["votes"].dtype == np.int64

attack = np.load("attack.npz")
assert attack["points"].shape == (n, 2, 28, 28, 1) and attack["points"].dtype == np.float32
assert attack["predicted"].shape == (n, 3)
np.testing.assert_array_equal(attack["distance"], want["distances"])
assert attack["points"].min() >= 0 and attack["points"].max() <= 1

path = np.load("path.npz")
assert path["points"].shape == (2 * 3, 28, 28, 1)
np.testing.assert_array_equal(path["step"], [0, 1, 2, 0, 1, 2])
np.testing.assert_array_equal(path["probability"], [p[0] for image in want["path"] for p in image])
np.testing.assert_allclose(path["points"][5].ravel(), want["pixels"], rtol=0, atol=0)
delta = path["points"].reshape(2, 3, -1).astype(float)
moved = np.linalg.norm(delta - delta[:, :1], axis=2)
np.testing.assert_allclose(moved.ravel(), [p[1] for image in want["path"] for p in image], rtol=1e-5, atol=1e-6)
assert "points" not in pd.read_csv("path.csv").columns

classes = pd.read_csv("classes.csv")
np.testing.assert_array_equal(classes[[f"confusion_{k}" for k in range(10)]], want["confusion"])
assert len(pd.read_csv("predictions.csv")) == n


def scalars(directory):
    """Returns the curves of a directory as TensorBoard shows them: step and value by tag."""
    events = EventAccumulator(directory)
    events.Reload()
    return {tag: [(s.step, s.value) for s in events.Scalars(tag)] for tag in events.Tags()["scalars"]}


run = scalars("tb/run")
assert {"train/loss", "train/learning rate", "test/noisy accuracy", "test/noisy loss", "epoch/loss"} <= set(run), run.keys()
loss = np.array(run["train/loss"])
np.testing.assert_array_equal(loss[:, 0], np.arange(1, want["updates"] + 1))
for epoch, part in enumerate(np.split(loss[:, 1], 2)):
    np.testing.assert_allclose(part.mean(), want["epochs"][epoch]["loss"], rtol=1e-6)
np.testing.assert_allclose([v for _, v in run["test/noisy accuracy"]], [e["accuracy"] for e in want["epochs"]], rtol=1e-6)
assert all("train/term " + name in run for name in want["names"])

# A second training in the same directory replaces the first.
twice = np.array(scalars("tb/twice")["train/loss"])
np.testing.assert_array_equal(twice[:, 0], np.arange(1, len(twice) + 1))
np.testing.assert_allclose(twice[:, 1].mean(), want["last"], rtol=1e-6)
