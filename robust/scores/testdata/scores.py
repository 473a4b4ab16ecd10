# Scores by scikit-learn and plain formulae, for scores_test.go. Made with scikit-learn 1.7.2 and numpy 2.4.6:
#   python3 robust/scores/testdata/scores.py > robust/scores/testdata/scores.json
import json
import numpy as np
from sklearn.calibration import calibration_curve
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

rng = np.random.default_rng(5)
logits = rng.normal(size=(400, 4)) * 1.5
p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
p = np.round(p, 6)
p[:, 3] = 1 - p[:, :3].sum(1)
tilted = p ** 0.7
y = np.array([rng.choice(4, p=row / row.sum()) for row in tilted])
top, hit = p.max(1), (p.argmax(1) == y)
accuracy, confidence = calibration_curve(hit, top, n_bins=15, strategy="uniform")
counts = np.histogram(top, bins=np.linspace(0, 1, 16))[0]
counts = counts[counts > 0]
print(json.dumps({
    "p": p.tolist(), "labels": y.tolist(), "accuracy": accuracy_score(y, p.argmax(1)), "confidence": top.mean(),
    "brier": brier_score_loss(y, p, labels=[0, 1, 2, 3], scale_by_half=False), "brier_top": brier_score_loss(hit, top),
    "nll": log_loss(y, p, labels=[0, 1, 2, 3]), "ece": float((counts * np.abs(accuracy - confidence)).sum() / len(y)),
    "bins": [[int(n), float(c), float(a)] for n, c, a in zip(counts, confidence, accuracy)]}))
