"""python tiny.py: writes tiny.onnx (to_smoothlab.py), tiny.folded.onnx (torch's default export), tiny.ts.onnx (the older exporter), other/tiny.onnx
(the same weights, another activation) and tiny.safetensors, what PyTorch computes for tiny: x, ct, logits and grad.x of sum(ct·logits)
in evaluation mode; train.* in training mode without dropout, train64.* the same in float64. Made with torch 2.15."""
import copy
import os
import sys

import torch
from safetensors.torch import save_file
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from to_smoothlab import to_smoothlab  # noqa: E402


def tiny(activation):
    torch.manual_seed(4)
    net = nn.Sequential(nn.Conv2d(1, 8, 4, 4, bias=False), nn.BatchNorm2d(8), activation, nn.Conv2d(8, 8, 3, 1, 1, groups=8), nn.BatchNorm2d(8),
                        activation, nn.AvgPool2d(3, 2, 1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(128, 10))
    net.train()
    g = torch.Generator().manual_seed(11)
    with torch.no_grad():
        for m in net:
            if isinstance(m, nn.BatchNorm2d):
                m.weight.copy_(torch.rand(8, generator=g) + 0.5), m.bias.copy_(torch.randn(8, generator=g) * 0.2)
        for _ in range(30):
            net((torch.rand(8, 1, 28, 28, generator=g) - 0.1307) / 0.3081)
    return net.eval()


def computed(net, x, ct, prefix):
    x = x.clone().requires_grad_()
    y = net((x - 0.1307) / 0.3081)
    (y * ct).sum().backward()
    r = {prefix + "logits": y, prefix + "grad.x": x.grad}
    if net.training:
        r.update({prefix + "grad." + n: p.grad for n, p in net.named_parameters()})
        r.update({prefix + "after." + n: b for n, b in net.named_buffers() if "running" in n})
    return {k: v.detach().float().contiguous().clone() for k, v in r.items()}


net = tiny(nn.ReLU())
g = torch.Generator().manual_seed(5)
x, ct = torch.rand(4, 1, 28, 28, generator=g), torch.randn(4, 10, generator=g)
values = {"x": x, "ct": ct, **computed(copy.deepcopy(net), x, ct, "")}
trained = copy.deepcopy(net).train()
trained[8].p = 0
values.update(computed(copy.deepcopy(trained), x, ct, "train."))
values.update(computed(trained.double(), x.double(), ct.double(), "train64."))
save_file(values, f"{HERE}/tiny.safetensors")
mnist = dict(shape=(1, 28, 28), mean=[0.1307], std=[0.3081])
to_smoothlab(net, f"{HERE}/tiny.onnx", classes=[str(i) for i in range(10)], **mnist)
os.makedirs(f"{HERE}/other", exist_ok=True)
other = tiny(nn.Tanh())
other.load_state_dict(net.state_dict())
to_smoothlab(other, f"{HERE}/other/tiny.onnx", **mnist)
x = (x - 0.1307) / 0.3081
batch = torch.export.Dim("batch", min=1)
torch.onnx.export(net, (x,), f"{HERE}/tiny.folded.onnx", input_names=["x"], output_names=["logits"], dynamo=True, dynamic_shapes=({0: batch},), external_data=False, verbose=False)
torch.onnx.export(net, (x,), f"{HERE}/tiny.ts.onnx", input_names=["x"], output_names=["logits"], dynamo=False, dynamic_axes={"x": {0: "batch"}, "logits": {0: "batch"}},
                  training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)
