import json
import socket
import time

import pytest

from delea.chain.client import Chain
from delea.chain.rpc import Rpc
from delea.errors import ChainError, RevertError, UnreachableError, UsageError

ERROR_STALE = (  # Error("train: stale parent")
    "0x08c379a0"
    "0000000000000000000000000000000000000000000000000000000000000020"
    "0000000000000000000000000000000000000000000000000000000000000013"
    "747261696e3a207374616c6520706172656e7400000000000000000000000000"
)


@pytest.fixture
def answering(serve, send_body):
    """The URL of a node that gives one answer to everything."""

    def start(answer, status=200, **headers):
        body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return serve(lambda handler, _: send_body(handler, body, status, **headers))

    return start


def refusal_of(url, kind, **options):
    rpc = Rpc(url, **options)
    with pytest.raises(kind) as refusal:
        rpc.call("eth_chainId")
    rpc.close()
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 300
    return refusal.value


def test_a_result_comes_back(answering):
    rpc = Rpc(answering({"jsonrpc": "2.0", "id": 1, "result": "0x7a69"}))
    assert rpc.call("eth_chainId") == "0x7a69"
    rpc.close()


def test_a_request_is_json_rpc(serve, send_body):
    seen = []

    def echo(handler, request):
        seen.append(request)
        send_body(handler, b'{"result": null}')

    rpc = Rpc(serve(echo))
    rpc.call("eth_call", {"to": "0x1"}, "latest")
    rpc.close()
    assert seen == [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_call", "params": [{"to": "0x1"}, "latest"]}
    ]


def test_a_chain_that_is_not_there_is_unreachable():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: nothing answers
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(UnreachableError, match=f"^no chain answers at {url}$"):
            Chain.connect(url)


def test_a_node_that_never_answers_is_unreachable_in_time():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        before = time.monotonic()
        refusal = refusal_of(url, UnreachableError)
        assert time.monotonic() - before < 5
    assert str(refusal) == f"no answer from {url} within 4 s"


def test_a_node_that_answers_drop_by_drop_is_unreachable_in_time(serve):
    def drip(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        try:
            for _ in range(100):
                handler.wfile.write(b"[")
                time.sleep(0.02)
        except OSError:
            pass

    before = time.monotonic()
    refusal_of(serve(drip), UnreachableError, answer_s=0.3)
    assert time.monotonic() - before < 1.5


def test_an_endless_answer_is_cut_off(answering, monkeypatch):
    monkeypatch.setattr("delea.chain.rpc.MAX_ANSWER_BYTES", 1000)
    url = answering(b"[" * 1_000_000)
    assert "too much" in str(refusal_of(url, UnreachableError))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>no node here</html>",
        b"[]",
        b"null",
        b'{"jsonrpc": "2.0"}',
        b"\xff\xfe",
        b"[" * 5_000,
    ],
)
def test_what_does_not_speak_json_rpc_is_unreachable(answering, body):
    refusal_of(answering(body), UnreachableError)


def test_a_connection_closed_in_the_middle_is_unreachable(serve):
    def close(handler, _):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"{")
        handler.close_connection = True

    refusal_of(serve(close), UnreachableError)


def test_a_redirect_is_not_followed(answering):
    elsewhere = answering({"result": "0x1"})
    refusal_of(answering(b"", 307, Location=elsewhere), UnreachableError)


def test_a_revert_carries_the_contracts_reason(answering):
    url = answering({"error": {"code": 3, "message": "execution reverted", "data": ERROR_STALE}})
    refusal = refusal_of(url, RevertError)
    assert refusal.reason == "train: stale parent"
    assert str(refusal) == "the contract refused: train: stale parent"


def test_an_error_of_the_node_is_a_refusal_even_with_a_bad_status(answering):
    error = {"code": -32601, "message": "the method\n does not exist"}
    refusal = refusal_of(answering({"error": error}, 404), ChainError)
    assert str(refusal) == "the chain refused eth_chainId: the method does not exist"


@pytest.mark.parametrize(
    "error", [None, "no", 7, [], {"message": {"a": 1}}, {"message": "x" * 999}]
)
def test_an_error_of_any_shape_is_a_refusal(answering, error):
    refusal_of(answering({"error": error}), ChainError)


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:8545", "ftp://host", "http://", "file:///etc", "http://a:b:c", "http://["],
)
def test_what_is_no_url_is_refused(url):
    with pytest.raises(UsageError, match=r"an http\(s\) URL expected"):
        Rpc(url)


def test_a_secret_in_a_url_is_not_shown():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        refusal = refusal_of(f"http://me:pass@127.0.0.1:{port}/key", UnreachableError)
    assert str(refusal) == f"no chain answers at http://127.0.0.1:{port}"


def test_a_loopback_node_is_asked_without_a_proxy(answering, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    rpc = Rpc(answering({"result": "0x1"}))
    assert rpc.call("eth_chainId") == "0x1"
    rpc.close()


@pytest.mark.parametrize("result", [None, 7, "7", "0x", "0xzz", "0x" + "f" * 70, {}, "-0x1"])
def test_a_chain_id_that_is_no_number_is_unreachable(answering, result):
    with pytest.raises(UnreachableError, match="a hex number expected"):
        Chain.connect(answering({"result": result}))
