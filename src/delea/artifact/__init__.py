"""The artifact: a module that says what it is, its genesis state and its dataset."""

from dataclasses import dataclass

from delea.artifact.canonical import decode, encode
from delea.artifact.dataset import DatasetInfo, encode_dataset, read_dataset
from delea.artifact.digest import DIGEST_BYTES, LEAF_BYTES, digest, state_root
from delea.artifact.manifest import (
    ABI,
    DATASET_HEADER,
    ELEMENT_BYTES,
    GRAPH_SECTION,
    SECTION,
    SEED_BYTES,
    STATE_HEADER,
    Field,
    Hyper,
    Manifest,
    Region,
    Regions,
    StateTensor,
    encode_manifest,
    parse_manifest,
    read_manifest,
)
from delea.artifact.state import ZERO_SEED, check_state, seed_of, step_of, tensor_bytes


@dataclass(frozen=True, slots=True)
class Artifact:
    """What a creator ships: three files, named on chain by two digests and a root."""

    module: bytes
    genesis: bytes
    dataset: bytes


__all__ = [
    "ABI",
    "DATASET_HEADER",
    "DIGEST_BYTES",
    "ELEMENT_BYTES",
    "GRAPH_SECTION",
    "LEAF_BYTES",
    "SECTION",
    "SEED_BYTES",
    "STATE_HEADER",
    "ZERO_SEED",
    "Artifact",
    "DatasetInfo",
    "Field",
    "Hyper",
    "Manifest",
    "Region",
    "Regions",
    "StateTensor",
    "check_state",
    "decode",
    "digest",
    "encode",
    "encode_dataset",
    "encode_manifest",
    "parse_manifest",
    "read_dataset",
    "read_manifest",
    "seed_of",
    "state_root",
    "step_of",
    "tensor_bytes",
]
