"""Matrix products beside the processor's multiply-add peak in Wasm, measured in the same rounds."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from engines import TORCH
from engines.pytorch import Torch
from engines.sampling import sample
from profiler import TIMERS, Prepared
from steps import Row, rows_of
from variant import PEAK_FLOPS, Part, variant
from workloads import matmul

SIZES = {f"matmul-{size}": size for size in matmul.SIZES}
SECONDS = 1.0
EXTRA_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Peak:
    """A product's part of the peak: of the best times, and the median of the rounds' own."""

    workload: str
    engine: str
    form: str
    gflops: float
    peak_gflops: float
    of_peak: float
    of_peak_median: float
    load: float


def measure_matmul(
    name: str, engines: list[str], *, rounds: int, load: float, progress: Callable[[str], None]
) -> tuple[list[Row], list[Peak]]:
    """Time the product x W^T, and its gradient's dY^T x, in every engine."""
    size = SIZES[name]
    timed = [engine for engine in engines if engine.removeprefix("delea-") in TIMERS]
    samples: dict[str, list[float]] = {}
    peaks: list[Peak] = []
    if timed:
        progress(f"{name}: prepares")
        made = variant(matmul.program(size))
        forms = dict(zip(("x W^T", "dY^T x"), products(made.parts, size), strict=True))
        prepared = Prepared(made, [part.export for part in forms.values()], warm_steps=1)
        for engine in timed:
            progress(f"{name}: {engine}")
            found = TIMERS[engine.removeprefix("delea-")](prepared, rounds + EXTRA_ROUNDS)
            samples[engine] = found[forms["x W^T"].export]
            for form, part in forms.items():
                speeds = (part.flops, found[part.export]), (PEAK_FLOPS, found["peak"])
                peaks.append(_peak(name, engine, form, *speeds, load))
    if TORCH in engines:
        progress(f"{name}: {TORCH}")
        samples[TORCH] = _in_torch(size)
    return rows_of(name, samples, load), peaks


def products(parts: list[Part], size: int) -> list[Part]:
    """Return the step's two products, in its order."""
    found = [part for part in parts[2:] if part.flops >= 2 * size**3]
    assert len(found) == 2, "a linear layer's step has two products"
    return found


def _in_torch(size: int) -> list[float]:
    Torch.prepare()
    run = matmul.torch_run(size)
    return sample(lambda times: [run() for _ in range(times)], SECONDS)


def _peak(
    workload: str,
    engine: str,
    form: str,
    product: tuple[int, list[float]],
    peak: tuple[int, list[float]],
    load: float,
) -> Peak:
    speed, most = (flops / min(ms) / 1e6 for flops, ms in (product, peak))
    parts = [(product[0] / a) / (peak[0] / b) for a, b in zip(product[1], peak[1], strict=True)]
    return Peak(
        workload,
        engine,
        form,
        round(speed, 2),
        round(most, 2),
        round(speed / most, 3),
        round(median(parts), 3),
        load,
    )
