"""A watch outlives its node's silence, pays nothing twice, and ends where another chain answers."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from delea.chain import Anvil, Chain, dev_key, find_anvil
from delea.chain.anvil import _LAUNCH
from delea.cli.watching import pause_after

QUICKLY = ("--every", 0.1, "--json")
LOOKING = "; looking again until one comes\n"


class Watch:
    """A `delea verify --watch` that runs, and what it says to people."""

    def __init__(self, variables: dict[str, str], *words: object) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [sys.executable, "-m", "delea.cli", "verify", *map(str, words), "--watch"],
            stdout=pipe,
            stderr=pipe,
            text=True,
            env={**os.environ, **variables},
        )
        self.limit = threading.Timer(90, self.process.kill)  # nobody waits for ever to hear a line
        self.limit.start()

    def hear(self, part: str) -> str:
        """Return the next line that holds a text, and all before it."""
        heard = ""
        for line in iter(self.process.stderr.readline, ""):
            heard += line
            if part in line:
                return heard
        raise AssertionError(f"{part!r} expected, got {heard!r}")

    def interrupt(self) -> dict:
        """Press Ctrl-C and return what it says in JSON."""
        time.sleep(0.5)  # it says what it found a moment before it notes it
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=3)  # no answer takes longer than this
        assert self.process.returncode == 130
        return json.loads(out)

    def end(self) -> tuple[int, dict]:
        """Wait until it ends by itself."""
        out, _ = self.process.communicate(timeout=30)
        return self.process.returncode, json.loads(out)


@pytest.fixture
def watch(variables: dict[str, str]) -> Iterator[Callable[..., Watch]]:
    running = []

    def started(*words: object) -> Watch:
        running.append(Watch(variables, *words))
        return running[-1]

    yield started
    for each in running:
        each.limit.cancel()
        each.process.kill()
        each.process.communicate()


class Node:
    """An anvil that keeps its chain in a file, to be ended and started again."""

    def __init__(self, state: Path) -> None:
        self.state, self.port = state, 0
        self.start("--state", state)

    def start(self, *more: object) -> None:
        words = [find_anvil(), "--port", self.port, "--no-cors", "--color", "never"]
        words += ["--block-time", 1, "--mixed-mining", *more]
        launch = [sys.executable, "-I", "-S", "-c", _LAUNCH, str(os.getpid())]
        self._process = subprocess.Popen(
            [*launch, *map(str, words)], stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        for line in iter(self._process.stdout.readline, ""):
            if line.startswith("Listening on"):
                self.port = int(line.rpartition(":")[2])
                break
        threading.Thread(target=self._process.stdout.read, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.port}"

    def end(self) -> None:
        """End it by its process id; it writes its chain down."""
        os.kill(self._process.pid, signal.SIGTERM)
        self._process.wait(20)
        self._process.stdout.close()


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    running = Node(tmp_path / "chain.json")
    yield running
    running.end()


class Proxy(ThreadingHTTPServer):
    """Passes calls on to a node until it falls silent, as soon as a transaction comes."""

    daemon_threads = True

    def __init__(self, node: str, *, passes_on: bool) -> None:
        super().__init__(("127.0.0.1", 0), Passing)
        self.node, self.passes_on = node, passes_on
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.is_silent = self.has_been_silent = False
        self.sent: list[str] = []
        self.unanswered = 0

    def handle_error(self, *_: object) -> None:
        """Say nothing: the silence is meant."""


class Passing(BaseHTTPRequestHandler):
    server: Proxy

    def do_POST(self) -> None:
        proxy, body = self.server, self.rfile.read(int(self.headers["Content-Length"]))
        asked = json.loads(body)
        if asked["method"] == "eth_sendRawTransaction":
            proxy.sent += asked["params"]
            if not proxy.has_been_silent:
                proxy.is_silent = proxy.has_been_silent = True
                if proxy.passes_on:
                    self._ask(body)
        if proxy.is_silent:
            proxy.unanswered += 1
            return  # the connection is closed without a word
        answer = self._ask(body)
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def _ask(self, body: bytes) -> bytes:
        words = {"Content-Type": "application/json"}
        request = urllib.request.Request(self.server.node, body, words)
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(anvil: Anvil) -> Iterator[Callable[..., Proxy]]:
    opened = []

    def started(*, passes_on: bool, node: str = anvil.url) -> Proxy:
        opened.append(Proxy(node, passes_on=passes_on))
        threading.Thread(target=opened[-1].serve_forever, daemon=True).start()
        return opened[-1]

    yield started
    for each in opened:
        each.shutdown()
        each.server_close()


def test_a_watch_outlives_a_restart_of_its_node(watch, node, create, bundle, delea):
    here = ("--rpc", node.url)
    model = create(bundle, *here)
    watching = watch(model, *QUICKLY, *here)
    delea("train", model, "--key", "dev:1", *here)
    watching.hear("version 1: upheld")
    node.end()
    heard = watching.hear("looking again")
    assert heard == f"no chain answers at {node.url}{LOOKING}"
    time.sleep(1)  # some looks, of which nothing is said
    node.start("--state", node.state)
    assert watching.hear("the node answers") == "the node answers again\n"
    assert delea("train", model, "--key", "dev:1", *here).code == 0
    assert watching.hear("version") == "version 2: upheld\n"
    fields = watching.interrupt()
    assert [check["verdict"] for check in fields["checks"]] == ["upheld", "upheld"]
    (silence,) = fields["silences"]
    assert silence["reason"] == f"no chain answers at {node.url}"
    assert silence["seconds"] >= 1


def test_ctrl_c_ends_a_watch_at_once_while_its_node_hangs(watch, model, anvil):
    watching = watch(model, *QUICKLY)
    watching.hear("waiting for claims")
    os.kill(anvil.pid, signal.SIGSTOP)
    try:
        watching.hear(f"no answer from {anvil.url} within 4 s{LOOKING}")
        time.sleep(0.5)  # it asks again by now, and gets no answer
        fields = watching.interrupt()
    finally:
        os.kill(anvil.pid, signal.SIGCONT)
    reason = f"no answer from {anvil.url} within 4 s"
    assert fields == {
        "model": model,
        "checks": [],
        "silences": [{"reason": reason, "seconds": None}],
    }


def test_a_silent_node_is_asked_less_and_less(watch, model, proxy):
    silent = proxy(passes_on=True)
    watching = watch(model, *QUICKLY, "--rpc", silent.url)
    watching.hear("waiting for claims")
    silent.is_silent = True
    watching.hear("looking again")
    time.sleep(3)  # 0.1 s, 0.1 s, 0.2 s, 0.4 s, ...: a slow machine asks less
    assert 2 <= silent.unanswered <= 7
    silent.is_silent = False
    watching.hear("the node answers again")
    assert watching.interrupt()["silences"][0]["seconds"] >= 3


@pytest.mark.parametrize(
    ("more", "kind", "reason"),
    [
        (("--chain-id", 5), "ChainError", "chain 31337 expected at {url}, got 5"),
        ((), "UnknownModelError", "no contract lives at {model}"),
    ],
)
def test_a_watch_ends_where_another_chain_answers(watch, node, create, bundle, more, kind, reason):
    model = create(bundle, "--rpc", node.url)
    watching = watch(model, *QUICKLY, "--rpc", node.url)
    watching.hear("waiting for claims")
    node.end()
    watching.hear("looking again")
    node.start(*more)
    message = reason.format(url=node.url, model=model)
    assert watching.end() == (1, {"error": {"type": kind, "message": message}})


def test_without_a_watch_one_silence_ends_it(model, delea, proxy, cheat):
    silent = proxy(passes_on=True)
    cheat(model)
    said = delea("verify", model, "--challenge", "--key", "dev:2", "--rpc", silent.url, "--json")
    assert said.code == 3
    message = said.fields["error"]["message"]
    assert message.startswith(f"no chain answers at {silent.url}; transaction 0x")
    assert message.endswith(" was perhaps sent")


@pytest.fixture
def perhaps_sent(watch, model, proxy, cheat):
    """Let a watch challenge a wrong claim while its node falls silent; return all three."""

    def challenged(*, passes_on):
        silent = proxy(passes_on=passes_on)
        version = cheat(model)
        watching = watch(model, *QUICKLY, "--challenge", "--key", "dev:2", "--rpc", silent.url)
        watching.hear("was perhaps sent" + LOOKING)
        return silent, version, watching

    return challenged


@pytest.mark.parametrize("passes_on", [True, False], ids=["mined", "lost on its way"])
def test_a_challenge_that_was_perhaps_sent_is_paid_once(perhaps_sent, model, chain, passes_on):
    silent, version, watching = perhaps_sent(passes_on=passes_on)
    silent.is_silent = False
    watching.hear("the node answers again")
    watching.hear("version 1: not challenged again, game 1 of 0x")
    check = watching.interrupt()["checks"][0]
    assert (check["verdict"], check["game"]) == ("refuted", 1)
    assert len(set(silent.sent)) == 1
    assert len(silent.sent) == (1 if passes_on else 2)
    assert chain.model(model).version(version).games_opened == 1


def test_a_challenge_that_waits_for_its_block_is_not_paid_again(watch, node, create, bundle, proxy):
    silent = proxy(passes_on=True, node=node.url)
    words = (create(bundle, "--rpc", node.url), *QUICKLY, "--challenge", "--key", "dev:2")
    with Chain.connect(node.url) as chain:
        key, model = dev_key(3, chain_id=31_337), chain.model(words[0])
        model.train(0, b"\x66" * 32, 2, key.address, 0, key=key)
        rpc = chain._evm.rpc
        rpc.call("evm_setIntervalMining", 0)
        rpc.call("evm_setAutomine", False)  # noqa: FBT003
        watching = watch(*words, "--rpc", silent.url)
        watching.hear("was perhaps sent" + LOOKING)
        silent.is_silent = False
        deadline = time.monotonic() + 20
        while len(silent.sent) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.5)
        assert model.version(1).games_opened == 0
        rpc.call("anvil_mine", "0x1")
        watching.hear("version 1: not challenged again, game 1 of 0x")
        assert watching.interrupt()["checks"][0]["game"] == 1
        assert len(set(silent.sent)) == 1
        assert model.version(1).games_opened == 1


def test_a_challenge_whose_nonce_another_transaction_took_is_signed_anew(
    perhaps_sent, model, chain, address
):
    silent, version, watching = perhaps_sent(passes_on=False)
    chain.fund(address(4), 1, key=dev_key(2, chain_id=31_337))
    silent.is_silent = False
    watching.hear("version 1: challenged, game 1")
    assert watching.interrupt()["checks"][0]["game"] == 1
    assert len(silent.sent) == len(set(silent.sent)) == 2
    assert chain.model(model).version(version).games_opened == 1


def test_the_pause_grows_while_nothing_answers_and_is_bounded():
    assert [pause_after(failures, 5.0) for failures in range(6)] == [
        5.0,
        5.0,
        10.0,
        20.0,
        30.0,
        30.0,
    ]
    assert pause_after(0, 3600.0) == 3600.0
    assert pause_after(1, 3600.0) == 30.0
    assert pause_after(10**6, 0.1) == 30.0
