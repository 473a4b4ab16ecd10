"""python runtime.py: writes runtime.safetensors, operations with rare attributes and with more elements than a processor's vectors
hold. For each case it has NAME/onnx, the bytes of a file, NAME/x, and NAME/y, which ONNX Runtime computes; the reference
evaluator of the package onnx agrees with it. Made with onnxruntime 1.32, onnx 1.23 and numpy 2.4."""
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto as T, helper as h, numpy_helper as nh
from onnx.reference import ReferenceEvaluator
from safetensors.numpy import save_file

ALL = {}
rng = np.random.default_rng(0)
X = rng.standard_normal((3, 3, 6, 8)).astype(np.float32)


def f32(*v):
    return np.array(v, np.float32)


def i64(*v):
    return np.array(v, np.int64)


def rnd(*shape):
    return rng.standard_normal(shape).astype(np.float32)


def case(name, nodes, inits=None, opset=20, x=X):
    graph = h.make_graph([h.make_node(o, i, u, **a) for o, i, u, a in nodes], "g",
                         [h.make_tensor_value_info("x", T.FLOAT, ["b"] + list(x.shape[1:]))],
                         [h.make_tensor_value_info("y", T.FLOAT, None)],
                         [nh.from_array(np.asarray(v), k) for k, v in (inits or {}).items()])
    file = h.make_model(graph, opset_imports=[h.make_opsetid("", opset)], ir_version=10).SerializeToString()
    y = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]
    other = ReferenceEvaluator(onnx.load_from_string(file)).run(None, {"x": x})[0]
    assert np.abs(y - other).max() <= 1e-5 * max(1, np.abs(y).max()), name
    ALL.update({f"{name}/x": x, f"{name}/y": y, f"{name}/onnx": np.frombuffer(file, np.uint8)})


def one(name, op, inputs=("x",), inits=None, opset=20, x=X, **attrs):
    case(name, [(op, list(inputs), ["y"], attrs)], inits, opset, x)


for op in ("Tanh", "Erf", "Exp", "Sin", "Cos", "Atan", "Sigmoid", "Softplus", "Gelu", "Mish", "Elu", "Celu", "HardSwish"):
    one(op.lower(), op)
one("log", "Log", x=np.abs(X) + f32(.1))
one("steep_atan", "Atan", x=X * f32(5))

# No axes and noop_with_empty_axes: nothing is summed up, but numbers are squared.
for r in ("Mean", "Sum", "Max", "Min", "SumSquare", "L1", "L2", "LogSum", "LogSumExp"):
    x = np.abs(X) + f32(.1) if r == "LogSum" else X
    one("noop_" + r, "Reduce" + r, opset=18, x=x, noop_with_empty_axes=1)
    one("noop_empty_" + r, "Reduce" + r, ("x", "a"), {"a": i64()}, 18, x, noop_with_empty_axes=1)
    one("negative_" + r, "Reduce" + r, ("x", "a"), {"a": i64(-1, 1)}, 18, x, keepdims=0)

# Automatic padding; it counts as padding that the file states.
for pad in ("SAME_UPPER", "SAME_LOWER", "VALID"):
    for s in (1, 2, 3):
        one(f"conv_{pad}_{s}", "Conv", ("x", "w"), {"w": rnd(4, 3, 3, 2)}, auto_pad=pad, strides=[s, 2])
    for counted in (0, 1):
        one(f"average_{pad}_{counted}", "AveragePool", auto_pad=pad, kernel_shape=[3, 2], strides=[2, 2], count_include_pad=counted)
one("max_SAME_UPPER", "MaxPool", auto_pad="SAME_UPPER", kernel_shape=[3, 2], strides=[2, 2])
for counted in (0, 1):
    one(f"average_ceil_{counted}", "AveragePool", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, pads=[1, 1, 1, 1], count_include_pad=counted)
one("max_ceil", "MaxPool", kernel_shape=[2, 3], strides=[3, 2], ceil_mode=1, pads=[1, 1, 1, 1])
one("max_dilated", "MaxPool", kernel_shape=[2, 3], dilations=[2, 2])

# A query that may see no key, and vectors of 0.
mask = np.tril(np.ones((6, 6), bool), -1)
one("attention_blind", "Attention", ("x", "x", "x", "m"), {"m": mask}, 23)
half = np.abs(X) * (np.arange(3) != 1).astype(np.float32)[:, None, None]
for p in (1, 2):
    one(f"lp_zero_{p}", "LpNormalization", x=half, axis=-1, p=p)

one("pad_negative_axes", "Pad", ("x", "p", "v", "a"), {"p": i64(1, 2), "v": np.float32(.1), "a": i64(-1)})
one("slice_backwards", "Slice", ("x", "s", "e", "a", "t"), {"s": i64(-1, 7), "e": i64(-1000, 0), "a": i64(2, 3), "t": i64(-1, -2)})
one("slice_to_the_end", "Slice", ("x", "s", "e", "a"), {"s": i64(1), "e": i64(2**63 - 1), "a": i64(-2)})
one("gather_negative", "Gather", ("x", "i"), {"i": np.array([[-1, 0], [2, -8]])}, axis=3)
case("split_uneven", [("Split", ["x"], ["a", "b", "c"], {"axis": 3, "num_outputs": 3}), ("Concat", ["c", "a", "b"], ["y"], {"axis": 3})])
one("layer_all_axes", "LayerNormalization", ("x", "s"), {"s": rnd(3, 6, 8)}, axis=-3)
one("rms_two_axes", "RMSNormalization", ("x", "s"), {"s": rnd(6, 8)}, 23, axis=2, epsilon=.1)

save_file(ALL, os.path.join(os.path.dirname(os.path.abspath(__file__)), "runtime.safetensors"))
