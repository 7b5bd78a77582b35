"""`delea create`: a `.delea` file becomes a model on a chain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delea.cli import terms as term
from delea.cli.options import DEFAULT_RPC, Json, KeyName, PasswordFile, Rpc, StoreFolder, Unaudited

if TYPE_CHECKING:
    from delea.protocol.terms import Terms
    from delea.roles.creator import Created


def create(  # noqa: PLR0913  # every term is an option
    file: Annotated[Path, typer.Argument(metavar="FILE.delea", help="What `delea build` wrote.")],
    *,
    name: Annotated[str, typer.Option(help="The token's name.", show_default=False)],
    symbol: Annotated[str, typer.Option(help="The token's symbol.", show_default=False)],
    supply: term.Supply = term.DEFAULT_SUPPLY,
    horizon: term.Horizon = None,
    alpha: term.Alpha = None,
    u: term.U = None,
    inferences_per_update: term.InferencesPerUpdate = term.DEFAULT_INFERENCES_PER_UPDATE,
    max_updates: term.MaxUpdates = None,
    challenge_window: term.ChallengeWindow = term.DEFAULT_WINDOW,
    verdict_window: term.VerdictWindow = term.DEFAULT_WINDOW,
    rollback_window: term.RollbackWindow = term.DEFAULT_WINDOW,
    bond_base: term.BondBase = term.DEFAULT_BOND_BASE,
    bond_per_update: term.BondPerUpdate = term.DEFAULT_BOND_PER_UPDATE,
    factory: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            envvar="DELEA_FACTORY",
            help="The factory; by default the chain's own, made if it is not there.",
            show_default=False,
        ),
    ] = None,
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Create a model with its own tokens, under terms for ever.

    An amount is in whole tokens or coins, such as 0.01, or in wei, such as 10wei. The files go to
    the store first. Whoever is first on a chain also puts there what all models share: the
    factory, its blueprint and the stewards' arbiter.

    JSON: address, chain_id, creator, alpha, u, seconds_per_update, terms.
    """
    from delea.cli import doors
    from delea.cli.amounts import parse_amount
    from delea.cli.output import Output
    from delea.roles import creator

    out = Output(as_json=as_json)
    offer = creator.Offer(
        name=name,
        symbol=symbol,
        supply=parse_amount(supply),
        horizon=term.choose_horizon(horizon, alpha, u),
        inferences_per_update=inferences_per_update,
        max_updates=max_updates,
        challenge_window=challenge_window,
        verdict_window=verdict_window,
        rollback_window=rollback_window,
        bond_base=parse_amount(bond_base),
        bond_per_update=parse_amount(bond_per_update),
    )
    doors.check_key(key)
    if factory is not None:
        factory = doors.check_address(factory)
    artifact = doors.open_bundle(file)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        made = creator.create(
            chain,
            doors.open_store(store),
            artifact,
            offer,
            key=signer,
            factory=factory,
            audit=doors.open_audit(unaudited=unaudited),
        )
        fields = {
            "address": made.address,
            "chain_id": chain.chain_id,
            "creator": signer.address,
            "alpha": alpha,
            "u": u,
            "seconds_per_update": round(made.seconds_per_update, 6),
            "terms": terms_fields(made.terms),
        }
    _show(out, made, alpha, u)
    out.result(fields)


def terms_fields(terms: "Terms") -> dict[str, Any]:
    """Return terms for JSON: digests in hex, amounts in wei."""
    return {
        "name": terms.name,
        "symbol": terms.symbol,
        "supply_wei": terms.supply,
        "horizon": terms.horizon,
        "inferences_per_update": terms.inferences_per_update,
        "max_updates": terms.max_updates,
        "artifact": terms.artifact.hex(),
        "dataset": terms.dataset.hex(),
        "genesis_root": terms.genesis_root.hex(),
        "challenge_window": terms.challenge_window,
        "verdict_window": terms.verdict_window,
        "rollback_window": terms.rollback_window,
        "bond_base_wei": terms.bond_base,
        "bond_per_update_wei": terms.bond_per_update,
        "arbiter": terms.arbiter,
    }


def terms_facts(terms: "Terms") -> dict[str, object]:
    """Return terms for people."""
    from delea.cli.amounts import show_amount

    return {
        "token": f"{terms.name} ({terms.symbol})",
        "supply": show_amount(terms.supply, terms.symbol),
        "horizon": f"{terms.horizon} updates",
        "inferences per update": terms.inferences_per_update,
        "updates per claim": f"at most {terms.max_updates}",
        "windows": f"challenge {terms.challenge_window} s, verdict {terms.verdict_window} s,"
        f" rollback {terms.rollback_window} s",
        "bond": f"{show_amount(terms.bond_base, 'coin')}"
        f" + {show_amount(terms.bond_per_update, 'coin')} per update",
        "module": terms.artifact.hex(),
        "dataset": terms.dataset.hex(),
        "genesis root": terms.genesis_root.hex(),
        "arbiter": terms.arbiter,
    }


def _show(out: Any, made: "Created", alpha: str | None, u: str | None) -> None:
    facts = {"model": made.address} | terms_facts(made.terms)
    if alpha is not None:
        facts["horizon"] = f"{facts['horizon']} (u = {u}, alpha = {alpha})"
    else:
        facts["horizon"] = f"{facts['horizon']} (alpha / u = 1/{made.terms.horizon})"
    out.facts(facts | {"measured": f"{made.seconds_per_update:.3f} s per update here"})
