"""Makes ddn_m3.npz and ddn_m1.npz: the attack of code/third_party/smoothadv.py:253-510 (DDN, the authors' flags otherwise default)
on softmax regression, written down again in NumPy, in float64, where the gradient can be worked out on paper.

python3 make.py. Arrays: w [K, D], b [K], x [B, D], y [B], noise [m, B, D], eps; adv [B, D], steps_adv [T, B] whether each step
found the majority wrong.
"""
import os
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))


def softmax(z):
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def ddn(w, b, x, y, noise, eps, steps, gamma=0.05):
    m, batch, _ = noise.shape
    k = len(b)
    norm = lambda v: np.sqrt((v * v).sum(1, keepdims=True))
    delta, rho = np.zeros_like(x), np.full((batch, 1), eps)
    worst = norm(np.maximum(x, 1 - x))
    best_norm, best, seen = worst.copy(), np.zeros_like(x), []
    for i in range(1, steps + 1):
        eta = 0.01 + 0.99 * (1 + np.cos(np.pi * i / steps)) / 2
        s = softmax((x + delta + noise) @ w.T + b)                                   # m, B, K
        votes = np.stack([(s.argmax(-1) == c).sum(0) for c in range(k)], -1)
        adv = (votes.argmax(-1) != y)[:, None]                                       # the lowest class of equals
        seen.append(adv[:, 0])
        better = adv & (norm(delta) < best_norm)
        best, best_norm = np.where(better, delta, best), np.where(better, norm(delta), best_norm)
        sy = s[:, np.arange(batch), y]                                               # m, B
        gradient = np.zeros_like(x)
        for j in range(m):                                                           # of the sum over the noises
            gradient -= sy[j][:, None] * (w[y] - s[j] @ w)
        gradient /= sy.sum(0)[:, None]                                               # −log of the mean
        g = gradient / norm(gradient)
        delta = delta + eta * g
        rho = np.minimum(np.where(adv, rho * (1 - gamma), rho * (1 + gamma)), worst)
        delta = delta * rho / norm(delta)
        delta = np.clip(np.round(255 * (x + delta)) / 255, 0, 1) - x
    n = norm(best)
    best = np.where(n > eps, best * eps / (n + 1e-7), best)
    return x + np.round(best * 255) / 255, np.stack(seen)


for m in (3, 1):
    rng = np.random.default_rng(5)
    k, d, steps, eps, sigma = 10, 784, 8, 0.4, 0.03
    w, b = rng.normal(0, 0.12, (k, d)), rng.normal(0, 0.1, k)
    x = rng.integers(0, 256, (2000, d)) / 255 * (rng.random((2000, d)) < 0.4)
    clean = x @ w.T + b
    y = clean.argmax(1)
    with np.errstate(invalid="ignore"):                                              # the distance from the nearest other class
        away = np.nanmin((clean.max(1)[:, None] - clean) / np.linalg.norm(w[y][:, None] - w, axis=-1), 1)
    pick = [np.abs(away - a).argmin() for a in (0.15, 0.33, 0.38, 0.43, 0.52, 0.3)]  # some within reach at once, some later, some never
    x, y = x[pick], y[pick]
    y[-1] = np.argsort(x[-1] @ w.T + b)[-2]                                          # wrong from the start
    noise = sigma * rng.normal(0, 1, (m, len(y), d))
    w, b, x, noise = (v.astype(np.float32) for v in (w, b, x, noise))
    adv, seen = ddn(*(v.astype(np.float64) for v in (w, b, x)), y, noise.astype(np.float64), eps, steps)
    print(m, seen.astype(int).tolist(), np.sqrt(((adv - x) ** 2).sum(1)).round(3))
    np.savez_compressed(os.path.join(here, f"ddn_m{m}.npz"), w=w, b=b, x=x, y=y.astype(np.int32), noise=noise,
                        eps=np.float32(eps), adv=adv.astype(np.float32), steps_adv=seen)
