"""Data from elsewhere becomes rows: inputs and targets, checked, split and described."""

from delea.importers.data.describe import Description, describe, parse_description, read_data
from delea.importers.data.rows import Rows, make_dataset
from delea.importers.data.split import Rule, parse_rule

__all__ = [
    "Description",
    "Rows",
    "Rule",
    "describe",
    "make_dataset",
    "parse_description",
    "parse_rule",
    "read_data",
]
