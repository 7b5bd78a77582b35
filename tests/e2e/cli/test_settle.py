"""What was left on a line that was rolled back is for its own trainer to settle."""


def test_settling_looks_for_ones_own_claims_however_old(delea, model):
    assert delea("train", model, "--key", "dev:1").code == 0
    assert delea("propose-rollback", model, 0, "--key", "dev:0").code == 0
    assert delea("chain", "warp", 600).code == 0
    assert delea("execute-rollback", model, 1, "--key", "dev:0").code == 0
    assert delea("chain", "warp", 10_000).code == 0

    def paid(*words):
        said = delea(*words, "--json")
        assert said.code == 0, said.err
        return [payment["version"] for payment in said.fields["payments"]]

    assert paid("settle", model, "--key", "dev:4") == []
    assert paid("settle", model, "--key", "dev:1") == [1]
