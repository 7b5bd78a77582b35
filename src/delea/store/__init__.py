"""The store: keeps bytes by their IPFS names, and reads nothing it has not checked."""

from delea.store.bundle import pack, read_bundle, unpack, write_bundle
from delea.store.car import Car, encode_car, read_car, write_car
from delea.store.cid import Codec, cid_of
from delea.store.store import MAX_BLOCK_BYTES, Store
from delea.store.unixfs import MAX_FILE_BYTES, Block, file_cid

__all__ = [
    "MAX_BLOCK_BYTES",
    "MAX_FILE_BYTES",
    "Block",
    "Car",
    "Codec",
    "Store",
    "cid_of",
    "encode_car",
    "file_cid",
    "pack",
    "read_bundle",
    "read_car",
    "unpack",
    "write_bundle",
    "write_car",
]
