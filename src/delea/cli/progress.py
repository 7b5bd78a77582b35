"""A bar on standard error for work that takes a while, when somebody watches."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from delea.cli.output import Output

OnStep = Callable[[int, float], None]

_REDRAW_S = 0.1


@contextmanager
def bar(
    out: Output, what: str, steps: int, *, shows_loss: bool = True, unit: str = "steps"
) -> Iterator[OnStep | None]:
    """Show how many of `steps` are done and the last loss; yields None when nobody watches."""
    if not out.shows_progress:
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed}/{task.total} {task.fields[unit]}"),
        *([TextColumn("loss {task.fields[loss]}")] if shows_loss else []),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=steps, loss="-", unit=unit)
        drawn = 0.0

        def on_step(done: int, loss: float) -> None:
            nonlocal drawn
            now = time.monotonic()
            if now - drawn >= _REDRAW_S or done == steps:
                drawn = now
                progress.update(task, completed=done, loss=f"{loss:.4g}")

        yield on_step
