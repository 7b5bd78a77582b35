"""ONNX files in and out: bytes only, nothing is run, and no other file is opened."""

from delea.importers.onnx.export import to_onnx
from delea.importers.onnx.load import from_bytes, from_file

__all__ = ["from_bytes", "from_file", "to_onnx"]
