"""No transaction becomes dearer with what came before: versions, games, rivals, proposals."""

SLACK = 6_000  # gas: some words are read or written here for the first time
MANY = 800


def grow(world, count):
    """So many settled versions, dead rivals with games, pending versions, and rollbacks."""
    model = world.model
    for _ in range(count):
        world.settled(model.head(), 1)
    for _ in range(count):
        version = world.train(model.head(), 1)
        world.rule(version, world.challenge(version), refuted=True)
    for _ in range(count // 10):
        world.rolled_back(0)
    version = world.train(model.head(), 1)
    for _ in range(count):
        world.rule(version, world.challenge(version), refuted=False)
    for _ in range(count):
        world.train(model.version_count() - 1, 1)


def costs(world):
    """What each kind of call takes now."""
    model, chain, gas = world.model, world.chain, {}

    def note(name, outcome):
        gas[name] = chain.evm.result.gas_used
        return outcome

    parent = model.version_count() - 1  # the last of the pending ones
    first = note("train", world.train(parent, 1))
    game = note("challenge", world.challenge(first))
    beside = note("train beside", world.train(parent, 1))
    world.challenge(first)
    note("rule", world.rule(first, game, refuted=True))
    note("reclaim", model.reclaim(first, 2))
    child = world.train(beside, 1)
    world.rule(beside, world.challenge(beside), refuted=True)
    note("void", model.void(child))
    last = world.train(parent, 1)
    chain.wait(100)
    for version in range(model.head() + 1, last):
        if model.version(version)["status"] in (1, 2):
            assert model.settle(version)
    note("settle", model.settle(last))
    note("withdraw", model.withdraw(sender=world.trainer))
    note("infer", model.infer(1, 2**255, world.root(1), sender=world.creator))
    note("transfer", model.transfer(world.consumer, 1, sender=world.creator))
    proposal = note("propose_rollback", model.propose_rollback(last, sender=world.creator))
    note("vote_rollback", model.vote_rollback(proposal, 1, sender=world.creator))
    chain.wait(150)
    note("execute_rollback", model.execute_rollback(proposal))
    return gas


def test_no_call_becomes_dearer_with_the_length_of_the_history(world):
    used = []
    for count in (10, MANY):
        there = world.with_model()
        there.people = dict(world.people)
        grow(there, count)
        used.append(costs(there))
    few, many = used
    assert len(many) == 13
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name] + SLACK} == {}
