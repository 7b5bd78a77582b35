import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from delea.chain import Anvil, Chain, LocalChain, find_anvil
from delea.chain.anvil import _LAUNCH
from delea.errors import ChainError

CHILD = """
import signal, time
from delea.chain import Anvil
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background ignores it
with Anvil() as anvil:
    print(anvil.pid, flush=True)
    while True:
        time.sleep(0.05)  # a signal just before a long sleep would be seen after it
"""


@pytest.fixture(scope="module")
def other():
    """A chain whose clock and history a test may change."""
    with Anvil() as running:
        yield running


@pytest.fixture(scope="module")
def other_chain(other):
    with Chain.connect(other.url) as connected:
        yield connected


def is_alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in {"Z", "X"}


def ends(pid, within_s=5.0):
    deadline = time.monotonic() + within_s
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not is_alive(pid)


@pytest.fixture
def parent():
    """A Python process that runs anvil, and the process id of that anvil."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            pid = int(process.stdout.readline())
            assert is_alive(pid)
            yield process, pid
        finally:
            process.kill()


def test_killing_the_parent_leaves_no_anvil(parent):
    process, pid = parent
    process.kill()
    assert ends(pid)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_stopping_the_parent_leaves_no_anvil(parent, number):
    process, pid = parent
    process.send_signal(number)
    process.wait(20)
    assert ends(pid)


def test_ctrl_c_reaches_the_parent_and_not_anvil(parent):
    process, pid = parent
    assert os.getsid(pid) != os.getsid(process.pid)


def test_a_parent_that_died_before_the_launch_leaves_no_anvil():
    launch = [sys.executable, "-c", _LAUNCH, str(os.getpid() + 1), "/bin/echo", "started"]
    done = subprocess.run(launch, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "the parent is gone\n")


def test_the_end_of_the_with_block_ends_it_whatever_happened():
    started = []

    def interrupted():
        with Anvil() as running:
            started.append(running)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert not is_alive(started[0].pid)
    started[0].stop()


def test_it_listens_on_loopback_alone_at_the_port_it_says(other, other_chain):
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", other.url)
    assert other_chain.chain_id == 31337
    listening = Path(f"/proc/{other.pid}/net/tcp").read_text()
    port = f"{int(other.url.rpartition(':')[2]):04X}"
    addresses = re.findall(rf"\d+: ([0-9A-F]+):{port} 00000000:0000 0A", listening)
    assert addresses == ["0100007F"]


def test_a_port_of_choice_is_taken_and_a_taken_one_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ChainError, match="anvil did not start: ") as refusal:
            Anvil(port=port)
        assert "\n" not in str(refusal.value)
    with Anvil(port=port) as running:
        assert running.url == f"http://127.0.0.1:{port}"


def allowed_origin(url):
    answer = requests.options(
        url,
        headers={"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"},
        timeout=5,
    )
    return answer.headers.get("access-control-allow-origin")


def test_web_pages_are_shut_out_but_for_the_one_that_is_let_in(other):
    assert allowed_origin(other.url) is None
    with Anvil(allow_origin="http://localhost:5173") as running:
        assert allowed_origin(running.url) == "http://localhost:5173"


def test_the_clock_moves_forward_and_stays_there(other, other_chain):
    before = other_chain.now()
    other.increase_time(1000)
    assert 1000 <= other_chain.now() - before <= 1005
    other.mine()
    assert other_chain.now() - before >= 1000
    with pytest.raises(ChainError, match="at least 0 s expected, got -1"):
        other.increase_time(-1)


def test_blocks_are_mined_at_once_and_each_second(other, other_chain):
    before = other_chain.block_number()
    other.mine(50)
    assert other_chain.block_number() - before in {50, 51}
    time.sleep(1.2)
    assert other_chain.block_number() - before > 50


def test_a_snapshot_is_gone_back_to_once(other, other_chain, roles):
    account = "0x00000000000000000000000000000000000000aa"
    snapshot = other.snapshot()
    other_chain.fund(account, 7, key=roles.trainer)
    assert other_chain.balance_of(account) == 7
    other.revert(snapshot)
    assert other_chain.balance_of(account) == 0
    with pytest.raises(ChainError):
        other.revert(snapshot)


def test_a_reorganisation_undoes_the_latest_blocks(other, other_chain, roles):
    account = "0x00000000000000000000000000000000000000bb"
    other.mine(3)
    other_chain.fund(account, 7, key=roles.trainer)
    height = other_chain.block_number()
    other.reorg(3)
    assert other_chain.balance_of(account) == 0
    assert other_chain.block_number() >= height


def test_a_balance_is_set(other, other_chain):
    account = "0x00000000000000000000000000000000000000cc"
    other.set_balance(account, 10**18)
    assert other_chain.balance_of(account) == 10**18


def test_controls_by_url_move_the_same_clock(other, other_chain):
    controls = LocalChain(other.url)
    before = other_chain.now()
    controls.increase_time(500)
    controls.close()
    assert other_chain.now() - before >= 500


@pytest.fixture
def bare(tmp_path, monkeypatch):
    """A machine without anvil: no variable, no packages, an empty PATH."""
    monkeypatch.delenv("DELEA_ANVIL", raising=False)
    monkeypatch.setattr("delea.chain.anvil.__file__", str(tmp_path / "a/b/c/d/anvil.py"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("bare")
def test_without_anvil_the_command_that_installs_it_is_named():
    with pytest.raises(ChainError, match=r"^anvil is not installed: run `npm install @foundry-rs/"):
        find_anvil()


def test_anvil_is_looked_for_in_order(bare, monkeypatch):
    program = find_anvil_of_the_repository()
    on_path = bare / "anvil"
    on_path.symlink_to(program)
    assert find_anvil() == program
    package = program.parents[1].name
    for root in ("", "a"):
        inside = bare / root / "node_modules" / "@foundry-rs" / package / "bin" / "anvil"
        inside.parent.mkdir(parents=True)
        inside.write_bytes(program.read_bytes()[:64])
        inside.chmod(0o755)
        assert find_anvil() == inside
    monkeypatch.setenv("DELEA_ANVIL", str(program))
    assert find_anvil() == program


def find_anvil_of_the_repository():
    root = Path(__file__).parents[3]
    return next(root.glob("node_modules/@foundry-rs/anvil-*/bin/anvil")).resolve()


def test_a_wrapper_script_is_passed_over(bare, monkeypatch):
    script = bare / "anvil"
    script.write_text("#!/usr/bin/env node\n")
    script.chmod(0o755)
    with pytest.raises(ChainError, match="anvil is not installed"):
        find_anvil()
    monkeypatch.setenv("DELEA_ANVIL", str(script))
    with pytest.raises(ChainError, match=r"an anvil program expected at DELEA_ANVIL=.*, got none"):
        find_anvil()


def test_a_program_that_is_not_anvil_is_refused_and_left_to_end(monkeypatch):
    monkeypatch.setenv("DELEA_ANVIL", str(Path("/bin/true").resolve()))
    with pytest.raises(ChainError, match=r"^anvil did not start: it said nothing$"):
        Anvil()
