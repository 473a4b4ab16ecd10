"""Exports a PyTorch network for smoothlab, with what training needs. Needs torch, onnx and onnxscript.

    from to_smoothlab import to_smoothlab
    to_smoothlab(net, "net.onnx", shape=(3, 32, 32), mean=[0.4914, 0.4822, 0.4465], std=[0.2023, 0.1994, 0.2010])

mean and std are what the training pipeline subtracted from pixels of [0,1] and divided by; leave them out if the network does it itself.
The names are PyTorch's: what smoothlab has trained and saved goes back with
net.load_state_dict(safetensors.torch.load_file("trained.safetensors"), strict=False)."""
import json

import torch


def to_smoothlab(net, path, shape, mean=None, std=None, classes=None):
    net = net.eval().cpu().float()
    parameters, buffers = [n for n, _ in net.named_parameters()], [n for n, _ in net.named_buffers()]
    dropout = {m.p for m in net.modules() if isinstance(m, torch.nn.modules.dropout._DropoutNd)}
    dropout |= {m.dropout for m in net.modules() if isinstance(m, torch.nn.MultiheadAttention)}
    whole = net if mean is None else _Normalized(net, mean, std).eval()
    program = torch.onnx.export(whole, (torch.rand(2, *shape),), input_names=["x"], output_names=["logits"], dynamo=True, optimize=False,
                                dynamic_shapes=({0: torch.export.Dim("batch", min=1)},), external_data=False, verbose=False)
    weights = program.model.graph.initializers
    if whole is not net:  # the names of the network inside
        for value in list(weights.values()):
            del weights[value.name]
            value.name = value.name.removeprefix("net.")
            weights[value.name] = value
    kept = set(weights)  # not in the file: a head that only training uses, or what the exporter computed beforehand
    program.model.metadata_props["smoothlab"] = json.dumps(dict(
        parameters=[n for n in parameters if n in kept], absent=[n for n in parameters if n not in kept], buffers=[n for n in buffers if n in kept],
        dropout=sorted(p for p in dropout if p > 0), classes=classes, torch=torch.__version__))
    program.save(path)


class _Normalized(torch.nn.Module):
    def __init__(self, net, mean, std):
        super().__init__()
        self.net = net
        self.register_buffer("smoothlab_mean", torch.tensor(mean).view(1, -1, 1, 1))
        self.register_buffer("smoothlab_std", torch.tensor(std).view(1, -1, 1, 1))

    def forward(self, x):
        return self.net((x - self.smoothlab_mean) / self.smoothlab_std)
