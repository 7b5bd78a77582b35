"""Where a training step's time goes, kernel by kernel, in wasmtime and V8.

    python bench/kernels.py mlp
    python bench/kernels.py examples/digits.py    (a file that sets `program`)

What `delea profile` does in the sandbox, in node and in Chromium, too, and for the workloads here.
"""

import argparse
import json
import os
import sys
from pathlib import Path

from profiler import TIMERS, Prepared
from rich.console import Console
from workloads import WORKLOADS

from delea.cli.output import Output
from delea.cli.timings import profile_fields, show_profile
from delea.compiler.emit import plan_module
from delea.errors import DeleaError
from delea.nn import Program
from delea.roles.source import load_program

ALL = 1 << 30


def main(arguments: list[str]) -> None:
    """Time the kernels of one program and print them."""
    parser = argparse.ArgumentParser(description="Time every kernel of a training step.")
    parser.add_argument("program", help=f"one of {', '.join(WORKLOADS)}, or a file with `program`")
    parser.add_argument("--rounds", type=int, default=20, help="(default: 20)")
    parser.add_argument("--top", type=int, default=ALL, help="how many kernels are listed")
    parser.add_argument("--wat", type=Path, help="also write the module's text to this file")
    parser.add_argument("--engine", choices=(*TIMERS, "both"), default="both")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"at least one round expected, got {options.rounds}")
    err = Console(stderr=True)
    load = round(os.getloadavg()[0], 2)
    with err.status("compiling"):
        prepared = Prepared.of(find_program(options.program))
    if options.wat:
        options.wat.write_text(plan_module(prepared.definition).text())
    found = {}
    for engine in ("wasmtime", "node") if options.engine == "both" else (options.engine,):
        with err.status(f"timing in {engine}"):
            found[engine] = prepared.profile(engine, options.rounds)
    if options.json:
        fields = {engine: profile_fields(profile) for engine, profile in found.items()}
        print(json.dumps({"program": options.program, "load": load, **fields}))
        return
    out = Output(as_json=False)
    for engine, profile in found.items():
        out.say(f"{options.program} in {engine}, load {load}")
        show_profile(out, profile, options.top)
        out.say()


def find_program(name: str) -> Program:
    """Return a workload's program, or what a file calls `program`."""
    if name in WORKLOADS:
        return WORKLOADS[name].program()
    if not Path(name).is_file():
        raise SystemExit(f"bench: a workload ({', '.join(WORKLOADS)}) or a file, got {name}")
    try:
        return load_program(Path(name))
    except DeleaError as fault:
        raise SystemExit(f"bench: {fault}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
