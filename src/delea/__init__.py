"""Delea: train a model together, be paid in its own tokens, and check every update bit for bit."""

__version__ = "0.1.0"
