"""python rates.py NET.onnx: votes per second of ONNX Runtime and of PyTorch alone, noise included, 1000 images a batch; PyTorch
runs torchvision's ResNet-18 with initial weights, which takes as long."""
import sys
import time

import numpy as np
import onnxruntime
import torch
from torchvision.models.resnet import BasicBlock, ResNet

torch.set_num_threads(2)
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
runtime = onnxruntime.InferenceSession(sys.argv[1], options)
name = runtime.get_inputs()[0].name
net = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10).eval()
random = np.random.default_rng(1)


def onnx_votes():
    images = random.standard_normal((1000, 3, 32, 32), dtype=np.float32) * np.float32(0.25) + np.float32(0.5)
    return runtime.run(None, {name: images})[0].argmax(1)


def torch_votes():
    with torch.no_grad():
        return net(torch.randn(1000, 3, 32, 32) * 0.25 + 0.5).argmax(1)


for label, votes in [("ONNX Runtime", onnx_votes), ("PyTorch", torch_votes)]:
    votes()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        votes()
        times.append(time.perf_counter() - began)
    print(label, [round(1000 / t) for t in times], "votes/s", flush=True)
