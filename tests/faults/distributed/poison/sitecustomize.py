"""For workers under test: a photo that carries one of two comments ends or holds its process.

Python runs this file first in every process that has its folder on PYTHONPATH. It stands for a
decoder with a bug in native code, of which no real photo is known.
"""

import ctypes
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys

_CODEC = "vestibule.adapters.pillow_codec"
CRASHES, HANGS = b"bench crashes the decoder", b"bench hangs the decoder"


def _poison(module):
    decode = module.PillowCodec.decode_upright

    def decode_upright(self, encoded):
        if CRASHES in encoded[:200]:
            os.kill(os.getpid(), signal.SIGSEGV)
        if HANGS in encoded[:200]:
            ctypes.PyDLL(None).sleep(600)  # PyDLL holds the interpreter, as bad native code does
        return decode(self, encoded)

    module.PillowCodec.decode_upright = decode_upright


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name != _CODEC:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        run = spec.loader.exec_module

        def exec_module(module):
            run(module)
            _poison(module)

        spec.loader.exec_module = exec_module
        return spec


sys.meta_path.insert(0, _Finder())
