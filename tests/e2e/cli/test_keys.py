"""Keys: made once, opened with their password, named by --key or DELEA_KEY."""

import io
import stat

import pytest

from delea.chain import create_keystore, keys

QUICK_ROUNDS = 2


@pytest.fixture
def keystore(tmp_path):
    path = tmp_path / "key.json"
    return path, create_keystore(path, "secret", rounds=QUICK_ROUNDS).address


def test_a_new_key_is_private_and_opens_again(delea, tmp_path, monkeypatch):
    make = keys.create_keystore
    monkeypatch.setattr(keys, "create_keystore", lambda *two: make(*two, rounds=QUICK_ROUNDS))
    (tmp_path / "password").write_text("secret\n")
    words = ("--password-file", tmp_path / "password", "--json")
    made = delea("keys", "new", tmp_path / "new.json", *words).fields
    assert made["path"] == str(tmp_path / "new.json")
    assert stat.S_IMODE((tmp_path / "new.json").stat().st_mode) == 0o600
    shown = delea("keys", "show", "--key", tmp_path / "new.json", *words)
    assert shown.fields == {"address": made["address"]}
    again = delea("keys", "new", tmp_path / "new.json", *words)
    assert (again.code, again.fields["error"]["type"]) == (1, "KeyStoreError")


def test_a_password_may_come_from_the_environment(delea, keystore, monkeypatch):
    path, address = keystore
    monkeypatch.setenv("DELEA_PASSWORD", "secret")
    monkeypatch.setenv("DELEA_KEY", str(path))
    assert delea("keys", "show").out == f"{address}\n"


@pytest.mark.parametrize(
    ("key", "password", "code", "says"),
    [
        ("{path}", "wrong", 1, "wrong password for the keystore"),
        ("{path}", None, 1, "a password expected in --password-file or DELEA_PASSWORD, got none"),
        ("{path}.no", "secret", 1, "no such file"),
        ("dev:10", None, 1, "dev:0 to dev:9 expected, got dev:10"),
        ("dev:x", None, 1, "dev:0 to dev:9 expected, got 'dev:x'"),
        (None, None, 2, "a key expected: --key dev:0, --key KEYSTORE, or DELEA_KEY; got none"),
    ],
)
def test_a_key_that_does_not_open_is_refused(
    delea, model, keystore, monkeypatch, key, password, code, says
):
    monkeypatch.setattr("sys.stdin", io.StringIO())  # no terminal
    if password is not None:
        monkeypatch.setenv("DELEA_PASSWORD", password)
    words = () if key is None else ("--key", key.format(path=keystore[0]))
    said = delea("train", model, *words)
    assert (said.code, said.out) == (code, "")
    assert said.err.count("\n") == 1
    assert says in said.err


def test_a_password_file_that_is_not_there_is_refused(delea, keystore, tmp_path):
    said = delea("keys", "show", "--key", keystore[0], "--password-file", tmp_path / "none")
    assert (said.code, said.err) == (1, f"delea: no file at {tmp_path / 'none'}\n")
