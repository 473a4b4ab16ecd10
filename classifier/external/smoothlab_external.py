"""Lets a Python program vote in smoothlab (docs/external.md). Save it as smoothlab_external.py next to serve.py:

    from smoothlab_external import serve, sha256
    import torch
    net = torch.load("net.pt", weights_only=False).eval()  # on any device; normalization is the network's first step
    def logits(images):                                    # float32 [n, channels, height, width], pixels of [0,1] plus noise
        with torch.no_grad():
            return net(torch.from_numpy(images)).numpy()   # float32 [n, classes]; class numbers, an integer per image, will do too
    serve(logits, fingerprint=sha256("net.pt", "serve.py"))

From this import on, what the program prints goes to its standard error, since its standard output carries the replies."""
import hashlib
import json
import os
import struct
import sys

import numpy as np

requests, replies = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
os.dup2(2, 1)


def serve(classify, fingerprint, names=None):
    while header := requests.read(12):
        kind, number, length = struct.unpack("<4sII", header)
        payload = requests.read(length)
        if kind == b"OPEN":
            shape = json.loads(payload)["shape"]
            reply = json.dumps({"fingerprint": fingerprint, "names": names}).encode()
        else:
            answer = np.asarray(classify(np.frombuffer(payload, "<f4").reshape(-1, *shape).copy()))
            integers = answer.dtype.kind in "iu"
            kind, reply = (b"VOTE", answer.astype("<u4")) if integers else (b"LOGI", answer.astype("<f4"))
            reply = reply.tobytes()
        replies.write(struct.pack("<4sII", kind, number, len(reply)) + reply)
        replies.flush()


def sha256(*paths):
    digest = hashlib.sha256()
    for path in paths:
        with open(path, "rb") as file:
            digest.update(hashlib.sha256(file.read()).digest())
    return digest.hexdigest()
