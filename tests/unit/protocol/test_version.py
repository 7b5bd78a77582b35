"""What can become of a version, by the contract's numbers."""

from delea.protocol.version import Status


def test_statuses_have_the_contracts_numbers():
    assert {status.name: status.value for status in Status} == {
        "PENDING": 1,
        "CHALLENGED": 2,
        "SETTLED": 3,
        "REFUTED": 4,
        "VOID": 5,
    }
