"""Writes optax.json: what optax makes of fixed gradients, in float64, with each of smoothlab's optimizers.

    pip install optax==0.2.8 jax==0.10.2 numpy==2.4.6
    python optax_numbers.py > optax.json

optax's adamw takes the decay off the weights as torch.optim.AdamW does; add_decayed_weights before scale_by_adam is
torch.optim.Adam's weight_decay, and before trace it is torch.optim.SGD's. The average of the weights is optax.ema with
its correction for the start.
"""
import json
import sys

import jax
import numpy as np
import optax

jax.config.update("jax_enable_x64", True)

STEPS = 8
rng = np.random.default_rng(20)
start = [rng.normal(size=(3,)), rng.normal(size=(2, 2))]
# sizes from 1e-4 to 10, some gradients exactly zero
gradients = [[rng.normal(size=w.shape) * 10.0 ** rng.uniform(-4, 1) for w in start] for _ in range(STEPS)]
gradients[3] = [np.zeros_like(w) for w in start]


def sgd(c):
    return optax.chain(optax.add_decayed_weights(c["weight_decay"]), optax.trace(c["momentum"]), optax.scale(-c["lr"]))


def adam(c):
    return optax.chain(optax.add_decayed_weights(c["weight_decay"]),
                       optax.scale_by_adam(c["beta1"], c["beta2"], c["epsilon"]), optax.scale(-c["lr"]))


def adamw(c):
    return optax.adamw(c["lr"], c["beta1"], c["beta2"], c["epsilon"], weight_decay=c["weight_decay"])


usual = {"lr": 0.01, "weight_decay": 0.05, "momentum": 0.9, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8,
         "clip": 0, "ema": 0}
cases = [("sgd", sgd, {}), ("sgd", sgd, {"clip": 0.5, "ema": 0.9}),
         ("adam", adam, {}), ("adam", adam, {"beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3, "weight_decay": 0.5}),
         ("adamw", adamw, {}), ("adamw", adamw, {"weight_decay": 0.5, "clip": 0.5, "ema": 0.99})]

out = {"start": [w.ravel().tolist() for w in start],
       "gradients": [[g.ravel().tolist() for g in step] for step in gradients], "cases": []}
for name, make, changes in cases:
    c = {**usual, **changes}
    rule = make(c)
    if c["clip"]:
        rule = optax.chain(optax.clip_by_global_norm(c["clip"]), rule)
    average = optax.ema(c["ema"], debias=True)
    w, state = start, rule.init(start)
    mean_state, after, averages = average.init(start), [], []
    for g in gradients:
        change, state = rule.update(g, state, w)
        w = optax.apply_updates(w, change)
        after.append([np.asarray(x).ravel().tolist() for x in w])
        mean, mean_state = average.update(w, mean_state)
        averages.append([np.asarray(x).ravel().tolist() for x in mean])
    row = {"optimizer": name, **c, "after": after}
    if c["ema"]:
        row["averages"] = averages
    out["cases"].append(row)
json.dump(out, sys.stdout, indent=1)
print()
