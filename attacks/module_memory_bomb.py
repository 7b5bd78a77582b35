"""A module takes 4 GiB of memory, and if it may not, all that it may, twice."""

from frame import refusal, run
from victim import Pieces, artifact, module

from delea.errors import MemoryLimitError, PolicyError
from delea.runtime import Limits, check_module, evaluate


def attack() -> str:
    """Try, and say why it failed."""
    most = Pieces(memory='(memory (export "memory") 65536 65536)')
    told = refusal(lambda: check_module(module(most)), PolicyError)
    fill = "(memory.fill (i32.const 8192) (i32.const 1) (i32.const 536862720)) (f32.const 0)"
    legal = Pieces(memory='(memory (export "memory") 8192 8192)', evaluate=fill)
    files = artifact(legal)
    work = (files.module, files.dataset, files.genesis)
    small = Limits(memory_bytes=256 << 20)
    also = refusal(lambda: evaluate(*work, limits=small), MemoryLimitError)
    return f"pages are capped, and the child has a limit from the kernel; {told}; {also}"


if __name__ == "__main__":
    run(attack)
