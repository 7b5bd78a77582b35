"""Where the store is, and where passwords come from."""

import re
from pathlib import Path

import pytest

from delea.cli import doors
from delea.errors import KeyStoreError, MalformedError, MissingError, UnreachableError, UsageError


@pytest.fixture
def terminal(monkeypatch):
    """A terminal at which somebody types these answers."""

    def typing(*answers: str) -> None:
        waiting = list(answers)

        def getpass(*_: object) -> str:
            if not waiting:
                raise EOFError
            return waiting.pop(0)

        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        monkeypatch.setattr(doors, "getpass", getpass)
        monkeypatch.delenv("DELEA_PASSWORD", raising=False)

    return typing


def test_the_store_is_where_it_is_named(tmp_path):
    assert doors.open_store(tmp_path).path == tmp_path


def test_the_store_is_in_the_data_folder_of_the_user(monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert doors.open_store(None).path == Path("/data/delea/store")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/them")
    assert doors.open_store(None).path == Path("/them/.local/share/delea/store")


def test_a_terminal_is_asked_once_for_an_old_key_and_twice_for_a_new_one(terminal):
    terminal("secret")
    assert doors.find_password(None) == "secret"
    terminal("secret", "secret")
    assert doors.find_password(None, is_new=True) == "secret"


def test_two_different_passwords_make_no_key(terminal):
    terminal("secret", "Secret")
    with pytest.raises(KeyStoreError, match="the same password twice"):
        doors.find_password(None, is_new=True)


def test_the_end_of_input_is_no_password(terminal):
    terminal()
    with pytest.raises(KeyStoreError, match="a password expected, got none"):
        doors.find_password(None)


def test_a_file_comes_before_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("DELEA_PASSWORD", "other")
    (tmp_path / "password").write_bytes(" söcret \r\n".encode())
    assert doors.find_password(tmp_path / "password") == " söcret "
    assert doors.find_password(None) == "other"


def test_a_password_file_of_other_bytes_is_refused(tmp_path):
    (tmp_path / "password").write_bytes(b"\xff\xfe")
    with pytest.raises(KeyStoreError, match="a password in UTF-8 expected"):
        doors.find_password(tmp_path / "password")


def test_a_name_too_long_for_a_file_is_no_keystore():
    with pytest.raises(KeyStoreError, match="no such file"):
        doors.open_key("k" * 5000, None, chain_id=31_337)


@pytest.mark.parametrize("name", ["model.py", "absent", "."])
def test_what_is_no_delea_file_is_refused(tmp_path, name):
    (tmp_path / "model.py").write_text("program = 3")
    says = rf"^a \.delea file expected \(delea build makes one\), got {re.escape(str(tmp_path))}"
    with pytest.raises(UsageError, match=says):
        doors.open_bundle(tmp_path / name)


def test_a_damaged_or_missing_delea_file_is_told_as_such(tmp_path):
    (tmp_path / "m.delea").write_text("program = 3")
    with pytest.raises(MalformedError):
        doors.open_bundle(tmp_path / "m.delea")
    with pytest.raises(MissingError, match="no file at "):
        doors.open_bundle(tmp_path / "absent.delea")


def test_a_local_chain_that_is_not_there_can_be_started():
    url = "http://127.0.0.1:1"
    says = rf"^no chain answers at {url} \(delea chain starts a local one\)$"
    with pytest.raises(UnreachableError, match=says):
        doors.open_chain(url)


def test_a_chain_elsewhere_is_not_there_for_us_to_start(monkeypatch):
    def connect(url):
        raise UnreachableError(f"no chain answers at {url}")

    monkeypatch.setattr("delea.chain.Chain.connect", connect)
    with pytest.raises(UnreachableError, match=r"^no chain answers at https://else\.where$"):
        doors.open_chain("https://else.where")


def test_audits_are_remembered_beside_the_store_of_the_user(monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr("delea.roles.auditing.check_audited", asked.append)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    doors.open_audit()(b"module")
    doors.open_audit()(b"module")
    assert asked == [b"module"]
    assert len(list((tmp_path / "delea" / "audited").iterdir())) == 1
    doors.open_audit(again=True)(b"module")
    assert len(asked) == 2


def test_unaudited_takes_any_module(monkeypatch):
    monkeypatch.setattr("delea.roles.auditing.check_audited", None)
    doors.open_audit(unaudited=True)(b"module")
