"""python thin_resnet.py: trains a small network of torchvision's residual blocks on the embedded digits, without noise, as one
does, and writes thin_resnet.onnx with to_smoothlab.py (`smoothlab export-script > to_smoothlab.py`). Made with torch 2.15 and
torchvision 0.29."""
import gzip
import os
import sys

import numpy as np
import onnx
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(ROOT, "classifier", "onnx"))
from to_smoothlab import to_smoothlab  # noqa: E402


def read(name, header):
    with gzip.open(os.path.join(ROOT, "dataset", "mini", name)) as file:
        return torch.from_numpy(np.frombuffer(file.read(), np.uint8, offset=header).copy())


def block(i, o):
    shorter = nn.Sequential(nn.Conv2d(i, o, 1, 2, bias=False), nn.BatchNorm2d(o))
    return BasicBlock(i, o, 2, shorter)


torch.manual_seed(1)
net = nn.Sequential(nn.Conv2d(1, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(), BasicBlock(8, 8), block(8, 16),
                    block(16, 32), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(32, 10))
x = (read("train-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28) / 255 - 0.1307) / 0.3081
y = read("train-labels-idx1-ubyte.gz", 8).long()
test = (read("test-images-idx3-ubyte.gz", 16).view(-1, 1, 28, 28) / 255 - 0.1307) / 0.3081
labels = read("test-labels-idx1-ubyte.gz", 8).long()
EPOCHS, BATCH = 8, 64
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9, nesterov=True, weight_decay=5e-4)
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, total_steps=EPOCHS * (len(x) // BATCH))
for _ in range(EPOCHS):
    net.train()
    for batch in torch.randperm(len(x))[:len(x) // BATCH * BATCH].view(-1, BATCH):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(x[batch]), y[batch]).backward()
        optimizer.step()
        schedule.step()
net.eval()
with torch.no_grad():
    accuracy = (net(test).argmax(1) == labels).double().mean()
print(f"{len(x)} images, {sum(p.numel() for p in net.parameters())} parameters, accuracy on {len(test)} test images {accuracy:.4f}")
path = os.path.join(HERE, "thin_resnet.onnx")
to_smoothlab(net, path, shape=(1, 28, 28), mean=[0.1307], std=[0.3081], classes=[str(k) for k in range(10)])
model = onnx.load(path)
for node in [*model.graph.node, *model.graph.value_info]:  # where each came from in torch: more than half of the file
    node.ClearField("metadata_props")
onnx.save(model, path)
