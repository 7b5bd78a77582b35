"""Matrix products beside the processor's multiply-add peak in Wasm, measured in the same rounds."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from engines import TORCH
from engines.pytorch import Torch
from engines.sampling import sample
from profiler import TIMERS, Prepared
from steps import Row, rows_of
from workloads import matmul

from delea.roles.profiling import Profile, Timing

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
        prepared = Prepared.of(matmul.program(size))
        for engine in timed:
            progress(f"{name}: {engine}")
            found = prepared.profile(engine.removeprefix("delea-"), rounds + EXTRA_ROUNDS)
            forms = dict(zip(("x W^T", "dY^T x"), products(found, size), strict=True))
            samples[engine] = list(forms["x W^T"].rounds)
            peaks += [
                _peak(name, engine, form, timing, found.peak, load)
                for form, timing in forms.items()
            ]
    if TORCH in engines:
        progress(f"{name}: {TORCH}")
        samples[TORCH] = _in_torch(size)
    return rows_of(name, samples, load), peaks


def products(found: Profile, size: int) -> tuple[Timing, Timing]:
    """Return the step's two products: the layer's own, and the gradient of its weight."""
    own, *others = (kernel for kernel in found.kernels if kernel.flops >= 2 * size**3)
    assert len(others) == 1, "a linear layer's step has two products"
    pair = (own, others[0])
    return pair[::-1] if own.name.startswith("gradient of") else pair


def _in_torch(size: int) -> list[float]:
    Torch.prepare()
    run = matmul.torch_run(size)
    return sample(lambda times: [run() for _ in range(times)], SECONDS)


def _peak(
    workload: str, engine: str, form: str, product: Timing, peak: Timing, load: float
) -> Peak:
    speed, most = (timing.gflops for timing in (product, peak))
    rounds = zip(product.rounds, peak.rounds, strict=True)
    parts = [(product.flops / a) / (peak.flops / b) for a, b in rounds]
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
