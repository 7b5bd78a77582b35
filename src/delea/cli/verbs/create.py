"""`delea create`: a `.delea` file becomes a model on a chain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from delea.cli.options import DEFAULT_RPC, Json, KeyName, PasswordFile, Rpc, StoreFolder, Unaudited

if TYPE_CHECKING:
    from delea.protocol.terms import Terms
    from delea.roles.creator import Created

_DAY = 86_400


def create(  # noqa: PLR0913  # every term is an option
    file: Annotated[Path, typer.Argument(metavar="FILE.delea", help="What `delea build` wrote.")],
    *,
    name: Annotated[str, typer.Option(help="The token's name.", show_default=False)],
    symbol: Annotated[str, typer.Option(help="The token's symbol.", show_default=False)],
    supply: Annotated[
        str, typer.Option(metavar="TOKENS", help="All the tokens there will ever be.")
    ] = "1000000",
    horizon: Annotated[
        int | None,
        typer.Option(metavar="UPDATES", help="u / alpha: how flat the curve is.  [default: 10000]"),
    ] = None,
    alpha: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="With --u, in place of --horizon.")
    ] = None,
    u: Annotated[
        str | None, typer.Option("--u", metavar="UPDATES", help="With --alpha.", show_default=False)
    ] = None,
    inferences_per_update: Annotated[
        int, typer.Option(metavar="N", help="How many inferences the reward of one update buys.")
    ] = 1_000,
    max_updates: Annotated[
        int | None,
        typer.Option(
            metavar="UPDATES",
            help="The most one claim may hold; by default what can be checked in time.",
            show_default=False,
        ),
    ] = None,
    challenge_window: Annotated[int, typer.Option(metavar="SECONDS")] = _DAY,
    verdict_window: Annotated[int, typer.Option(metavar="SECONDS")] = _DAY,
    rollback_window: Annotated[int, typer.Option(metavar="SECONDS")] = _DAY,
    bond_base: Annotated[
        str, typer.Option(metavar="COIN", help="A claim's bond in native coin, and")
    ] = "0.01",
    bond_per_update: Annotated[
        str, typer.Option(metavar="COIN", help="what each of its updates adds.")
    ] = "0.0001",
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
    updates = _horizon(horizon, alpha, u)
    offer = creator.Offer(
        name=name,
        symbol=symbol,
        supply=parse_amount(supply),
        horizon=updates,
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


def _horizon(horizon: int | None, alpha: str | None, u: str | None) -> int:
    """Return the horizon that was given in one of its two ways."""
    from delea.cli.amounts import horizon_of, parse_fraction
    from delea.errors import UsageError

    if alpha is None and u is None:
        return 10_000 if horizon is None else horizon
    if horizon is not None or alpha is None or u is None:
        raise UsageError("either --horizon, or --alpha and --u expected, got others")
    return horizon_of(parse_fraction(alpha), parse_fraction(u))


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
