"""Votes with ONNX Runtime: serve.py NET.onnx."""
import sys

import onnxruntime
from smoothlab_external import serve, sha256

options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 2
net = onnxruntime.InferenceSession(sys.argv[1], options)
name = net.get_inputs()[0].name
serve(lambda images: net.run(None, {name: images})[0], fingerprint=sha256(sys.argv[1], __file__))
