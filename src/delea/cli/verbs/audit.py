"""`delea audit`: is a module legal, and exactly what its graph compiles to?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from delea.cli.options import DEFAULT_RPC, Json, Rpc, StoreFolder

if TYPE_CHECKING:
    from delea.artifact import Artifact


def audit(
    what: Annotated[
        str,
        typer.Argument(
            metavar="FILE.delea|MODEL",
            help="A file, or the address of a model.",
            show_default=False,
        ),
    ],
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    as_json: Json = False,
) -> None:
    """Check a module, run it, rebuild it from its graph.

    The rules of structure, a run on its dataset, then byte for byte what its graph compiles to: a
    module that passes hides nothing, and is remembered: others are refused wherever tokens or bonds
    are at stake, unless --unaudited is given there.

    JSON: artifact, dataset, genesis_root, module_bytes, parameters, policy, rebuilt.
    """
    from delea.artifact import digest, state_root
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import creator

    out = Output(as_json=as_json)
    is_model = doors.is_address(what)
    artifact = _fetch(what, rpc, store) if is_model else doors.open_bundle(Path(what))
    manifest = creator.check_artifact(artifact)
    doors.open_audit(again=True)(artifact.module)
    fields = {
        "artifact": digest(artifact.module).hex(),
        "dataset": digest(artifact.dataset).hex(),
        "genesis_root": state_root(artifact.genesis).hex(),
        "module_bytes": len(artifact.module),
        "parameters": manifest.parameter_count,
        "policy": True,
        "rebuilt": True,
    }
    out.facts(fields | {"policy": "legal", "rebuilt": "byte for byte the same"})
    out.result(fields)


def _fetch(address: str, rpc: str, folder: Path | None) -> "Artifact":
    """Return the artifact that a model names, from the store."""
    from delea.artifact import Artifact
    from delea.cli import doors

    with doors.open_chain(rpc) as chain:
        terms = chain.model(doors.check_address(address)).terms
    store = doors.open_store(folder)
    return Artifact(
        module=store.get_file(terms.artifact),
        genesis=store.get_state(terms.genesis_root),
        dataset=store.get_file(terms.dataset),
    )
