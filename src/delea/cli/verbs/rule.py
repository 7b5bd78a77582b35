"""`delea rule`: the creator decides the open games by re-running."""

from delea.cli.options import DEFAULT_RPC, Json, KeyName, Model, PasswordFile, Rpc, StoreFolder


def rule(
    model: Model,
    rpc: Rpc = DEFAULT_RPC,
    store: StoreFolder = None,
    key: KeyName = None,
    password_file: PasswordFile = None,
    as_json: Json = False,
) -> None:
    """Decide the open games by re-running, as the creator.

    JSON: model, decided (version, refuted).
    """
    from delea.cli import doors
    from delea.cli.output import Output
    from delea.protocol.version import Status
    from delea.roles import creator
    from delea.roles.session import Session

    out = Output(as_json=as_json)
    address, _ = doors.check_model(model), doors.check_key(key)
    with doors.open_chain(rpc) as chain:
        signer = doors.open_key(key, password_file, chain_id=chain.chain_id)
        with Session(chain, address, doors.open_store(store)) as session:
            decided = [
                {
                    "version": version,
                    "refuted": session.model.version(version).status is Status.REFUTED,
                }
                for version in creator.rule_games(session, key=signer)
            ]
    for case in decided:
        out.say(f"version {case['version']}: {'refuted' if case['refuted'] else 'upheld'}")
    if not decided:
        out.say("no open games")
    out.result({"model": address, "decided": decided})
