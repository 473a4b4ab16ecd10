"""Makes numpy_2.pkl, numpy_4.pkl and numpy_5.pkl next to it: the same dict of arrays, pickled by NumPy in three protocols.

python3 make_numpy.py, with NumPy 2. The protocols write arrays in three ways: bytes as a text, bytes, and _frombuffer.
"""
import collections
import os
import pickle

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
six = np.arange(1, 7, dtype=np.float32).reshape(2, 3)
state = collections.OrderedDict([
    ("rows", six),
    ("columns", np.asfortranarray(six)),
    ("double", np.float64([0.1, -200.0])),
    ("half", np.float16([1.5])),
    ("count", np.int64([7, -1])),
    ("byte", np.uint8([0, 255])),
    ("flag", np.array([True, False])),
    ("none", np.zeros((0, 3), np.float32)),
    ("scalar", np.array(2.5, np.float32)),
])
beside = {"names": np.array(["a", "b"]), "objects": np.array([None]), "acc": np.float64(0.9), "lr": 0.1}
for protocol in (2, 4, 5):
    with open(os.path.join(here, f"numpy_{protocol}.pkl"), "wb") as f:
        pickle.dump({"epoch": 3, "state_dict": state, "log": beside}, f, protocol)
