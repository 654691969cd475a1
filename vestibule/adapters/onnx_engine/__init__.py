"""Finds faces and embeds them with onnxruntime.

``engine`` is the port's adapter; ``centerface``, ``scrfd``, ``yunet``, ``mobilefacenet``,
``dlib_resnet``, ``arcface``, ``sface`` and ``own_embedder`` each feed and read one network
(``architectures`` knows which); ``alignment``, ``light`` and ``assessment`` work on pixels alone.
"""

from vestibule.adapters.onnx_engine.batching import Batching, BatchLimits
from vestibule.adapters.onnx_engine.engine import (
    OnnxFaceEngine,
    load_engine,
    low_light_of,
    space_of,
)
from vestibule.adapters.onnx_engine.light import LowLight

__all__ = [
    "BatchLimits",
    "Batching",
    "LowLight",
    "OnnxFaceEngine",
    "load_engine",
    "low_light_of",
    "space_of",
]
