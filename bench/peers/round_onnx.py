"""Makes bench/peers/derain-tiny-64.onnx.gz from an export in float32 of the network behind weights/derain-tiny.safetensors.

The bundled weights are halves. Every float32 initializer is a weight (the exporter wrote other constants as nodes), perhaps in another
shape; rounded to half and kept as float32 it is exactly what the engine computes with.

Debian: apt-get install python3-onnx.    Usage: round_onnx.py export.onnx derain-tiny-64.onnx.gz
"""
import gzip
import sys

import numpy as np
import onnx
from onnx import numpy_helper

source, target = sys.argv[1:]
model = onnx.load(source)
for tensor in model.graph.initializer:
    values = numpy_helper.to_array(tensor)
    if values.dtype == np.float32:
        tensor.CopyFrom(numpy_helper.from_array(values.astype(np.float16).astype(np.float32), tensor.name))
for node in model.graph.node:
    # Of no use to a runtime, and a tenth of the file.
    node.name = node.doc_string = ""
onnx.checker.check_model(model)
with open(target, "wb") as file:
    # No time in the header: the same input gives the same file.
    file.write(gzip.compress(model.SerializeToString(), 9, mtime=0))
