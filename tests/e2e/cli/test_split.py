"""`delea split` on a chain: create, deposit, send, withdraw, show, and what is refused."""

import pytest

from delea.chain import dev_key

GRANT = 5 * 10**22  # wei: 5 % of a million tokens
WEI = 10**18


@pytest.fixture
def split(delea, model):
    """The address of the model's split in a thousand parts."""
    return delea("split", "create", model, "--parts", 1_000, "--key", "dev:3", "--json").fields[
        "split"
    ]


def test_a_token_becomes_a_thousand_and_one_again(delea, model, chain, address):
    words = ("--parts", 1_000)
    made = delea("split", "create", model, *words, "--key", "dev:3", "--json")
    split = chain.split(model, 1_000).address
    identity = {"model": model, "parts": 1_000, "split": split}
    assert made.fields == identity | {"name": "Split 1000 of Tiny", "symbol": "TNY/1000"}
    again = delea("split", "create", model, *words, "--key", "dev:0")
    assert again.out == f"Split 1000 of Tiny (TNY/1000) is at {split}\n"

    put = delea("split", "deposit", model, "2.5", *words, "--key", "dev:0", "--json").fields
    assert put == identity | {
        "account": address(0),
        "amount_wei": 25 * WEI // 10,
        "parts_wei": 2_500 * WEI,
        "balance_wei": 2_500 * WEI,
    }
    chain.split(model, 1_000).transfer(
        address(1), 1_500 * WEI + 999, key=dev_key(0, chain_id=31_337)
    )
    shown = delea("split", "show", model, *words, "--account", address(1), "--json").fields
    assert shown == identity | {
        "name": "Split 1000 of Tiny",
        "symbol": "TNY/1000",
        "supply_wei": 2_500 * WEI,
        "held_wei": 25 * WEI // 10,
        "account": address(1),
        "balance_wei": 1_500 * WEI + 999,
        "withdrawable_wei": 15 * WEI // 10,
    }
    taken = delea("split", "withdraw", model, *words, "--key", "dev:1", "--json").fields
    assert taken == identity | {
        "account": address(1),
        "amount_wei": 15 * WEI // 10,
        "parts_wei": 1_500 * WEI,
        "balance_wei": 999,
    }
    assert chain.model(model).balance_of(address(1)) == 15 * WEI // 10


def test_people_read_both_tokens(delea, model, split, address):
    words = (model, "--parts", 1_000)
    put = delea("split", "deposit", *words, 2, "--key", "dev:0")
    assert put.out == (
        f"2.0000 TNY became 2,000.0000 TNY/1000; {address(0)} has 2,000.0000 TNY/1000 now\n"
    )
    back = delea("split", "withdraw", *words, "500000000000000000wei", "--key", "dev:0")
    assert back.out == (
        f"500.0000 TNY/1000 became 0.5000 TNY; {address(0)} has 1,500.0000 TNY/1000 now\n"
    )
    shown = delea("split", "show", *words, "--account", address(0))
    assert shown.out == (
        f"split   {split}, Split 1000 of Tiny (TNY/1000)\n"
        "supply  1,500.0000 TNY/1000\n"
        "holds   1.5000 TNY\n"
        f"{address(0)} has 1,500.0000 TNY/1000 and may withdraw 1.5000 TNY\n"
    )
    plain = delea("split", "show", *words, "--json").fields
    assert (plain["account"], plain["balance_wei"], plain["withdrawable_wei"]) == (None,) * 3


@pytest.mark.usefixtures("split")
def test_what_an_account_lacks_is_refused_before_anything_is_sent(refuses, delea, model, address):
    words = ("--parts", 1_000, "--key")
    poor = refuses("split", "deposit", model, 1, *words, "dev:7", kind="RefusedError")
    assert poor == f"1 TNY expected, {address(7)} has 0 TNY"
    beyond = f"{GRANT + 1}wei"
    one_wei = refuses("split", "deposit", model, beyond, *words, "dev:0", kind="RefusedError")
    assert one_wei == (f"50,000.000000000000000001 TNY expected, {address(0)} has 50,000 TNY")
    none = refuses("split", "withdraw", model, *words, "dev:7", kind="RefusedError")
    assert none.startswith(f"{address(7)} has nothing to withdraw from 0x")
    assert delea("split", "deposit", model, 2, *words, "dev:0").code == 0
    more = refuses("split", "withdraw", model, "2.5", *words, "dev:0", kind="RefusedError")
    assert more == f"2.5 TNY in TNY/1000 expected, {address(0)} has 2 TNY in TNY/1000"


def test_what_is_no_split_is_refused(refuses, model, address):
    words = ("--key", "dev:0")
    none = refuses("split", "deposit", model, 1, "--parts", 7, *words, kind="ChainError")
    assert none.startswith(f"a split of {model} in 7 parts expected at 0x")
    assert none.endswith("got none (delea split create makes it)")
    for parts in (1, 10**18 + 1):
        out_of_bounds = refuses(
            "split", "create", model, "--parts", parts, *words, code=2, kind="UsageError"
        )
        assert out_of_bounds.startswith("Invalid value for '--parts': ")
    unnamed = refuses("split", "show", model, code=2, kind="UsageError")
    assert unnamed == "Missing option '--parts'."
    nobody = refuses("split", "create", address(0), "--parts", 7, *words, kind="UnknownModelError")
    assert nobody == f"no contract lives at {address(0)}"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("deposit", "0"), "an amount above 0 expected, got 0"),
        (("withdraw", "0wei"), "an amount above 0 expected, got 0"),
        (("deposit", "-1"), "No such option: -1"),
        (("deposit", "much"), "an amount such as 12.5 or 1000wei expected, got 'much'"),
        (("withdraw", "1.0000000000000000001"), "an amount such as 12.5 or 1000wei expected"),
    ],
    ids=str,
)
def test_what_is_no_amount_is_refused(refuses, model, words, line):
    verb, amount = words
    given = ("split", verb, model, amount, "--parts", 1_000, "--key", "dev:0")
    assert refuses(*given, code=2, kind="UsageError").startswith(line)


def test_a_key_is_asked_for_before_the_chain(refuses, model):
    for words in (("create", model), ("deposit", model, 1), ("withdraw", model)):
        nowhere = ("--parts", 1_000, "--rpc", "http://127.0.0.1:9")
        line = refuses("split", *words, *nowhere, code=2, kind="UsageError")
        assert line.startswith("a key expected: --key dev:0")
