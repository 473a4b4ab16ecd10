"""Makes state.pt and state_legacy.pt beside it: what torch.save writes, in the format since PyTorch 1.6 and in the one before.

python3 make.py, without PyTorch: the pickles are made by Python's pickle from stand-ins of torch's names, and laid out as
torch/serialization.py (_save and _legacy_save) has them. That the layout is right is tested on real files of torch.save, too.
"""
import collections
import os
import pickle
import struct
import sys
import types
import zipfile

here = os.path.dirname(os.path.abspath(__file__))
torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
sys.modules["torch"], sys.modules["torch._utils"] = torch, utils


def name(module, f):
    f.__module__, f.__qualname__ = module.__name__, f.__name__
    setattr(module, f.__name__, f)
    return f


def _rebuild_tensor_v2(*args): pass
def _rebuild_parameter(*args): pass


name(utils, _rebuild_tensor_v2), name(utils, _rebuild_parameter)
kinds = {k: name(torch, type(k + "Storage", (), {})) for k in ("Float", "Half", "BFloat16", "Double", "Long")}


class Storage:
    def __init__(self, kind, data, count): self.kind, self.data, self.count = kind, data, count


class Tensor:
    def __init__(self, storage, offset, shape, strides): self.args = (storage, offset, shape, strides, False, collections.OrderedDict())
    def __reduce__(self): return _rebuild_tensor_v2, self.args


class Parameter:
    def __init__(self, tensor): self.tensor = tensor
    def __reduce__(self): return _rebuild_parameter, (self.tensor, True, collections.OrderedDict())


def pickled(obj, legacy):
    out, keys = __import__("io").BytesIO(), {}
    class P(pickle.Pickler):
        def persistent_id(self, o):
            if isinstance(o, Storage):
                key = keys.setdefault(id(o), (str(len(keys)), o))[0]
                return ("storage", kinds[o.kind], key, "cpu", o.count) + ((None,) if legacy else ())
    P(out, 2).dump(obj)
    return out.getvalue(), {k: s for k, s in keys.values()}


six = Storage("Float", struct.pack("<6f", 1, 2, 3, 4, 5, 6), 6)
state = collections.OrderedDict([
    ("module.1.fc.weight", Parameter(Tensor(six, 0, (2, 3), (3, 1)))),
    ("module.1.turned", Tensor(six, 0, (3, 2), (1, 3))),             # a transposed view of the same numbers
    ("module.1.tail", Tensor(six, 4, (2,), (1,))),
    ("half", Tensor(Storage("Half", struct.pack("<4e", 1.5, -0.25, 65504, 6e-8), 4), 0, (4,), (1,))),
    ("brain", Tensor(Storage("BFloat16", struct.pack("<2H", 0x3F80, 0xC040), 2), 0, (2,), (1,))),
    ("double", Tensor(Storage("Double", struct.pack("<1d", 0.1), 1), 0, (), ())),
    ("count", Tensor(Storage("Long", struct.pack("<1q", 7), 1), 0, (), ())),
])
state._metadata = collections.OrderedDict([("", {"version": 1})])
checkpoint = {"epoch": 3, "arch": "toy", "state_dict": state, "optimizer": {"state": {0: {"momentum_buffer": Tensor(six, 0, (6,), (1,))}}, "param_groups": [{"lr": 0.1}]}}

data, storages = pickled(checkpoint, False)
with zipfile.ZipFile(os.path.join(here, "state.pt"), "w") as z:
    def put(n, b): z.writestr(zipfile.ZipInfo("state/" + n), b)
    put("data.pkl", data), put("byteorder", b"little")
    for k, s in storages.items():
        put("data/" + k, s.data)
    put("version", b"3\n")

data, storages = pickled(checkpoint, True)
with open(os.path.join(here, "state_legacy.pt"), "wb") as f:
    for o in (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"short": 2, "int": 4, "long": 4}}):
        f.write(pickle.dumps(o, 2))
    f.write(data)
    f.write(pickle.dumps(sorted(storages), 2))
    for k in sorted(storages):
        f.write(struct.pack("<q", storages[k].count) + storages[k].data)
