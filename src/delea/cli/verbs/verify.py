"""`delea verify`: re-run claims, and challenge the wrong ones."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from delea.cli.options import (
    DEFAULT_RPC,
    Json,
    KeyName,
    Model,
    PasswordFile,
    Rpc,
    StoreFolder,
    Unaudited,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from delea.chain import Key
    from delea.cli.output import Output
    from delea.protocol.claim import Claim
    from delea.protocol.version import Version
    from delea.roles.session import Session
    from delea.roles.verifier import Check


def verify(  # noqa: PLR0913  # each is an option
    model: Model,
    versions: Annotated[
        list[int] | None,
        typer.Argument(
            metavar="VERSION",
            help="Which claims; by default all that can still be challenged.",
            show_default=False,
        ),
    ] = None,
    *,
    challenge: Annotated[
        bool, typer.Option("--challenge", help="Challenge refuted claims: it takes a bond.")
    ] = False,
    watch: Annotated[
        bool, typer.Option("--watch", help="Wait for new claims until Ctrl-C.")
    ] = False,
    every: Annotated[
        float, typer.Option(min=0.1, max=3600, metavar="SECONDS", help="How often to look.")
    ] = 5.0,
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> int:
    """Re-run claims, and challenge the wrong ones.

    The exit code is 0 if all were upheld, 1 if any was not. Only a challenge needs a key. A claim
    on top of a wrong one cannot be judged (null): it has no right root, and is void once the other
    is refuted. A watch goes on when the node falls silent: it looks again, every 30 s at last, and
    ends only if another chain answers then, or one without the model.

    JSON: model, checks (version, verdict "upheld"|"refuted"|null, right_root, game, reason); with
    --watch also silences of the node (reason, seconds; null: it was silent at the end).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.errors import UsageError
    from delea.roles.session import Session

    if watch and versions:
        raise UsageError("either --watch or VERSION expected, got both")
    out = Output(as_json=as_json)
    address, audit = doors.check_address(model), doors.open_audit(unaudited=unaudited)
    if challenge:
        doors.check_key(key)
    checks: list[dict[str, Any]] = []
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id) if challenge else None
        with Session(chain, address, doors.open_store(store), audit=audit) as session:
            if watch:
                return _watch(out, session, signer, every)
            wanted = _wanted(session, versions)
            checks = [_verify(out, session, version, signer) for version in wanted]
    if not checks:
        out.say("no open claims")
    return _finish(out, address, checks)


def _wanted(session: "Session", versions: "Sequence[int] | None") -> "list[Version]":
    from delea.roles import verifier

    if not versions:
        return verifier.open_claims(session)
    verifier.check_claimed(session.model, versions)
    return [session.model.version(version) for version in versions]


def _watch(out: "Output", session: "Session", key: "Key | None", every: float) -> int:
    """Check claims as they come; Ctrl-C ends it."""
    from delea.cli.entry import INTERRUPTED
    from delea.cli.watching import keep_looking
    from delea.errors import ReorgError
    from delea.roles import verifier

    checks: dict[Claim, dict[str, Any]] = {}  # by number alone, a reorg could slip another one in
    silences: list[dict[str, Any]] = []

    def look() -> None:
        for version in verifier.open_claims(session):
            try:
                claim = session.claim(version)
                if claim not in checks:
                    checks[claim] = _verify(out, session, version, key)
            except ReorgError as fault:  # what stands there now is looked at next
                out.say(f"version {version.id}: {fault}")

    out.say("waiting for claims; Ctrl-C ends it")
    try:
        keep_looking(out, session, look, every, silences)
    except KeyboardInterrupt:
        _finish(out, session.model.address, list(checks.values()), silences=silences)
        return INTERRUPTED


def _verify(
    out: "Output", session: "Session", version: "Version", key: "Key | None"
) -> dict[str, Any]:
    """Re-run one claim, challenge it if it is wrong and a key is there; return it for JSON."""
    from delea.cli.progress import bar
    from delea.errors import DigestError
    from delea.protocol.claim import Refuted
    from delea.roles import verifier

    fields: dict[str, Any] = {
        "version": version.id,
        "verdict": None,
        "right_root": None,
        "game": None,
        "reason": None,
    }
    steps = version.updates * session.manifest.steps_per_update
    try:
        with bar(out, f"version {version.id}", steps) as on_step:
            check = verifier.verify(session, version, on_step=on_step)
    except DigestError as fault:
        out.say(f"version {version.id}: not judged, {fault}")
        return fields | {"reason": str(fault)}
    if not isinstance(check.verdict, Refuted):
        out.say(f"version {version.id}: upheld")
        return fields | {"verdict": "upheld"}
    root = check.verdict.right_root.hex()
    out.say(f"version {version.id}: refuted, {version.root.hex()} claimed, {root} is right")
    game = None if key is None else _challenge(out, session, version, check, key)
    return fields | {"verdict": "refuted", "right_root": root, "game": game}


def _challenge(
    out: "Output", session: "Session", version: "Version", check: "Check", key: "Key"
) -> int | None:
    """Challenge a refuted claim, unless it is too late or this key has done so; return the game."""
    from delea.errors import RevertError
    from delea.roles import verifier

    if (game := verifier.find_game(session, version, key.address)) is not None:
        out.say(f"version {version.id}: not challenged again, game {game} of {key.address} is open")
        return game
    try:
        game = verifier.challenge(session, check, key=key).game
    except RevertError as fault:  # it was decided, or its window closed, while it was re-run
        out.say(f"version {version.id}: not challenged, {fault}")
        return None
    out.say(f"version {version.id}: challenged, game {game}")
    return game


def _finish(out: "Output", model: str, checks: list[dict[str, Any]], **more: Any) -> int:
    out.result({"model": model, "checks": checks, **more})
    wrong = [str(check["version"]) for check in checks if check["verdict"] != "upheld"]
    if wrong:
        out.warn(f"{len(wrong)} of {len(checks)} claims not upheld: version {', '.join(wrong)}")
    return 1 if wrong else 0
