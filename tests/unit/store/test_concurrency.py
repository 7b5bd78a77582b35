import subprocess
import sys
import threading

from delea.artifact import state_root
from delea.errors import MissingError
from delea.store import Store

STATES = [bytes([n]) * (1000 + n) for n in range(6)]
WRITER = """
import sys
from delea.artifact import state_root
from delea.store import Store
for _ in range(10):
    for state in [bytes([n]) * (1000 + n) for n in range(6)]:
        Store(sys.argv[1]).put_state(state_root(state), state)
"""


def test_many_processes_write_the_same_states_while_one_reads(tmp_path):
    path = tmp_path / "store"
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, path]) for _ in range(3)]
    read = 0
    while any(writer.poll() is None for writer in writers):
        for state in STATES:
            try:
                assert Store(path).get_state(state_root(state)) == state
                read += 1
            except MissingError:
                pass
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    assert read > 0
    kept = [file.name for file in path.rglob("*") if file.is_file()]
    assert len(kept) == 12
    assert not [name for name in kept if name.startswith(".")]


def test_many_threads_mend_the_same_altered_block(tmp_path):
    store = Store(tmp_path / "store")
    cid = store.put(b"a module")
    failures = []

    def mend():
        try:
            for _ in range(20):
                (store.path / "blocks" / cid).write_bytes(b"altered")
                store.put(b"a module")
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=mend) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.put(b"a module")
    assert failures == []
    assert store.get(cid) == b"a module"
