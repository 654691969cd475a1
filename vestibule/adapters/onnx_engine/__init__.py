"""Finds faces and embeds them with onnxruntime.

``engine`` is the port's adapter; ``centerface``, ``mobilefacenet`` and ``dlib_resnet`` each feed
and read one network; ``alignment``, ``light`` and ``assessment`` work on pixels alone.
"""

from vestibule.adapters.onnx_engine.engine import OnnxFaceEngine, load_engine
from vestibule.adapters.onnx_engine.light import LowLight

__all__ = ["LowLight", "OnnxFaceEngine", "load_engine"]
