"""Writes torch.json: what torch.optim makes of the weights, gradients and settings in optax.json, in float64.

    pip install torch==2.15.0 numpy==2.4.6
    python torch_numbers.py > torch.json

torch.nn.utils.clip_grad_norm_ divides by the norm plus 1e-6. The average of the weights is
torch.optim.swa_utils.get_ema_multi_avg_fn from zero, with the correction for the start, as optax.ema has it.
"""
import json
import pathlib
import sys

import torch
from torch.optim.swa_utils import get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)
given = json.loads(pathlib.Path(__file__).with_name("optax.json").read_text())


def optimizer(c, weights):
    settings = {"lr": c["lr"], "weight_decay": c["weight_decay"]}
    if c["optimizer"] == "sgd":
        return torch.optim.SGD(weights, momentum=c["momentum"], **settings)
    make = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[c["optimizer"]]
    return make(weights, betas=(c["beta1"], c["beta2"]), eps=c["epsilon"], **settings)


out = {"start": given["start"], "gradients": given["gradients"], "cases": []}
for c in given["cases"]:
    weights = [torch.nn.Parameter(torch.tensor(w)) for w in given["start"]]
    rule = optimizer(c, weights)
    means, average = [torch.zeros_like(w) for w in weights], get_ema_multi_avg_fn(c["ema"]) if c["ema"] else None
    row = {k: v for k, v in c.items() if k not in ("after", "averages")} | {"after": []}
    if average:
        row["averages"] = []
    for step, gradients in enumerate(given["gradients"]):
        for w, g in zip(weights, gradients):
            w.grad = torch.tensor(g)
        if c["clip"]:
            torch.nn.utils.clip_grad_norm_(weights, c["clip"])
        rule.step()
        row["after"].append([w.detach().tolist() for w in weights])
        if average:
            average(means, [w.detach() for w in weights], step)
            row["averages"].append([(m / (1 - c["ema"] ** (step + 1))).tolist() for m in means])
    out["cases"].append(row)
json.dump(out, sys.stdout, indent=1)
print()
