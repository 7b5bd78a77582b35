"""Compile the contracts into the ABI and bytecode files that the package ships.

`--check` compares instead of writing, and exits 1 with one line on a difference.
"""

import argparse
import json
import sys
from pathlib import Path

import vyper
from vyper.compiler import compile_from_file_input
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "contracts"
OUTPUT = ROOT / "src" / "delea" / "chain" / "abi"
NAMES = ("Model", "ModelFactory", "ReasonTexts", "Split", "StewardArbiter")


def compile_contract(name: str) -> dict[str, object]:
    """Return what the package keeps of one contract, and its runtime size in bytes."""
    bundle = FilesystemInputBundle([CONTRACTS, CONTRACTS / "src"])
    path = CONTRACTS / "src" / f"{name}.vy"
    output = compile_from_file_input(
        bundle.load_file(path),
        input_bundle=bundle,
        output_formats=["abi", "bytecode", "bytecode_runtime"],
        settings=Settings(experimental_codegen=False),
    )
    return {
        "contract": name,
        "compiler": f"vyper {vyper.__version__}",
        "abi": output["abi"],
        "bytecode": output["bytecode"],
        "size": len(output["bytecode_runtime"]) // 2 - 1,
    }


def main() -> int:
    """Write or compare every file; print the runtime sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    check: bool = parser.parse_args().check
    for name in NAMES:
        record = compile_contract(name)
        size = record.pop("size")
        text = json.dumps(record, sort_keys=True, indent=1) + "\n"
        path = OUTPUT / f"{name}.json"
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        elif not path.is_file() or path.read_text() != text:
            where = path.relative_to(ROOT)
            print(f"{where} is not current: run scripts/compile_contracts.py", file=sys.stderr)
            return 1
        print(f"{name}: {size} bytes of runtime code")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
