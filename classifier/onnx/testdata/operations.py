"""python operations.py: writes operations.safetensors. For each case it holds NAME/onnx, the bytes of a file of one operation or a
few, and NAME/x, NAME/ct and what PyTorch computes: NAME/y, NAME/grad.x of sum(ct·y), and NAME/grad.W for every weight W.
Made with torch 2.15 and onnx 1.23."""
import os

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from safetensors.torch import save_file
from torch import nn

ALL = {}


def rnd(seed, *shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def case(name, nodes, f, shape, weights=None, inits=None, opset=20, x=None, rank=None):
    """nodes is (op, inputs, outputs, attributes); f(x, **weights) is PyTorch's."""
    weights = {k: v.clone().requires_grad_() for k, v in (weights or {}).items()}
    x = (x if x is not None else rnd(1, *shape)).clone().requires_grad_()
    y = f(x, **weights)
    ct = rnd(2, *y.shape)
    (y * ct).sum().backward()
    r = {"x": x, "ct": ct, "y": y, "grad.x": x.grad}
    for k, v in weights.items():
        r["grad." + k] = v.grad
    ALL.update({f"{name}/{k}": v.detach().contiguous().clone() for k, v in r.items()})
    g = h.make_graph([h.make_node(o, i, u, **a) for o, i, u, a in nodes], "g",
                     [h.make_tensor_value_info("x", T.FLOAT, ["b"] + list(x.shape[1:]))],
                     [h.make_tensor_value_info("y", T.FLOAT, [f"d{i}" for i in range(y.dim())])],
                     [nh.from_array(v.detach().numpy(), k) for k, v in weights.items()] +
                     [nh.from_array(np.array(v), k) for k, v in (inits or {}).items()])
    m = h.make_model(g, opset_imports=[h.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(m, full_check=False)
    ALL[f"{name}/onnx"] = torch.frombuffer(bytearray(m.SerializeToString()), dtype=torch.uint8)


def one(name, op, f, shape, inputs=("x",), weights=None, inits=None, opset=20, x=None, **attrs):
    case(name, [(op, list(inputs), ["y"], attrs)], f, shape, weights, inits, opset, x)


i64 = lambda *v: np.array(v, np.int64)
f32 = lambda v: np.array(v, np.float32)

# Activations, at values that include the corners.
corners = torch.cat([rnd(1, 4, 9) * 3, torch.tensor([[0., 1, -1, 3, -3, 0.5, -0.5, 6, 2.5]]).repeat(4, 1)], 1)
one("relu", "Relu", F.relu, None, x=corners)
one("leakyrelu", "LeakyRelu", lambda x: F.leaky_relu(x, 0.2), None, x=corners, alpha=0.2)
case("prelu", [("Reshape", ["a", "r"], ["s"], {}), ("PRelu", ["x", "s"], ["y"], {})], lambda x, a: F.prelu(x, a), (2, 3, 4, 4), {"a": torch.tensor([0.1, 0.2, 0.3])}, {"r": i64(3, 1, 1)})
one("elu", "Elu", lambda x: F.elu(x, 1.3), None, x=corners, alpha=1.3)
one("celu", "Celu", lambda x: F.celu(x, 1.3), None, x=corners, alpha=1.3)
one("selu", "Selu", F.selu, None, x=corners)
one("thresholdedrelu", "ThresholdedRelu", lambda x: F.threshold(x, 0.7, 0), None, x=corners, alpha=0.7)
one("sigmoid", "Sigmoid", torch.sigmoid, None, x=corners)
one("hardsigmoid", "HardSigmoid", F.hardsigmoid, None, x=corners, alpha=1 / 6, beta=0.5)
one("hardswish", "HardSwish", F.hardswish, None, x=corners + 0.01)
one("swish", "Swish", F.silu, None, x=corners, opset=24)
one("mish", "Mish", F.mish, None, x=corners)
one("softplus", "Softplus", F.softplus, None, x=corners)
one("softsign", "Softsign", F.softsign, None, x=corners)
one("gelu", "Gelu", F.gelu, None, x=corners)
one("gelutanh", "Gelu", lambda x: F.gelu(x, approximate="tanh"), None, x=corners, approximate="tanh")
one("tanh", "Tanh", torch.tanh, None, x=corners)
one("erf", "Erf", torch.erf, None, x=corners)
one("exp", "Exp", torch.exp, None, x=corners)
one("log", "Log", torch.log, None, x=corners.abs() + 0.1)
one("sqrt", "Sqrt", torch.sqrt, None, x=corners.abs() + 0.1)
one("reciprocal", "Reciprocal", torch.reciprocal, None, x=corners.abs() + 0.1)
one("abs", "Abs", torch.abs, None, x=corners)
one("neg", "Neg", torch.neg, None, x=corners)
one("sin", "Sin", torch.sin, None, x=corners)
one("atan", "Atan", torch.atan, None, x=corners)
one("cos", "Cos", torch.cos, None, x=corners)
for op in ("Floor", "Ceil", "Round", "Sign"):
    case(op.lower(), [(op, ["x"], ["z"], {}), ("Mul", ["z", "x"], ["y"], {})], lambda x, op=op: getattr(torch, op.lower())(x) * x, None, x=corners)
one("clip", "Clip", lambda x: torch.clamp(x, -0.5, 1), None, inputs=("x", "lo", "hi"), inits={"lo": f32(-0.5), "hi": f32(1)}, x=corners)
one("cliplow", "Clip", lambda x: torch.clamp(x, min=0.5), None, inputs=("x", "lo"), inits={"lo": f32(0.5)}, x=corners)
one("cliphigh", "Clip", lambda x: torch.clamp(x, max=0.5), None, inputs=("x", "", "hi"), inits={"hi": f32(0.5)}, x=corners)
one("identity", "Identity", lambda x: x * 1, (2, 3))
one("dropout", "Dropout", lambda x: x * 1, (2, 3), inputs=("x", "r"), inits={"r": f32(0.5)})
one("cast", "Cast", lambda x: x * 1, (2, 3), to=T.FLOAT)
case("castlike", [("CastLike", ["k", "x"], ["z"], {}), ("Mul", ["x", "z"], ["y"], {})], lambda x: x * 3, (2, 3), inits={"k": i64(3)})

# Arithmetic, with broadcasting both ways.
b = rnd(3, 3, 1)
for op, f in dict(Add=torch.add, Sub=torch.sub, Mul=torch.mul, Div=torch.div).items():
    one(op.lower(), op, lambda x, w, f=f: f(x, w), (2, 3, 5), inputs=("x", "w"), weights={"w": b.abs() + 0.5})
    one(op.lower() + "_wide", op, lambda x, w, f=f: f(w, x), None, inputs=("w", "x"), weights={"w": rnd(4, 1, 3, 5)}, x=rnd(1, 2, 3, 1).abs() + 0.5)
one("pow2", "Pow", lambda x: x ** 2, (2, 5), inputs=("x", "e"), inits={"e": f32(2)})
one("pow3", "Pow", lambda x: x ** 3, (2, 5), inputs=("x", "e"), inits={"e": f32(3)})
one("powhalf", "Pow", lambda x: x ** 0.5, None, inputs=("x", "e"), inits={"e": f32(0.5)}, x=corners.abs() + 0.1)
one("pow17", "Pow", lambda x: x ** 1.7, None, inputs=("x", "e"), inits={"e": f32(1.7)}, x=corners.abs() + 0.1)
one("powminus", "Pow", lambda x: x ** -2, None, inputs=("x", "e"), inits={"e": f32(-2)}, x=corners.abs() + 0.5)
one("powweight", "Pow", lambda x, e: x ** e, None, inputs=("x", "e"), weights={"e": rnd(3, 18)}, x=corners.abs() + 0.5)
for op, f in dict(Max=torch.maximum, Min=torch.minimum).items():
    one(op.lower(), op, lambda x, w, f=f: f(x, w), None, inputs=("x", "w"), weights={"w": torch.zeros(18) + 0.5}, x=corners)
one("sum", "Sum", lambda x, w: x + w + x, (2, 5), inputs=("x", "w", "x"), weights={"w": rnd(3, 5)})
one("mean", "Mean", lambda x, w: (x + w) / 2, (2, 5), inputs=("x", "w"), weights={"w": rnd(3, 5)})
for op, f in dict(Equal=torch.eq, Greater=torch.gt, GreaterOrEqual=torch.ge, Less=torch.lt, LessOrEqual=torch.le).items():
    case("where_" + op.lower(), [(op, ["x", "h"], ["c"], {}), ("Not", ["c"], ["d"], {}), ("Where", ["d", "x", "w"], ["y"], {})],
         lambda x, w, f=f: torch.where(~f(x, torch.tensor(0.5)), x, w), None, {"w": rnd(3, 18)}, {"h": f32(0.5)}, x=corners)
for op, f in dict(And=torch.logical_and, Or=torch.logical_or, Xor=torch.logical_xor).items():
    case(op.lower(), [("Greater", ["x", "lo"], ["c"], {}), ("Less", ["x", "hi"], ["d"], {}), (op, ["c", "d"], ["e"], {}), ("Cast", ["e"], ["z"], {"to": T.FLOAT}), ("Mul", ["z", "x"], ["y"], {})],
         lambda x, f=f: f(x > -1, x < 1).float() * x, None, None, {"lo": f32(-1), "hi": f32(1)}, x=corners)

# Shapes.
case("reshape", [("Shape", ["x"], ["s"], {}), ("Gather", ["s", "k"], ["n"], {}), ("Mod", ["n", "seven"], ["m"], {}), ("Range", ["zero", "three", "one"], ["range"], {}), ("ReduceProd", ["range"], ["p"], {"keepdims": 0}),
     ("Unsqueeze", ["n", "o"], ["u"], {}), ("Unsqueeze", ["m", "o"], ["v"], {}), ("Concat", ["v", "rest"], ["t"], {"axis": 0}), ("Reshape", ["x", "to"], ["z"], {}), ("Size", ["rest"], ["q"], {}), ("Transpose", ["z"], ["y"], {"perm": [0, 2, 1]})],
     lambda x: x.reshape(x.shape[0], 3, 8).transpose(1, 2), (2, 4, 6), inits={"k": i64(0)[0], "seven": i64(7)[0], "zero": i64(0)[0], "three": i64(3)[0], "one": i64(1)[0], "o": i64(0), "rest": i64(3, 8), "to": i64(0, 3, -1)})
one("flatten", "Flatten", lambda x: x.flatten(1), (2, 3, 4))
one("unsqueeze", "Unsqueeze", lambda x: x[:, None, :, None], (2, 3), inputs=("x", "a"), inits={"a": i64(1, -1)})
one("squeeze", "Squeeze", lambda x: x[:, :, 0], (2, 3, 1), inputs=("x", "a"), inits={"a": i64(-1)})
one("transpose", "Transpose", lambda x: x.permute(0, 3, 1, 2), (2, 3, 4, 5), perm=[0, 3, 1, 2])
one("concat", "Concat", lambda x: torch.cat([x, x], 1), (2, 3, 4), inputs=("x", "x"), axis=1)
case("split", [("Split", ["x", "s"], ["p", "q"], {"axis": -1}), ("Mul", ["p", "p"], ["r"], {}), ("Concat", ["q", "r"], ["y"], {"axis": 2})],
     lambda x: torch.cat([x[..., 2:], x[..., :2] ** 2], -1), (2, 3, 6), inits={"s": i64(2, 4)})
case("splitn", [("Split", ["x"], ["p", "q"], {"axis": 1, "num_outputs": 2}), ("Concat", ["q", "p"], ["y"], {"axis": 1})], lambda x: torch.cat([x[:, 3:], x[:, :3]], 1), (2, 5))
one("slice", "Slice", lambda x: x[:, 1:-1, ::2], (2, 5, 7), inputs=("x", "f", "t", "a", "s"), inits={"f": i64(1, 0), "t": i64(-1, 2 ** 63 - 1), "a": i64(1, 2), "s": i64(1, 2)})
one("slice_back", "Slice", lambda x: x.flip(2), (2, 5, 7), inputs=("x", "f", "t", "a", "s"), inits={"f": i64(-1), "t": i64(-2 ** 63), "a": i64(2), "s": i64(-1)})
one("gather", "Gather", lambda x: x[:, 2], (2, 5, 3), inputs=("x", "k"), inits={"k": i64(2)[0]}, axis=1)
one("gathers", "Gather", lambda x: x[:, torch.tensor([[3, 1], [0, 3]])], (2, 5, 3), inputs=("x", "k"), inits={"k": np.array([[3, 1], [0, 3]], np.int64)}, axis=1)
index = np.array([[(7 * i + j) % 9 for j in range(6)] for i in range(6)], np.int64)
case("gather_table", [("Gather", ["w", "k"], ["t"], {"axis": 0}), ("Transpose", ["t"], ["u"], {"perm": [2, 0, 1]}), ("Add", ["x", "u"], ["y"], {})],
     lambda x, w: x + w[torch.tensor(index)].permute(2, 0, 1), (2, 3, 6, 6), {"w": rnd(3, 9, 3)}, {"k": index})
case("scatternd", [("Constant", [], ["k"], {"value": h.make_tensor("", T.FLOAT, [4], [0, 0, 0, 0])}), ("Constant", [], ["u"], {"value": h.make_tensor("", T.FLOAT, [2], [5, 7])}),
         ("ScatterND", ["k", "i", "u"], ["z"], {}), ("Add", ["x", "z"], ["y"], {})], lambda x: x + torch.tensor([0., 5, 0, 7]), (2, 4), inits={"i": np.array([[1], [3]], np.int64)})
case("scatternd_weight", [("ScatterND", ["w", "i", "u"], ["z"], {}), ("Add", ["x", "z"], ["y"], {})],
     lambda x, w, u: x + torch.stack([w[0], u[0], w[2], u[1]]), (2, 4, 3), {"w": rnd(3, 4, 3), "u": rnd(4, 2, 3)}, {"i": np.array([[1], [3]], np.int64)})
case("expand", [("Shape", ["x"], ["s"], {"end": 1}), ("ConstantOfShape", ["s"], ["ones"], {"value": h.make_tensor("", T.INT64, [1], [1])}), ("Concat", ["s", "k"], ["t"], {"axis": 0}), ("Expand", ["w", "t"], ["e"], {}), ("Concat", ["e", "x"], ["y"], {"axis": 1})],
     lambda x, w: torch.cat([w.expand(x.shape[0], 1, 4), x], 1), (2, 3, 4), {"w": rnd(3, 1, 1, 4)}, {"k": i64(1, 4)})
where = np.array([[[0, 1], [2, 0]], [[1, 1], [0, 2]]], np.int64)
case("gathernd", [("Transpose", ["x"], ["t"], {"perm": [2, 3, 0, 1]}), ("GatherND", ["t", "k"], ["g"], {"batch_dims": 0}), ("Transpose", ["g"], ["y"], {"perm": [2, 3, 0, 1]})],
     lambda x: x.permute(2, 3, 0, 1)[where[..., 0], where[..., 1]].permute(2, 3, 0, 1), (2, 4, 3, 3), inits={"k": where})
case("sequence", [("SplitToSequence", ["x", "s"], ["l"], {"axis": 1}), ("SequenceAt", ["l", "i"], ["p"], {}), ("SequenceAt", ["l", "j"], ["q"], {}), ("Concat", ["q", "p"], ["y"], {"axis": 1})],
     lambda x: torch.cat([x[:, 4:], x[:, :2]], 1), (2, 5), inits={"s": i64(2)[0], "i": i64(0)[0], "j": i64(-1)[0]})
case("isnan", [("IsNaN", ["x"], ["c"], {}), ("Where", ["c", "w", "x"], ["y"], {})], lambda x, w: torch.where(x.isnan(), w, x), None, {"w": rnd(3, 18)}, x=corners)
one("tile", "Tile", lambda x: x.repeat(1, 2, 3), (2, 3, 4), inputs=("x", "r"), inits={"r": i64(1, 2, 3)})
for mode in ("constant", "reflect", "edge", "wrap"):
    one("pad_" + mode, "Pad", lambda x, mode=mode: F.pad(x, (1, 2, 2, 0), mode={"edge": "replicate", "wrap": "circular"}.get(mode, mode)),
        (2, 3, 4, 5), inputs=("x", "p"), inits={"p": i64(0, 0, 2, 1, 0, 0, 0, 2)}, mode=mode)
one("pad_axes", "Pad", lambda x: F.pad(x, (1, -1), value=0.3), (2, 3, 4), inputs=("x", "p", "v", "a"), inits={"p": i64(1, -1), "v": f32(0.3), "a": i64(-1)})
one("depthtospace", "DepthToSpace", lambda x: F.pixel_shuffle(x, 2), (2, 8, 3, 3), blocksize=2, mode="CRD")
one("depthtospace_dcr", "DepthToSpace", lambda x: x.reshape(2, 2, 2, 2, 3, 3).permute(0, 3, 4, 1, 5, 2).reshape(2, 2, 6, 6), (2, 8, 3, 3), blocksize=2)
one("spacetodepth", "SpaceToDepth", lambda x: x.reshape(2, 3, 2, 2, 2, 2).permute(0, 3, 5, 1, 2, 4).reshape(2, 12, 2, 2), (2, 3, 4, 4), blocksize=2)

# Products.
one("matmul", "MatMul", lambda x, w: x @ w, (2, 3, 4), inputs=("x", "w"), weights={"w": rnd(3, 4, 5)})
one("matmul_left", "MatMul", lambda x, w: w @ x, (2, 3, 4), inputs=("w", "x"), weights={"w": rnd(3, 5, 3)})
one("matmul_batch", "MatMul", lambda x, w: x @ w, (2, 2, 3, 4), inputs=("x", "w"), weights={"w": rnd(3, 2, 4, 5)})
one("matmul_vector", "MatMul", lambda x, w: x @ w, (2, 3, 4), inputs=("x", "w"), weights={"w": rnd(3, 4)})
case("matmul_self", [("Transpose", ["x"], ["t"], {"perm": [0, 2, 1]}), ("MatMul", ["x", "t"], ["y"], {})], lambda x: x @ x.transpose(1, 2), (2, 3, 4))
one("gemm", "Gemm", lambda x, w, c: 0.5 * x @ w.T + 2 * c, (2, 4), inputs=("x", "w", "c"), weights={"w": rnd(3, 5, 4), "c": rnd(4, 5)}, transB=1, alpha=0.5, beta=2.0)
one("gemm_plain", "Gemm", lambda x, w: x @ w, (2, 4), inputs=("x", "w"), weights={"w": rnd(3, 4, 5)})
one("einsum", "Einsum", lambda x, w: torch.einsum("bhij,hjk->bhik", x, w), (2, 2, 3, 4), inputs=("x", "w"), weights={"w": rnd(3, 2, 4, 5)}, equation="bhij,hjk->bhik")
case("attention", [("Mul", ["x", "w"], ["k"], {}), ("Attention", ["x", "k", "x"], ["y"], {})], lambda x, w: F.scaled_dot_product_attention(x, x * w, x), (2, 2, 5, 4), {"w": rnd(3, 4)}, opset=23)
mask = torch.tensor([[True, True, False, True, False]] * 5)
case("attention_mask", [("Attention", ["x", "x", "x", "m"], ["y"], {"scale": 0.3})], lambda x: F.scaled_dot_product_attention(x, x, x, mask, scale=0.3), (2, 2, 5, 4), inits={"m": mask.numpy()}, opset=23)


def conv(name, ci, co, k, s, p, d=1, g=1, size=(9, 10), bias=True):
    pair = lambda v: [v, v] if isinstance(v, int) else list(v)
    k, s, p, d = pair(k), pair(s), pair(p), pair(d)
    w = {"w": rnd(3, co, ci // g, *k) * 0.3}
    if bias:
        w["b"] = rnd(4, co)
    case("conv_" + name, [("Conv", ["x", "w"] + (["b"] if bias else []), ["y"], dict(kernel_shape=k, strides=s, pads=p + p, dilations=d, group=g))],
         lambda x, w, b=None: F.conv2d(x, w, b, s, p, d, g), (2, ci) + size, w)


conv("1", 3, 4, 1, 1, 0)
conv("1s2", 3, 4, 1, 2, 0)
conv("2s2", 3, 4, 2, 2, 0)
conv("3", 3, 4, 3, 1, 1)
conv("3s2", 3, 4, 3, 2, 1, bias=False)
conv("3s3", 3, 4, 3, 3, 0)
conv("4s2", 3, 4, 4, 2, 1)
conv("4s4", 3, 4, 4, 4, 0)
conv("8s8", 3, 4, 8, 8, 0)
conv("7s2", 3, 4, 7, 2, 3)
conv("asym", 3, 4, (3, 5), (2, 1), (1, 2))
conv("dil2", 3, 4, 3, 1, 2, d=2)
conv("dil2s2", 3, 4, 3, 2, 2, d=2)
conv("pad4", 3, 4, 3, 1, 4)
conv("group2", 4, 6, 3, 1, 1, g=2)
conv("group2s2", 4, 6, 4, 2, 1, g=2)
conv("group2dil", 4, 6, 3, 1, 2, d=2, g=2)
conv("depthwise", 4, 4, 3, 1, 1, g=4)
conv("depthwise_s2", 4, 4, 3, 2, 1, g=4)
conv("depthwise_dil", 4, 4, 3, 2, 2, d=2, g=4)
conv("depthwise7", 4, 4, 7, 1, 3, g=4)
conv("multiplier", 3, 6, 3, 2, 1, g=3)
one("conv_same_upper", "Conv", lambda x, w: F.conv2d(F.pad(x, (1, 2, 0, 1)), w, stride=(3, 2)), (2, 3, 8, 9), inputs=("x", "w"), weights={"w": rnd(3, 4, 3, 3, 4)}, auto_pad="SAME_UPPER", strides=[3, 2])
one("conv_valid", "Conv", lambda x, w: F.conv2d(x, w), (2, 3, 6, 6), inputs=("x", "w"), weights={"w": rnd(3, 4, 3, 3, 3)}, auto_pad="VALID")


def deconv(name, ci, co, k, s, p, op=0, d=1, g=1):
    w = {"w": rnd(3, ci, co // g, k, k) * 0.3, "b": rnd(4, co)}
    case("deconv_" + name, [("ConvTranspose", ["x", "w", "b"], ["y"], dict(kernel_shape=[k, k], strides=[s, s], pads=[p] * 4, output_padding=[op, op], dilations=[d, d], group=g))],
         lambda x, w, b: F.conv_transpose2d(x, w, b, s, p, op, g, d), (2, ci, 5, 6), w)


deconv("2s2", 3, 4, 2, 2, 0)
deconv("3s2p1", 3, 4, 3, 2, 1, op=1)
deconv("4s2p1", 3, 4, 4, 2, 1)
deconv("group", 4, 6, 3, 2, 1, g=2)
deconv("dil", 3, 4, 3, 1, 1, d=2)
for name, kind, size, a in (("nearest", "nearest", (8, 9), dict(mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor")),
                            ("bilinear", "bilinear", (8, 9), dict(mode="linear", coordinate_transformation_mode="pytorch_half_pixel")),
                            ("down", "bilinear", (3, 2), dict(mode="linear", coordinate_transformation_mode="half_pixel")),
                            ("bicubic", "bicubic", (7, 9), dict(mode="cubic", cubic_coeff_a=-0.75))):
    case("resize_" + name, [("Shape", ["x"], ["s"], {"end": 2}), ("Concat", ["s", "k"], ["t"], {"axis": 0}), ("Resize", ["x", "", "", "t"], ["y"], a)],
         lambda x, kind=kind, size=size: F.interpolate(x, size=size, mode=kind, **({} if kind == "nearest" else {"align_corners": False})), (2, 3, 4, 5), inits={"k": i64(*size)})
one("resize_corners", "Resize", lambda x: F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True), (2, 3, 4, 5), inputs=("x", "", "sc"),
    inits={"sc": f32([1, 1, 2, 2])}, mode="linear", coordinate_transformation_mode="align_corners")

case("conv_1d", [("Conv", ["x", "w", "b"], ["y"], dict(kernel_shape=[3], strides=[2], pads=[1, 1], dilations=[1], group=1))],
     lambda x, w, b: F.conv1d(x, w, b, 2, 1), (2, 3, 9), {"w": rnd(3, 4, 3, 3), "b": rnd(4, 4)})
one("maxpool_1d", "MaxPool", lambda x: F.max_pool1d(x, 3, 2, 1), (2, 3, 9), kernel_shape=[3], strides=[2], pads=[1, 1])


def pool(name, k, s, p=0, ceil=False, count=True, d=1, size=(9, 10), largest=True):
    pair = lambda v: [v, v] if isinstance(v, int) else list(v)
    k, s, p = pair(k), pair(s), pair(p)
    a = dict(kernel_shape=k, strides=s, pads=p + p, ceil_mode=int(ceil))
    if largest:
        one("maxpool_" + name, "MaxPool", lambda x: F.max_pool2d(x, k, s, p, d, ceil), (2, 3) + size, dilations=pair(d), **a)
    if d == 1:
        one("avgpool_" + name, "AveragePool", lambda x: F.avg_pool2d(x, k, s, p, ceil, count), (2, 3) + size, count_include_pad=int(count), **a)


pool("2s2", 2, 2)
pool("3s2p1", 3, 2, 1)
pool("3s2p1_exclude", 3, 2, 1, count=False, largest=False)
pool("3s1p1", 3, 1, 1)
pool("3s2_ceil", 3, 2, ceil=True)
pool("2s2_ceil", 2, 2, ceil=True)
pool("3s2p1_ceil", 3, 2, 1, ceil=True)
pool("3s2p1_ceil_exclude", 3, 2, 1, ceil=True, count=False, largest=False)
pool("4s3", 4, 3, (2, 1))
pool("2s3", 2, 3)
pool("dil", 3, 1, 1, d=2)
one("avgpool_whole", "AveragePool", lambda x: F.avg_pool2d(x, 8), (2, 3, 8, 8), kernel_shape=[8, 8])
one("globalaveragepool", "GlobalAveragePool", lambda x: F.adaptive_avg_pool2d(x, 1), (2, 3, 4, 5))
one("globalmaxpool", "GlobalMaxPool", lambda x: x.amax((2, 3), keepdim=True), (2, 3, 4, 5))

# Sums over axes. An axis of equal elements shows how ties share a gradient.
ties = torch.cat([rnd(1, 2, 3, 4), torch.ones(2, 1, 4)], 1)
reduce = dict(ReduceMean=lambda x, d, k: x.mean(d, k), ReduceSum=lambda x, d, k: x.sum(d, k), ReduceMax=lambda x, d, k: x.amax(d, k), ReduceMin=lambda x, d, k: x.amin(d, k),
              ReduceSumSquare=lambda x, d, k: (x ** 2).sum(d, k), ReduceL1=lambda x, d, k: x.abs().sum(d, k), ReduceL2=lambda x, d, k: x.norm(dim=d, keepdim=k), ReduceLogSumExp=lambda x, d, k: x.logsumexp(d, k))
for op, f in reduce.items():
    one(op.lower(), op, lambda x, f=f: f(x, (2,), True), None, inputs=("x", "a"), inits={"a": i64(-1)}, x=ties, keepdims=1)
    one(op.lower() + "_drop", op, lambda x, f=f: f(x, (1, 2), False), None, inputs=("x", "a"), inits={"a": i64(1, 2)}, x=ties, keepdims=0)
one("reducelogsum", "ReduceLogSum", lambda x: x.sum(1).log(), None, inputs=("x", "a"), inits={"a": i64(1)}, x=ties.abs() + 0.1, keepdims=0)
one("reducemean_13", "ReduceMean", lambda x: x.mean((1, 2), True), None, x=ties, axes=[1, 2], opset=13)
one("cumsum", "CumSum", lambda x: x.cumsum(1), (2, 4, 3), inputs=("x", "a"), inits={"a": i64(1)[0]})
one("cumsum_back", "CumSum", lambda x: x.flip(2).cumsum(2).flip(2) - x, (2, 4, 3), inputs=("x", "a"), inits={"a": i64(-1)[0]}, exclusive=1, reverse=1)
one("softmax", "Softmax", lambda x: F.softmax(x, 1), None, x=ties * 5, axis=1)
one("softmax_last", "Softmax", lambda x: F.softmax(x, -1), None, x=ties * 5)
one("logsoftmax", "LogSoftmax", lambda x: F.log_softmax(x, -1), None, x=ties * 5, axis=-1)

# Norms.
stats = dict(scale=rnd(3, 3).abs() + 0.5, bias=rnd(4, 3))
one("batchnorm", "BatchNormalization", lambda x, scale, bias, mean, var: F.batch_norm(x, mean.detach(), var.detach(), scale, bias, False, 0.1, 1e-3) + 0 * (mean.sum() + var.sum()),
    (2, 3, 4, 5), inputs=("x", "scale", "bias", "mean", "var"), weights=dict(stats, mean=rnd(5, 3), var=rnd(6, 3).abs() + 0.5), epsilon=1e-3)
one("layernorm", "LayerNormalization", lambda x, s, b: F.layer_norm(x, (5,), s, b, 1e-6), (2, 3, 5), inputs=("x", "s", "b"), weights={"s": rnd(3, 5), "b": rnd(4, 5)}, epsilon=1e-6)
one("layernorm_axis", "LayerNormalization", lambda x, s: F.layer_norm(x, (3, 5), s), (2, 3, 5), inputs=("x", "s"), weights={"s": rnd(3, 3, 5)}, axis=1)
one("rmsnorm", "RMSNormalization", lambda x, s: F.rms_norm(x, (5,), s, 1e-5), (2, 3, 5), inputs=("x", "s"), weights={"s": rnd(3, 5)}, opset=23)
one("instancenorm", "InstanceNormalization", lambda x, s, b: F.instance_norm(x, None, None, s, b), (2, 3, 4, 5), inputs=("x", "s", "b"), weights={"s": rnd(3, 3), "b": rnd(4, 3)})
one("groupnorm", "GroupNormalization", lambda x, s, b: F.group_norm(x, 2, s, b), (2, 4, 3, 5), inputs=("x", "s", "b"), weights={"s": rnd(3, 4), "b": rnd(4, 4)}, opset=21, num_groups=2)
one("lrn", "LRN", lambda x: F.local_response_norm(x, 3, 0.1, 0.75, 1.5), (2, 5, 3, 3), size=3, alpha=0.1, beta=0.75, bias=1.5)
one("lpnorm", "LpNormalization", lambda x: F.normalize(x, dim=-1), (2, 3, 5), axis=-1, p=2)
one("lpnorm1", "LpNormalization", lambda x: F.normalize(x, p=1, dim=-1), (2, 3, 5), axis=-1, p=1)

save_file(ALL, os.path.join(os.path.dirname(os.path.abspath(__file__)), "operations.safetensors"))
print(len([k for k in ALL if k.endswith("/onnx")]), "cases")
