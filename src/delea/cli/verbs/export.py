"""`delea export`: a version's weights go out as a file that others read."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, Rpc, StoreFolder

if TYPE_CHECKING:
    from delea.roles.exports import Export


class Format(StrEnum):
    """What a file can be."""

    SAFETENSORS = "safetensors"
    ONNX = "onnx"


def export(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE.delea|MODEL",
            help="A file, whose first state goes out, or the address of a model.",
            show_default=False,
        ),
    ],
    version: Annotated[
        int | None,
        typer.Argument(metavar="VERSION", help="Of a model; by default the head."),
    ] = None,
    *,
    to: Annotated[
        Path,
        typer.Option("-o", "--out", metavar="FILE", help="Where to write.", show_default=False),
    ],
    kind: Annotated[Format, typer.Option("--format", help="As what.")] = Format.SAFETENSORS,
    card: Annotated[
        Path | None,
        typer.Option(metavar="FILE.md", help="Write a model card, too.", show_default=False),
    ] = None,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    as_json: Json = False,
) -> None:
    """Write a version's weights for others to read.

    As ONNX the network goes with them. The same version gives the same bytes each time. The model
    card says contract, version and root, and how to check them.

    JSON: file, format, bytes, digest, root, version (null for a file), tensors (their names).
    """
    from delea.artifact import digest, state_root
    from delea.cli.output import Output
    from delea.roles import exports
    from delea.store.files import write_atomic

    out = Output(as_json=as_json)
    found = _open(what, version, rpc, store)
    write = exports.to_onnx if kind is Format.ONNX else exports.to_safetensors
    data = write(found)
    write_atomic(to, data)
    if card is not None:
        write_atomic(card, exports.model_card(found, to.name, data).encode())
    names = list(exports.tensors_of(found))
    fields = {
        "file": str(to),
        "format": kind.value,
        "bytes": len(data),
        "digest": digest(data).hex(),
        "root": state_root(found.state).hex(),
        "version": None if found.origin is None else found.origin.version,
        "tensors": names,
    }
    shown = "of a file" if found.origin is None else found.origin.version
    out.facts(fields | {"tensors": len(names), "version": shown})
    out.result(fields)


def _open(what: str, version: int | None, rpc: str, folder: Path | None) -> "Export":
    """Return what is exported: a bundle's genesis, or a version of a model on a chain."""
    from delea.artifact import digest
    from delea.cli import doors
    from delea.errors import UsageError
    from delea.roles import exports

    if not doors.is_address(what):
        if version is not None:
            raise UsageError(f"a version of a model on a chain expected, got one of {what}")
        artifact = doors.open_bundle(Path(what))
        return exports.Export(artifact.module, digest(artifact.dataset), artifact.genesis)
    with doors.open_chain(rpc) as chain:
        model = chain.model(doors.check_address(what))
        return exports.fetch_export(doors.open_store(folder), model, chain.chain_id, version)
