"""The demo: the main job on two models, on a real chain, with real data."""

import json
import signal
import sys
import time
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from delea.chain import Anvil
from delea.cli.demo.cast import Cast, make_cast
from delea.cli.demo.play import play
from delea.cli.demo.plots import plot_emission, plot_fit, plot_losses
from delea.cli.demo.record import Record
from delea.cli.demo.screen import Screen
from delea.errors import MissingError, UsageError

MODELS = ("sine", "digits")


def run(*, once: bool, as_json: bool, out: Path) -> int:
    """Play the demo; without `once` keep the chain up until Ctrl-C. Return the exit code.

    Raises:
        MissingError: the demo's programs or their packages are not installed.
        UsageError: `out` is no folder that can be written.
    """
    _check_packages()
    screen = Screen(as_json=as_json)
    started = time.monotonic()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise UsageError(
            f"a folder that can be written expected at {out}: {fault.strerror}"
        ) from None
    with Anvil() as anvil:
        cast = make_cast(anvil, out)
        screen.say(f"a local chain is up at {anvil.url}")
        records = [play(cast, screen, _program(name), name) for name in MODELS]
        for record in records:
            screen.result(cast, record)
            _draw(cast, record, out, screen)
        screen.say(f"played in {time.monotonic() - started:.1f} s")
        if as_json:
            json.dump({"models": [record.to_json() for record in records]}, sys.stdout)
            sys.stdout.write("\n")
            sys.stdout.flush()
        if not once:
            _stay(cast, records, screen, out)
    holds = all(all(record.invariants.values()) and record.checked for record in records)
    return 0 if holds else 1


def _draw(cast: Cast, record: Record, out: Path, screen: Screen) -> None:
    plots = {"loss": plot_losses, "emission": plot_emission}
    if record.asked:
        plots["fit"] = plot_fit
    for what, plot in plots.items():
        path = out / f"{record.name}-{what}.png"
        plot(cast, record, path)
        screen.say(f"{what} curve: {path}")


def _stay(cast: Cast, records: list[Record], screen: Screen, out: Path) -> None:
    """Say how to go on by hand, and wait for Ctrl-C."""
    address = records[0].address
    screen.say("the chain stays up until Ctrl-C; in another shell, for example:")
    delea, rpc = _command(), f"--rpc {cast.chain.url}"
    store = f"--store {out / 'store'}"
    screen.say(f"  {delea} status {address} {rpc}")
    screen.say(f"  {delea} train {address} --updates 1 --key dev:1 {rpc} {store}")
    try:
        signal.pause()
    except KeyboardInterrupt:
        screen.say("the chain is stopped")


def _command() -> str:
    """Return how this very program is called."""
    called = Path(sys.argv[0])
    return f"{sys.executable} -m delea.cli" if called.name == "__main__.py" else str(called)


def _program(name: str) -> Path:
    """Return the demo's program: beside the package when installed, in examples/ in a checkout."""
    installed = Path(str(files("delea"))) / "examples" / f"{name}.py"
    checkout = Path(str(files("delea"))).parents[1] / "examples" / f"{name}.py"
    for path in (installed, checkout):
        if path.is_file():
            return path
    raise MissingError(f"the demo's program {name}.py expected at {installed}, there is none")


def _check_packages() -> None:
    missing = [name for name in ("sklearn", "matplotlib") if find_spec(name) is None]
    if missing:
        raise MissingError(f"the demo needs {' and '.join(missing)}: pip install 'delea[demo]'")
