"""The sandbox's child: the one process that compiles and runs foreign modules.

Started by path, without `delea` on its path, so it imports only the standard library and wasmtime.
It reads requests from its standard input and writes answers to its standard output; both are
frames of a kind, a length and that many bytes. What the parent needs of the wire is named here.
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import struct
import sys
import time
from dataclasses import dataclass
from math import isfinite
from typing import Any

FRAME = struct.Struct("<BQ")
SETUP = struct.Struct("<11Q")
TRAIN_HEAD = struct.Struct("<32sQ")
TIME_HEAD = struct.Struct("<QQ")  # bytes of the plan and of the rows

# Requests: SETUP and the module; TRAIN_HEAD and the state; the state; u64 rows, state and rows;
# TIME_HEAD, a plan in JSON, the state, rows.
START, TRAIN, EVALUATE, INFER, TIME = 1, 2, 3, 4, 5
# Answers: nothing; f32 losses; the state; one f32; output rows; f64 milliseconds of each part; a
# line of text for each fault.
READY, LOSSES, STATE, VALUE, ROWS, TIMES = 1, 2, 3, 4, 5, 6
INVALID, TRAPPED, DIVERGED, MEMORY, OTHER = 16, 17, 18, 19, 20

FAULT_BYTES = 500
BATCH_SECONDS = 0.05
MAX_BATCH = (1 << 16) // 4  # a page of losses
STACK_BYTES = 1 << 19
FEATURES_OFF = (
    *("relaxed_simd", "tail_call", "exceptions", "threads", "multi_memory", "memory64", "gc"),
    *("function_references", "custom_page_sizes", "stack_switching", "wide_arithmetic"),
    "component_model",
)
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38

# Steps are looped over inside wasm: a call from Python costs 12 us, a small step takes 80 us.
# It stops behind the first loss that is NaN or infinite and returns how many losses it wrote.
LOOP = """(module
  (import "" "train_step" (func (result f32)))
  (memory (export "losses") 1 1)
  (func (export "run") (param i32) (result i32) (local i32 f32)
    (loop
      (f32.store (i32.shl (local.get 1) (i32.const 2)) (local.tee 2 (call 0)))
      (local.set 1 (i32.add (local.get 1) (i32.const 1)))
      (br_if 0 (i32.and
        (i32.lt_u (local.get 1) (local.get 0))
        (f32.eq (f32.sub (local.get 2) (local.get 2)) (f32.const 0)))))
    (local.get 1)))"""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the child needs of the manifest and the limits, in wire order."""

    state_at: int
    state_bytes: int
    dataset_at: int
    dataset_bytes: int
    input_at: int
    output_at: int
    infer_batch: int
    input_row: int
    output_row: int
    request_seconds: int
    dataset_file: int


class StoppedError(Exception):
    """The module cannot go on; `kind` is the answer's kind and the text its line."""

    def __init__(self, kind: int, text: str) -> None:
        super().__init__(text)
        self.kind = kind


def confine(parent: int, memory_bytes: int, cpu_seconds: int) -> None:
    """Bind this process's life to its parent's and take its limits, before anything foreign."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    signal.signal(signal.SIGXCPU, signal.SIG_DFL)  # a parent's "ignore" would be inherited
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # and so would be what it blocks
    for limit, most in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 32),
        (resource.RLIMIT_DATA, memory_bytes),
    ):
        lowest = below_hard(limit, most)
        resource.setrlimit(limit, (lowest, lowest))
    allow_cpu(cpu_seconds)


def below_hard(limit: int, most: int) -> int:
    """Return `most`, or the hard limit that this process has already if that is lower."""
    _, hard = resource.getrlimit(limit)
    return most if hard == resource.RLIM_INFINITY else min(most, hard)


def allow_cpu(seconds: int) -> None:
    """Let this process use about `seconds` more of CPU, never more; the kernel ends it then."""
    soft = below_hard(resource.RLIMIT_CPU, int(time.process_time()) + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def read_into(target: memoryview) -> None:
    """Fill `target` from the parent; without the parent there is nothing left to do."""
    at = 0
    while at < len(target):
        count = os.readv(0, [target[at:]])
        if not count:
            os._exit(0)
        at += count


def read_bytes(length: int) -> bytearray:
    """Return `length` bytes from the parent."""
    data = bytearray(length)
    read_into(memoryview(data))
    return data


def write(kind: int, data: bytes | memoryview) -> None:
    """Send one answer to the parent."""
    first = FRAME.pack(kind, len(data)) + data[: 1 << 16]  # a small answer is one write
    for part in (memoryview(first), memoryview(data)[1 << 16 :]):
        at = 0
        while at < len(part):
            at += os.write(1, part[at:])


def line_of(fault: BaseException) -> str:
    """Return a foreign error as one short line."""
    return " ".join(str(fault).split())[: FAULT_BYTES - 100] or type(fault).__name__


class Instance:
    """A fresh instance of the module: its memory as bytes, its functions, faults as ours."""

    def __init__(self, wasmtime: Any, engine: Any, module: Any, loop: Any) -> None:
        self._wasmtime = wasmtime
        self.store = wasmtime.Store(engine)
        try:
            exports = wasmtime.Instance(self.store, module, []).exports(self.store)
            looped = wasmtime.Instance(self.store, loop, [exports["train_step"]])
        except wasmtime.WasmtimeError as fault:
            self.store.close()
            raise StoppedError(
                MEMORY, f"no room for the module's memory: {line_of(fault)}"
            ) from None
        self._exports = exports
        self._run = looped.exports(self.store)["run"]
        self.memory = self._view(exports["memory"])
        self._losses = self._view(looped.exports(self.store)["losses"])

    def _view(self, memory: Any) -> memoryview:
        return memoryview(memory.get_buffer_ptr(self.store)).cast("B")

    def call(self, name: str, *arguments: int) -> Any:
        """Call an export and return its result."""
        return self._guarded(self._exports[name], *arguments)

    def train(self, steps: int) -> memoryview:
        """Run up to `steps` training steps; return their losses, the last perhaps not finite."""
        count = self._guarded(self._run, steps)
        return self._losses[: 4 * count]

    def _guarded(self, function: Any, *arguments: int) -> Any:
        try:
            return function(self.store, *arguments)
        except self._wasmtime.Trap as trap:
            code = trap.trap_code
            reason = line_of(trap) if code is None else code.name.lower().replace("_", " ")
        except self._wasmtime.WasmtimeError as fault:
            reason = line_of(fault)
        raise StoppedError(TRAPPED, reason)

    def close(self) -> None:
        """Give the memory back now: two at once would not fit the limit."""
        self.memory.release()
        self._losses.release()
        self.store.close()


class Server:
    """One compiled module, served from a fresh instance for each request."""

    def __init__(self, wasmtime: Any, setup: Setup, module: bytes) -> None:
        self._wasmtime = wasmtime
        self._setup = setup
        self._engine = wasmtime.Engine(configuration(wasmtime))
        try:
            self._module = wasmtime.Module(self._engine, module)
        except wasmtime.WasmtimeError as fault:
            raise StoppedError(INVALID, line_of(fault)) from None
        self._loop = wasmtime.Module(self._engine, wasmtime.wat2wasm(LOOP))
        self._instance: Instance | None = None

    def serve(self, kind: int) -> None:
        """Answer one request whose body is still to be read."""
        allow_cpu(self._setup.request_seconds)
        try:
            {
                TRAIN: self._train,
                EVALUATE: self._evaluate,
                INFER: self._infer,
                TIME: self._time,
            }[kind]()
        except StoppedError as stopped:
            write(stopped.kind, str(stopped).encode()[:FAULT_BYTES])

    def _fresh(self, *, dataset: bool) -> Instance:
        """Return an instance that remembers nothing of any former request."""
        if self._instance is not None:
            self._instance.close()
            self._instance = None
        self._instance = Instance(self._wasmtime, self._engine, self._module, self._loop)
        if dataset:
            size = os.fstat(self._setup.dataset_file).st_size
            at = self._setup.dataset_at
            region = self._instance.memory[at : at + min(size, self._setup.dataset_bytes)]
            done = 0
            while done < len(region):
                done += os.preadv(self._setup.dataset_file, [region[done:]], done)
        return self._instance

    def _state(self, instance: Instance) -> memoryview:
        at = self._setup.state_at
        return instance.memory[at : at + self._setup.state_bytes]

    def _train(self) -> None:
        seed, steps = TRAIN_HEAD.unpack(read_bytes(TRAIN_HEAD.size))
        instance = self._fresh(dataset=True)
        read_into(self._state(instance))
        instance.call("seed", *struct.unpack("<4q", seed))
        done, batch = 0, 1
        while done < steps:
            started = time.monotonic()
            losses = instance.train(min(batch, steps - done))
            done += len(losses) // 4
            write(LOSSES, losses)
            if not isfinite(struct.unpack("<f", losses[-4:])[0]):
                raise StoppedError(DIVERGED, f"the loss of step {done} is a NaN or an infinity")
            elapsed = time.monotonic() - started
            if elapsed < BATCH_SECONDS / 2:
                batch = min(2 * batch, MAX_BATCH)
            elif elapsed > BATCH_SECONDS:
                batch = max(batch // 2, 1)
        if not instance.call("is_finite"):
            raise StoppedError(DIVERGED, f"the state holds a NaN or an infinity after step {done}")
        write(STATE, self._state(instance))

    def _evaluate(self) -> None:
        instance = self._fresh(dataset=True)
        read_into(self._state(instance))
        write(VALUE, struct.pack("<f", instance.call("evaluate")))

    def _infer(self) -> None:
        setup = self._setup
        left = int.from_bytes(read_bytes(8), "little")
        instance = self._fresh(dataset=False)
        read_into(self._state(instance))
        while left:
            rows = min(left, setup.infer_batch)
            left -= rows
            read_into(instance.memory[setup.input_at : setup.input_at + rows * setup.input_row])
            try:
                instance.call("infer", rows)
            except StoppedError:
                for _ in range(left):
                    read_bytes(setup.input_row)
                raise
            end = setup.output_at + rows * setup.output_row
            write(ROWS, instance.memory[setup.output_at : end])

    def _time(self) -> None:
        """Answer with the milliseconds of each part, a round at a time."""
        setup = self._setup
        plan_bytes, row_bytes = TIME_HEAD.unpack(read_bytes(TIME_HEAD.size))
        plan = json.loads(read_bytes(plan_bytes))
        instance = self._fresh(dataset=True)
        read_into(self._state(instance))
        read_into(instance.memory[setup.input_at : setup.input_at + row_bytes])
        file = os.path.join(os.path.dirname(__file__), "stopwatch.py")  # noqa: PTH118, PTH120
        make = runpy.run_path(file)["Stopwatch"]  # nothing of `delea` is on this process's path
        stopwatch = make(instance, self._state(instance), plan["parts"])
        for _ in range(plan["rounds"]):
            write(TIMES, struct.pack(f"<{len(plan['parts'])}d", *stopwatch.round()))


def configuration(wasmtime: Any) -> Any:
    """Return the engine's settings: the rules' features and nothing else."""
    config = wasmtime.Config()
    config.parallel_compilation = False
    config.cranelift_opt_level = "speed"
    config.max_wasm_stack = STACK_BYTES
    for feature in FEATURES_OFF:
        setattr(config, f"wasm_{feature}", False)
    return config


def main(arguments: list[str]) -> None:
    """Serve the parent until it goes away."""
    parent, memory_bytes, cpu_seconds = map(int, arguments[:3])
    confine(parent, memory_bytes, cpu_seconds)
    sys.path.append(arguments[3])
    try:
        import wasmtime  # noqa: PLC0415  # the parent imports this file for its wire, not for this

        _, length = FRAME.unpack(read_bytes(FRAME.size))
        setup = Setup(*SETUP.unpack(read_bytes(SETUP.size)))
        try:
            server = Server(wasmtime, setup, bytes(read_bytes(length - SETUP.size)))
        except StoppedError as stopped:
            write(stopped.kind, str(stopped).encode()[:FAULT_BYTES])
            return
        write(READY, b"")
        while True:
            kind, _ = FRAME.unpack(read_bytes(FRAME.size))
            server.serve(kind)
    except MemoryError:
        write(MEMORY, b"the sandbox's memory is used up")


if __name__ == "__main__":
    main(sys.argv[1:])
