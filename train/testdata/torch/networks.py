"""python networks.py export DIR: exports the networks below by to_smoothlab.py and writes what PyTorch computes.
python networks.py load DIR: loads trained-NAME.safetensors with load_state_dict and writes what PyTorch computes then.

DIR/images.json has pixels of 0..255 as [N][H][W][C]; logits-NAME.json and trained-NAME.json get [N][10]."""
import json
import os
import sys

import torch
from safetensors.torch import load_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "classifier", "onnx"))
from to_smoothlab import to_smoothlab  # noqa: E402

MEAN, SD = [0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]


class Block(nn.Module):
    """A residual block whose shortcut has a convolution of its own."""

    def __init__(self, a, b):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, 2, 1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.down = nn.Conv2d(a, b, 1, 2)

    def forward(self, x):
        return torch.relu(self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x))))) + self.down(x))


class Convolutional(nn.Module):
    def __init__(self):
        super().__init__()
        self.stages = nn.Sequential(Block(3, 8), Block(8, 16))
        self.dropout, self.head = nn.Dropout(0.2), nn.Linear(16, 10)

    def forward(self, x):
        return self.head(self.dropout(self.stages(x).mean((2, 3))))


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(3, 24, 8, 8)
        self.place = nn.Parameter(torch.randn(1, 16, 24) * 0.02)
        self.encoder = nn.TransformerEncoderLayer(24, 4, 48, dropout=0.1, batch_first=True, norm_first=True)
        self.norm, self.head = nn.LayerNorm(24), nn.Linear(24, 10)

    def forward(self, x):
        x = self.patches(x).flatten(2).transpose(1, 2) + self.place
        return self.head(self.norm(self.encoder(x)).mean(1))


NETWORKS = {"convolutional": Convolutional, "attending": Attending}


def made(name):
    torch.manual_seed(7)
    net = NETWORKS[name]().train()
    for _ in range(5):  # running statistics
        net(torch.randn(16, 3, 32, 32))
    return net.eval()


def logits(net, x, path):
    mean, sd = (torch.tensor(v).view(1, 3, 1, 1) for v in (MEAN, SD))
    with torch.no_grad():
        json.dump(net((x - mean) / sd).tolist(), open(path, "w"))


verb, folder = sys.argv[1:]
x = torch.tensor(json.load(open(f"{folder}/images.json"))).permute(0, 3, 1, 2).float() / 255
for name in NETWORKS:
    net = made(name)
    if verb == "export":
        to_smoothlab(net, f"{folder}/{name}.onnx", shape=(3, 32, 32), mean=MEAN, std=SD)
        logits(net, x, f"{folder}/logits-{name}.json")
        continue
    missing, unexpected = net.load_state_dict(load_file(f"{folder}/trained-{name}.safetensors"), strict=False)
    if missing := [n for n in missing if not n.endswith("num_batches_tracked")]:
        sys.exit(f"{name}: the checkpoint lacks {missing}")
    logits(net, x, f"{folder}/trained-{name}.json")
print(torch.__version__)
