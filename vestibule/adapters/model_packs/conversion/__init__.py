"""From the formats that weights are published in to ONNX, once, when a pack is installed.

``centerface`` repairs a published ONNX graph, ``mobilefacenet`` reads TFLite, ``dlib_resnet``
reads dlib's own archive. None of them needs the framework that trained the model.
"""
