import json
import subprocess
import sys

import pytest

import delea.chain
from delea.chain import create_keystore, dev_key, load_key, open_keystore
from delea.errors import KeyStoreError

FAST = 2  # rounds of scrypt: a test needs no protection
TRANSFER = {
    "chainId": 31337,
    "type": 2,
    "nonce": 0,
    "to": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "value": 1,
    "gas": 21000,
    "maxFeePerGas": 10**9,
    "maxPriorityFeePerGas": 1,
}


@pytest.fixture
def keystore(tmp_path):
    path = tmp_path / "keys" / "trainer.json"
    return path, create_keystore(path, "a password", rounds=FAST)


def altered(path, change):
    sealed = json.loads(path.read_text())
    change(sealed)
    path.write_text(json.dumps(sealed))


def test_a_new_key_is_opened_again_with_its_password(keystore):
    path, key = keystore
    again = open_keystore(path, "a password")
    assert again == key
    assert again.sign(TRANSFER) == key.sign(TRANSFER)
    assert delea.chain.keys.Account.recover_transaction(key.sign(TRANSFER)) == key.address


def test_a_keystore_is_readable_by_its_owner_alone(keystore):
    path, _ = keystore
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["trainer.json"]


def test_a_keystore_is_version_3_and_holds_no_plain_secret(keystore):
    path, key = keystore
    assert json.loads(path.read_text())["version"] == 3
    assert key._signer.key.hex() not in path.read_text()


def test_showing_a_key_never_shows_its_secret():
    key = dev_key(0, chain_id=31337)
    secret = key._signer.key.hex()
    assert secret.endswith("ff80")
    assert repr(key) == "Key(address='0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266')"
    assert secret not in f"{key} {key!r} {[key]}"


def test_a_wrong_password_is_refused(keystore):
    path, _ = keystore
    with pytest.raises(KeyStoreError, match=r"^wrong password for the keystore .*trainer.json$"):
        open_keystore(path, "another")


def test_an_empty_password_is_refused(tmp_path):
    with pytest.raises(KeyStoreError, match="got an empty one"):
        create_keystore(tmp_path / "key.json", "", rounds=FAST)
    assert list(tmp_path.iterdir()) == []


def test_a_key_never_overwrites_another(keystore):
    path, key = keystore
    with pytest.raises(KeyStoreError, match="a new file expected"):
        create_keystore(path, "a password", rounds=FAST)
    assert open_keystore(path, "a password") == key
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "7", "not json", "[" * 10_000, '{"crypto": 7}', "x" * 20_000, "\udcff"],
)
def test_a_file_that_is_no_keystore_is_refused(tmp_path, text):
    path = tmp_path / "key.json"
    path.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(KeyStoreError, match="a keystore v3 file expected at") as refusal:
        open_keystore(path, "a password")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", ["crypto", "version"])
def test_a_keystore_that_lacks_a_part_is_refused(keystore, name):
    path, _ = keystore
    altered(path, lambda sealed: sealed.pop(name))
    with pytest.raises(KeyStoreError, match="a keystore v3 file expected"):
        open_keystore(path, "a password")


@pytest.mark.parametrize(
    "name", ["ciphertext", "kdf", "kdfparams", "mac", "cipher", "cipherparams"]
)
@pytest.mark.parametrize("value", [None, "zz", 7, {}])
def test_a_keystore_with_an_altered_part_is_refused(keystore, name, value):
    path, _ = keystore
    altered(path, lambda sealed: sealed["crypto"].update({name: value}))
    with pytest.raises(KeyStoreError) as refusal:
        open_keystore(path, "a password")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    "params",
    [
        {"n": 1 << 40},
        {"n": 1 << 23, "r": 1},
        {"r": 1 << 30},
        {"p": 1 << 30},
        {"n": -2},
        {"n": 2.0},
        {"dklen": 1 << 40},
    ],
)
def test_a_keystore_that_would_take_for_ever_to_open_is_refused(keystore, params):
    path, _ = keystore
    altered(path, lambda sealed: sealed["crypto"]["kdfparams"].update(params))
    with pytest.raises(KeyStoreError, match="a keystore v3 file expected"):
        open_keystore(path, "a password")


def test_a_missing_keystore_says_so(tmp_path):
    with pytest.raises(KeyStoreError, match=r"^cannot read the keystore .*: No such file"):
        open_keystore(tmp_path / "none.json", "a password")
    with pytest.raises(KeyStoreError):
        open_keystore(tmp_path, "a password")


def test_the_dev_accounts_are_those_of_the_local_chain():
    assert dev_key(0, chain_id=31337).address == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"
    assert load_key("dev:9", chain_id=31337).address == "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"


@pytest.mark.parametrize("chain_id", [1, 1337, 11155111])
def test_a_dev_account_is_refused_on_any_other_chain(chain_id):
    with pytest.raises(KeyStoreError, match=f"local chain 31337, this is chain {chain_id}"):
        load_key("dev:0", chain_id=chain_id)


@pytest.mark.parametrize(
    "name", ["dev:", "dev:10", "dev:-1", "dev:x", "dev:\u0661", "dev:1e3", "dev: 1"]
)
def test_an_account_that_is_none_of_the_ten_is_refused(name):
    with pytest.raises(KeyStoreError, match="dev:0 to dev:9 expected"):
        load_key(name, chain_id=31337)


def test_a_key_is_loaded_from_the_path_of_its_keystore(keystore):
    path, key = keystore
    assert load_key(str(path), chain_id=1, password="a password") == key
    with pytest.raises(KeyStoreError, match="a password expected for the keystore"):
        load_key(str(path), chain_id=1)


def test_importing_the_door_imports_nothing_heavy():
    program = "import sys, delea.chain, delea.store; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "delea.chain" in loaded
    assert not {"web3", "eth_account", "eth_abi", "requests", "wasmtime"} & set(loaded)


def test_the_door_opens_on_what_it_lists_and_nothing_else():
    for name in delea.chain.__all__:
        assert getattr(delea.chain, name).__name__ == name
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = delea.chain.Nothing


def test_opening_keys_leaves_python_safe_from_deep_nesting():
    program = """
import sys, json
before = sys.getrecursionlimit()
import delea.chain.keys
assert sys.getrecursionlimit() == before
try:
    json.loads("[" * 1_000_000)
except RecursionError:
    print("safe")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert done.stdout == b"safe\n"
