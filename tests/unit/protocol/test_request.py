"""A payment names its request; an answer answers one request, with the right outputs."""

from dataclasses import replace

import pytest

from delea.errors import DigestError
from delea.protocol.request import Request, Result, check_result

REQUEST = Request(31_337, "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512", 3, "0x" + "aa" * 20, b"in")


def test_every_vector_has_its_digest(vectors):
    made = [
        Request(
            int(case["chain_id"]),
            case["model"],
            int(case["version"]),
            case["payer"],
            bytes.fromhex(case["inputs"]),
        ).digest.hex()
        for case in vectors["requests"]
    ]
    assert made == [case["digest"] for case in vectors["requests"]]
    assert len(set(made)) == len(made) == 31


def test_the_outputs_of_the_re_run_are_accepted():
    check_result(REQUEST, Result(REQUEST.digest, b"out"), b"out")


def test_other_outputs_are_refused():
    with pytest.raises(DigestError, match="the outputs of version 3 expected"):
        check_result(REQUEST, Result(REQUEST.digest, b"out"), b"ouT")


def test_an_answer_to_another_request_is_refused():
    other = replace(REQUEST, version=4)
    with pytest.raises(DigestError, match=other.digest.hex()):
        check_result(REQUEST, Result(other.digest, b"out"), b"out")
