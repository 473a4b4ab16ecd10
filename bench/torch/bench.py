"""PyTorch's side of the comparison: the same work in idiomatic PyTorch.

Reads requests from standard input, one JSON object a line, and answers each with one JSON object a line:

    {"do": "facts"}                                    -> versions and threads
    {"do": "check", "work": "smoothmix", "dir": D}  -> {"worst": largest relative difference from the golden tensors in D}
    {"do": "logits", "work": "votes_lenet_openvino"}   -> {"worst": largest difference from PyTorch's logits, by the largest logit}
    {"do": "export", "work": "votes_cnn", "file": F}   -> {}: the network is in F as ONNX
    {"do": "run", "work": "smoothmix_step", "n": 20}   -> {"seconds": for all n units, "cpu_seconds": of all threads}

Training steps take their 8-bit images from a data set in memory, draw their noise, and take an SGD step, as a training
loop does. Nothing of it is slowed down: tensors stay channels-first and contiguous, gradients are taken for what needs
them, and `torch.compile` is measured next to eager mode where it works (work names that end in "_compiled"), and so
are ONNX Runtime and OpenVINO for votes ("_onnxruntime", "_openvino"): the network goes to them as ONNX, batch
normalization folded; the noise is PyTorch's, which draws it faster than NumPy does, and is handed over without a copy.
"""

import io
import json
import os
import sys
import time
from importlib.metadata import PackageNotFoundError, version

import numpy as np
import torch
import torch.nn.functional as F
from scipy.stats import beta
from torch import nn


class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 20, 5)
        self.conv2 = nn.Conv2d(20, 50, 5)
        self.fc1 = nn.Linear(800, 500)
        self.fc2 = nn.Linear(500, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc2(F.relu(self.fc1(x.flatten(1))))


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        shortcut = x if self.downsample is None else self.downsample(x)
        x = F.relu(self.bn1(self.conv1(x)))
        return F.relu(self.bn2(self.conv2(x)) + shortcut)


class ResNet(nn.Module):
    """ResNet-(6n+2) for 32x32 images (He et al. 2016), normalisation of CIFAR-10 inside."""

    def __init__(self, n):
        super().__init__()
        self.register_buffer("mean", torch.tensor([0.4914, 0.4822, 0.4465]).view(3, 1, 1))
        self.register_buffer("std", torch.tensor([0.2023, 0.1994, 0.2010]).view(3, 1, 1))
        self.conv1 = nn.Conv2d(3, 16, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        blocks, cin = [], 16
        for cout, stride in ((16, 1), (32, 2), (64, 2)):
            for i in range(n):
                blocks.append(Block(cin, cout, stride if i == 0 else 1))
                cin = cout
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1((x - self.mean) / self.std)))
        return self.fc(self.blocks(x).mean((2, 3)))


class CNN(nn.Module):
    """A small network for 32x32 images such as users bring along."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 32, 3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, 3, padding=1)
        self.conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.fc = nn.Linear(1024, 10)

    def forward(self, x):
        for conv in self.conv1, self.conv2, self.conv3:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return self.fc(x.flatten(1))


def noisy(x, noise):
    """x [B, ...], noise [m, B, ...] -> [m*B, ...], noise-major."""
    return (x.unsqueeze(0) + noise).flatten(0, 1)


def smoothed(logits, m):
    return F.softmax(logits, 1).view(m, -1, logits.shape[1]).mean(0)


def renormed(g):
    n = g.flatten(1).norm(dim=1).clamp_min(1e-30)
    return g / n.view(-1, 1, 1, 1)


def projected(z, x, radius):
    n = (z - x).flatten(1).norm(dim=1)
    factor = torch.where(n > radius, radius / (n + 1e-7), torch.ones_like(n))
    return x + (z - x) * factor.view(-1, 1, 1, 1)


def search(net, x, y, noise, steps, alpha, maxnorm=0.0):
    """The points of SmoothMix's search, x first."""
    path = [x]
    for _ in range(steps):
        z = path[-1].detach().requires_grad_()
        p = smoothed(net(noisy(z, noise)), noise.shape[0])
        loss = -p.gather(1, y[:, None]).clamp_min(1e-20).log().sum()
        (g,) = torch.autograd.grad(loss, z)
        z = z.detach() + alpha * renormed(g)
        if maxnorm:
            z = projected(z, x, maxnorm)
        path.append(z.clamp(0, 1))
    return path


def gaussian_loss(net, x, y, noise):
    return F.cross_entropy(net(noisy(x, noise)), y.repeat(noise.shape[0]))


def smoothmix_loss(net, x, y, noise, lam, steps=4, alpha=1.0, eta=5.0, warm=1.0, mix_step=0, maxnorm=0.0):
    m = noise.shape[0]
    with Frozen(net):
        path = search(net, x, y, noise, steps, alpha, maxnorm)
    near = x if mix_step == 0 else projected(path[mix_step], x, warm * alpha * mix_step).clamp(0, 1)
    logits = net(noisy(near, noise))
    xent = F.cross_entropy(logits, y.repeat(m))
    p = smoothed(logits, m)
    lam4 = lam.view(-1, 1, 1, 1)
    mixed = (1 - lam4) * near + lam4 * path[-1]
    target = (1 - lam[:, None]) * p + lam[:, None] / p.shape[1]
    kl = F.kl_div(F.log_softmax(net(noisy(mixed, noise)), 1), target.repeat(m, 1), reduction="none").sum(1)
    mask = (p.argmax(1) == y).float().repeat(m)
    return xent + eta * warm * (mask * kl).mean(), xent


def smoothadv_loss(net, x, y, noise, steps=10, eps=255 / 256, warm=1.0):
    eps = eps * warm
    with Frozen(net):
        z = x
        for _ in range(steps):
            z = z.detach().requires_grad_()
            p = smoothed(net(noisy(z, noise)), noise.shape[0])
            loss = -p.gather(1, y[:, None]).clamp_min(1e-20).log().sum()
            (g,) = torch.autograd.grad(loss, z)
            z = projected((z.detach() + 2 * eps / steps * renormed(g)).clamp(0, 1), x, eps)
    return gaussian_loss(net, z, y, noise)


class Frozen:
    """Evaluation mode, and no gradients for parameters: what an attack needs."""

    def __init__(self, net):
        self.net = net

    def __enter__(self):
        self.net.eval()
        self.net.requires_grad_(False)

    def __exit__(self, *_):
        self.net.requires_grad_(True)
        self.net.train()


def images(shape, n=4096):
    on = torch.get_default_device()
    g = torch.Generator(on).manual_seed(1)
    return torch.randint(0, 256, (n, *shape), generator=g, dtype=torch.uint8), torch.randint(0, 10, (n,), generator=g)


class Training:
    """A training loop: each step takes the next images of an order that was shuffled before."""

    def __init__(self, net, shape, batch, m, loss, compiled=False):
        self.net, self.batch, self.m = net, batch, m
        self.data, self.labels = images(shape)
        self.order = torch.randperm(len(self.data))
        self.at = 0
        self.loss = torch.compile(loss) if compiled else loss
        self.optimizer = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, weight_decay=1e-4)
        net.train()

    def step(self):
        if self.at + self.batch > len(self.order):
            self.at = 0
        pick = self.order[self.at : self.at + self.batch]
        self.at += self.batch
        x, y = self.data[pick].float() / 255, self.labels[pick]
        noise = 0.5 * torch.randn(self.m, *x.shape)
        lam = 0.5 * torch.rand(len(x))
        loss = self.loss(self.net, x, y, noise, lam)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def run(self, n):
        for _ in range(n):
            self.step()


def written(net, shape):
    """The network as ONNX with any number of images."""
    out = io.BytesIO()
    torch.onnx.export(net, (torch.zeros(2, *shape),), out, dynamo=False, input_names=["x"], output_names=["y"],
                      dynamic_axes={"x": {0: "n"}, "y": {0: "n"}})
    return out.getvalue()


def threads():
    return len(os.sched_getaffinity(0))


def on_onnxruntime(net, shape):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    session = onnxruntime.InferenceSession(written(net, shape), options, providers=["CPUExecutionProvider"])
    return lambda x: torch.from_numpy(session.run(["y"], {"x": x.numpy()})[0])


def on_openvino(net, shape):
    import openvino

    core = openvino.Core()
    # float32 as everywhere here: where the processor has bfloat16, OpenVINO would use it
    settings = {"INFERENCE_NUM_THREADS": threads(), "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    model = core.compile_model(core.read_model(written(net, shape)), "CPU", settings)
    request = model.create_infer_request()
    return lambda x: torch.from_numpy(request.infer({0: openvino.Tensor(x.numpy(), shared_memory=True)}, share_outputs=True)[0])


class Votes:
    def __init__(self, net, shape, batch=1000, sigma=0.5, by=None):
        self.net, self.batch, self.sigma, self.shape = net.eval(), batch, sigma, shape
        self.forward = by(net, shape) if by else net
        self.data, _ = images(shape, 64)

    @torch.inference_mode()
    def worst(self):
        """The largest difference of a logit from the network's in PyTorch, by the largest logit."""
        x = torch.rand(64, *self.shape, generator=torch.Generator(torch.get_default_device()).manual_seed(2))
        want, got = self.net(x), self.forward(x)
        return ((got - want).abs().max() / want.abs().max()).item()

    @torch.inference_mode()
    def count(self, image, n):
        counts = torch.zeros(10, dtype=torch.long)
        x = self.data[image].float() / 255
        for done in range(0, n, self.batch):
            size = min(self.batch, n - done)
            noise = self.sigma * torch.randn(size, *x.shape)
            counts += torch.bincount(self.forward(x + noise).argmax(1), minlength=10)
        return counts

    def run(self, n):
        """n batches of votes."""
        self.count(0, n * self.batch)

    def certify(self, n):
        """n images by CERTIFY of Cohen et al. 2019, 100 votes to choose and 10,000 to bound."""
        for i in range(n):
            top = self.count(i, 100).argmax().item()
            k = self.count(i, 10_000)[top].item()
            lower_bound(k, 10_000, 0.001)


def lower_bound(k, n, alpha):
    """Clopper-Pearson's one-sided bound."""
    return beta.ppf(alpha, k, n - k + 1) if k else 0.0


DIGIT, PICTURE = (1, 28, 28), (3, 32, 32)


ENGINES = {"compiled": lambda net, _: torch.compile(net), "onnxruntime": on_onnxruntime, "openvino": on_openvino}


def plain_gaussian(net, x, y, noise, _):
    return gaussian_loss(net, x, y, noise)


def smoothmix_steps(steps):
    return lambda net, x, y, noise, lam: smoothmix_loss(net, x, y, noise, lam, steps=steps)[0]


def plain_smoothadv(net, x, y, noise, _):
    return smoothadv_loss(net, x, y, noise)


def works():
    """Everything that can be run, made when it is first asked for."""
    return {
        "gaussian_step": lambda: Training(LeNet(), DIGIT, 256, 1, plain_gaussian).run,
        "smoothmix_step": lambda: Training(LeNet(), DIGIT, 64, 4, smoothmix_steps(4)).run,
        "smoothmix_step_t1": lambda: Training(LeNet(), DIGIT, 64, 4, smoothmix_steps(1)).run,
        "smoothadv_step": lambda: Training(LeNet(), DIGIT, 64, 4, plain_smoothadv).run,
        "votes_lenet": lambda: Votes(LeNet(), DIGIT).run,
        "votes_resnet20": lambda: Votes(ResNet(3), PICTURE).run,
        "votes_cnn": lambda: Votes(CNN(), PICTURE).run,
        "noise_digits": lambda: draws(DIGIT),
        "noise_pictures": lambda: draws(PICTURE),
        "resnet20_step": lambda: Training(ResNet(3), PICTURE, 256, 1, plain_gaussian).run,
        "votes_resnet110": lambda: Votes(ResNet(18), PICTURE).run,
        "resnet110_step": lambda: Training(ResNet(18), PICTURE, 256, 1, plain_gaussian).run,
        "certify_lenet": lambda: Votes(LeNet(), DIGIT).certify,
        "gaussian_step_compiled": lambda: compiled(LeNet(), DIGIT, 256, 1, plain_gaussian),
        "smoothmix_step_compiled": lambda: compiled(LeNet(), DIGIT, 64, 4, smoothmix_steps(4)),
        **{"votes_lenet_" + name: lambda by=by: Votes(LeNet(), DIGIT, by=by).run for name, by in ENGINES.items()},
        **{"votes_resnet20_" + name: lambda by=by: Votes(ResNet(3), PICTURE, by=by).run for name, by in ENGINES.items()},
        **{"votes_cnn_" + name: lambda by=by: Votes(CNN(), PICTURE, by=by).run for name, by in ENGINES.items()},
        **{"certify_lenet_" + name: lambda by=by: Votes(LeNet(), DIGIT, by=by).certify for name, by in ENGINES.items()},
        "resnet20_step_compiled": lambda: compiled(ResNet(3), PICTURE, 256, 1, plain_gaussian),
    }


def draws(shape):
    """The noise of 1000 images, again and again."""
    def run(n):
        for _ in range(n):
            torch.randn(1000, *shape)
    return run


def compiled(net, shape, batch, m, loss):
    """The network is compiled, which is what most people do; the loop around it stays Python."""
    t = Training(net, shape, batch, m, loss)
    fast = torch.compile(net)
    t.loss = lambda _, *args: loss(fast, *args)
    return t.run


def check(work, dir):
    """The largest relative difference of a loss from the golden tensors."""
    case = np.load(os.path.join(dir, work + ".npz"))
    meta = json.loads(bytes(case["meta"]))
    net = LeNet()
    weights = np.load(os.path.join(dir, "lenet_weights.npz"))
    net.load_state_dict({k: torch.from_numpy(weights[k]) for k in net.state_dict()})
    net.train()
    x, y, noise, lam = (torch.from_numpy(case[k]).to(torch.get_default_device()) if k in case else None for k in ("x", "y", "noise", "lam"))
    y = y.long()
    if work == "gaussian":
        got = {"loss": gaussian_loss(net, x, y, noise)}
    elif work == "smoothadv":
        got = {"loss": smoothadv_loss(net, x, y, noise, meta.get("T", meta.get("steps", 10)), meta["epsilon"])}
    else:
        loss, xent = smoothmix_loss(net, x, y, noise, lam, meta["T"], meta["alpha"], meta["eta"], meta["w"],
                                    meta["mix_step"], meta.get("maxnorm") or 0.0)
        got = {"loss": loss, "xent": xent}
    return max(abs(v.item() - float(case[k])) / abs(float(case[k])) for k, v in got.items())


def facts():
    if torch.get_default_device().type == "cuda":
        return "PyTorch %s on %s" % (torch.__version__, torch.cuda.get_device_name())
    known = ["PyTorch " + torch.__version__]
    for name, package in ("ONNX Runtime", "onnxruntime"), ("OpenVINO", "openvino"):
        try:
            known.append("%s %s" % (name, version(package)))
        except PackageNotFoundError:
            known.append("no " + name)
    return "%s, %d threads" % (", ".join(known), torch.get_num_threads())


def finish():
    """Waits for what a GPU still computes."""
    if torch.get_default_device().type == "cuda":
        torch.cuda.synchronize()


def main(device):
    torch.set_num_threads(threads())
    torch.set_default_device(device)
    torch.backends.cudnn.allow_tf32 = False  # float32 on both sides
    made = {}
    for line in sys.stdin:
        ask = json.loads(line)
        try:
            if ask["do"] == "facts":
                answer = {"facts": facts()}
            elif ask["do"] == "check":
                answer = {"worst": check(ask["work"], ask["dir"])}
            else:
                name = ask["work"]
                if name not in made:
                    made[name] = works()[name]()
                if ask["do"] == "logits":
                    answer = {"worst": made[name].__self__.worst()}
                elif ask["do"] == "export":
                    votes = made[name].__self__
                    with open(ask["file"], "wb") as file:
                        file.write(written(votes.net, votes.shape))
                    answer = {}
                else:
                    began, busy = time.perf_counter(), time.process_time()
                    made[name](ask["n"])
                    finish()
                    answer = {"seconds": time.perf_counter() - began, "cpu_seconds": time.process_time() - busy}
        except Exception as e:  # the other side decides what to do without this number
            answer = {"error": "%s: %s" % (type(e).__name__, str(e).splitlines()[0] if str(e) else "")}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
