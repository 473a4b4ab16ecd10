"""Makes acrboost.npz: a step of the recipe of Sun et al. 2025 (docs/algorithms.md, section 16) on LeNet, written down a
second time with jax in float64, from that section alone. There is no authors' file to compare with: their code has no
licence.

    pip install jax==0.10.2 numpy==2.4.6
    python make.py

It takes weights and images of smoothmix/testdata/golden. Arrays: x [B, 1, 28, 28], y [B], noise [m, B, 1, 28, 28];
noise_t, what the attack returns after at most t steps; wrong [m, B], the step before which a copy was found wrong, T for
never; loss; grad_head.NAME and grad_norm.NAME of the parameters; meta, JSON as bytes.
"""
import json
import os

import jax
import jax.numpy as jnp
import numpy as np

jax.config.update("jax_enable_x64", True)
here = os.path.dirname(os.path.abspath(__file__))
golden = os.path.join(here, "..", "..", "..", "smoothmix", "testdata", "golden")
SIGMA, M, B, STEPS, LENGTH = 0.5, 3, 4, 3, 0.25


def lenet(w, x):
    def convolved(x, name):
        y = jax.lax.conv_general_dilated(x, w[name + ".weight"], (1, 1), "VALID")
        y = jnp.maximum(y + w[name + ".bias"][None, :, None, None], 0)
        n, c, h, v = y.shape
        return y.reshape(n, c, h // 2, 2, v // 2, 2).max((3, 5))

    y = convolved(convolved(x, "conv1"), "conv2").reshape(len(x), -1)
    y = jnp.maximum(y @ w["fc1.weight"].T + w["fc1.bias"], 0)
    return y @ w["fc2.weight"].T + w["fc2.bias"]


def cross_entropies(w, x, noise, y):
    """[m, B]"""
    z = lenet(w, (x[None] + noise).reshape(-1, 1, 28, 28)).reshape(*noise.shape[:2], 10)
    return jax.nn.logsumexp(z, -1) - jnp.take_along_axis(z, y[None, :, None], -1)[..., 0], z.argmax(-1)


def norms(n):
    return jnp.sqrt((n ** 2).sum((2, 3, 4), keepdims=True))


def attack(w, x, y, drawn, steps):
    """As the page has it: every copy takes all steps, and the earliest wrong noise of a copy is what counts."""
    n, best, found = drawn, jnp.zeros_like(drawn), np.full(drawn.shape[:2], steps)
    gradient = jax.grad(lambda n: cross_entropies(w, x, n, y)[0].sum() / len(drawn))
    for t in range(steps):
        wrong = np.asarray(cross_entropies(w, x, n, y)[1] != y[None])
        new = wrong & (found == steps)
        best = jnp.where(new[..., None, None, None], n, best)
        found[new] = t
        g = gradient(n)
        n = n + LENGTH * g / (norms(g) + 1e-8)
        n = n * norms(drawn) / (norms(n) + 1e-8)
    return jnp.where((found == steps)[..., None, None, None], n, best), found


w = {k: jnp.asarray(v, jnp.float64) for k, v in np.load(os.path.join(golden, "lenet_weights.npz")).items()}
images = np.load(os.path.join(golden, "smoothmix.npz"))["x"][:B]
x = jnp.asarray(images, jnp.float64)
for seed in range(10000):  # until there are copies that are wrong at once, after one step, after two, and never
    drawn = (SIGMA * np.random.default_rng(seed).normal(size=(M, B, 1, 28, 28))).astype(np.float32)
    drawn64 = jnp.asarray(drawn, jnp.float64)
    _, z = cross_entropies(w, x, drawn64, jnp.zeros(B, int))
    y = np.array([np.bincount(np.asarray(z[:, i]), minlength=10).argmax() for i in range(B)])
    _, found = attack(w, x, y, drawn64, STEPS)
    if set(found.ravel()) == set(range(STEPS + 1)):
        break
arrays = {"x": images, "y": y.astype(np.int64), "noise": drawn, "wrong": found.astype(np.int64)}
for t in range(1, STEPS + 1):
    arrays[f"noise_{t}"] = np.asarray(attack(w, x, y, drawn64, t)[0], np.float32)
final = attack(w, x, y, drawn64, STEPS)[0]
loss, gradients = jax.value_and_grad(lambda w: cross_entropies(w, x, final, y)[0].mean())(w)
arrays["loss"] = np.array([loss], np.float32)
for name, g in gradients.items():
    arrays["grad_head." + name] = np.asarray(g, np.float32).ravel()[:32]
    arrays["grad_norm." + name] = np.array([np.linalg.norm(np.asarray(g).ravel())], np.float32)
meta = {"sigma": SIGMA, "m": M, "steps": STEPS, "alpha": LENGTH, "seed": seed}
arrays["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
np.savez_compressed(os.path.join(here, "acrboost.npz"), **arrays)
print(meta, found, float(loss))
