"""`delea rule`: a steward votes on the open games by re-running."""

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


def rule(
    model: Model,
    unaudited: Unaudited = False,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Vote on the open games by re-running, as a steward, and decide what can be decided.

    The creator judges alone until a holder has a seat. A game whose score cannot be turned by the
    votes that are missing is decided at once, others after half of the verdict window.

    JSON: model, rulings (version, game, refuted, decided).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.roles import steward
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    address, _ = doors.check_address(model), doors.check_key(key)
    audit = doors.open_audit(unaudited=unaudited)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        with Session(chain, address, doors.open_store(store), audit=audit) as session:
            rulings = steward.rule_games(session, key=signer)
    for ruling in rulings:
        verdict = "refuted" if ruling.refuted else "upheld"
        rest = "" if ruling.decided else ", not decided yet: other stewards may turn it"
        out.say(f"version {ruling.version}, game {ruling.game}: {verdict}{rest}")
    if not rulings:
        out.say("no open games")
    fields = [
        {
            "version": ruling.version,
            "game": ruling.game,
            "refuted": ruling.refuted,
            "decided": ruling.decided,
        }
        for ruling in rulings
    ]
    out.result({"model": address, "rulings": fields})
