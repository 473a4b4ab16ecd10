"""python resnet18.py data_batch_1.bin: trains torchvision's ResNet-18, 11 million parameters, for a minute on images of CIFAR-10
(its binary version) with noise of sigma 0.25, and writes resnet18.onnx by to_smoothlab.py. The weights only have to be such
that votes fall on several classes."""
import sys

import numpy as np
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock, ResNet

from to_smoothlab import to_smoothlab

MEAN, STD = [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]
torch.manual_seed(1)
rows = np.fromfile(sys.argv[1], np.uint8).reshape(-1, 3073)[:4992]
x = torch.from_numpy(rows[:, 1:].copy()).view(-1, 3, 32, 32) / 255
y = torch.from_numpy(rows[:, 0].astype(np.int64))
mean, std = torch.tensor(MEAN).view(1, 3, 1, 1), torch.tensor(STD).view(1, 3, 1, 1)
net = ResNet(BasicBlock, [2, 2, 2, 2], num_classes=10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9)
for epoch in range(1):
    for batch in torch.randperm(len(x)).view(-1, 64):
        optimizer.zero_grad()
        noisy = x[batch] + 0.25 * torch.randn_like(x[batch])
        loss = nn.functional.cross_entropy(net((noisy - mean) / std), y[batch])
        loss.backward()
        optimizer.step()
    print("epoch", epoch, "loss", loss.item(), flush=True)
to_smoothlab(net, "resnet18.onnx", shape=(3, 32, 32), mean=MEAN, std=STD)
