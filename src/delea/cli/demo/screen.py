"""What the demo shows while it plays, on stderr, and the table at its end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.box import SIMPLE
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from delea.cli.demo.cast import Cast
from delea.cli.demo.record import Record, Row
from delea.ids import Wei

TOKEN = 10**18
WIDTH = 120


class Screen:
    """Lines and progress bars on stderr; results on stdout, unless that carries JSON."""

    def __init__(self, *, as_json: bool) -> None:
        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        self.results = Console(stderr=as_json, highlight=False, width=WIDTH)

    def title(self, name: str) -> None:
        """Begin a model."""
        self.console.rule(f"[bold]{name}")

    def say(self, line: str) -> None:
        """Say what happened."""
        self.console.print(f"  {line}", markup=False)

    @contextmanager
    def training(self, what: str, steps: int) -> Iterator[Callable[[int, float], None]]:
        """Show a progress bar with the loss while the block trains."""
        columns = (TextColumn("  {task.description}"), BarColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(what, total=steps)

            def on_step(done: int, loss: float) -> None:
                progress.update(task, completed=done, description=f"{what}, loss {loss:.4f}")

            yield on_step
        self.say(what)

    def result(self, cast: Cast, record: Record) -> None:
        """Print a model's table, its inference and its invariants."""
        title = f"{record.name} at {record.address}, amounts in {record.terms.symbol}"
        table = Table(title=title, title_justify="left", box=SIMPLE)
        loss = f"{'test' if record.tested else 'train'} loss before → after"
        for column in ("version", "trainer", loss, "verdict", "status"):
            table.add_column(column, no_wrap=True)
        for column in ("reward", "reserve R", "price"):
            table.add_column(column, justify="right", no_wrap=True)
        for row in record.rows:
            table.add_row(*_cells(cast, row))
        self.results.print(table)
        lines = [f"{name.replace('_', ' ')}: {_mark(record, name)}" for name in record.invariants]
        if record.paid is not None:
            checked = "yes" if record.checked else "NO"
            lines.insert(0, f"inference paid: {tokens(record.paid)}, answer re-checked: {checked}")
        if record.test_accuracy is not None:
            lines.insert(0, f"test accuracy: {record.test_accuracy:.1%}")
        for line in lines:
            self.results.print(f"  {line}", markup=False)


def _mark(record: Record, invariant: str) -> str:
    return "holds" if record.invariants[invariant] else "BROKEN"


def _cells(cast: Cast, row: Row) -> tuple[str, ...]:
    who = cast.role_of(row.beneficiary)
    if row.updates == 0:
        who = f"rollback to {row.parent}" if row.id else "genesis"
    loss = ""
    if row.loss_before is not None and row.loss_after is not None:
        loss = f"{row.loss_before:.5f} → {row.loss_after:.5f}"
    return (
        f"{row.id} ← {row.parent}" if row.id else "0",
        who,
        loss,
        row.verdict or "",
        row.status.name.lower(),
        "" if row.reward is None else tokens(row.reward),
        tokens(row.reserve),
        tokens(row.price, 6),
    )


def tokens(amount: Wei, places: int = 3) -> str:
    """Return an amount in tokens, rounded down to so many decimals."""
    whole, rest = divmod(amount // (TOKEN // 10**places), 10**places)
    return f"{whole:,}.{rest:0{places}d}"
