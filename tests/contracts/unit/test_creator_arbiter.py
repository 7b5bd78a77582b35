"""CreatorArbiter: the creator of a model decides its games."""


def test_the_creators_decision_reaches_the_model(world, model):
    version = world.train(0)
    world.challenge(version)
    world.arbiter.decide(model.address, version, 1, refuted=True, sender=world.creator)
    (event,) = world.arbiter.events()
    assert event.name == "Decided"
    assert event.fields == {
        "model": model.address,
        "version": version,
        "game": 1,
        "refuted": True,
    }
    assert model.version(version)["status"] == 4


def test_nobody_else_decides(world, model, refuses):
    version = world.train(0)
    world.challenge(version)
    for person in (world.trainer, world.challenger, world.attacker):
        with refuses("decide: not the creator"):
            world.arbiter.decide(model.address, version, 1, refuted=False, sender=person)


def test_the_creator_of_one_model_decides_nothing_in_another(world, refuses):
    version = world.train(0)
    world.challenge(version)
    world.people = {**world.people, "creator": world.attacker}
    mine = world.deploy()
    assert mine.creator() == world.attacker
    with refuses("decide: not the creator"):
        world.arbiter.decide(world.model.address, version, 1, refuted=True, sender=world.attacker)


def test_the_models_reason_comes_through(world, model, refuses):
    with refuses("rule: no open game"):
        world.arbiter.decide(model.address, 0, 1, refuted=True, sender=world.creator)
