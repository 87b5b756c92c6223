"""Progress bars with time left, on the terminal only, and only for what takes more than two seconds."""

import sys
import time
from types import TracebackType
from typing import Any

from results.help import stage_name

PATIENCE = 2.0  # seconds before anything is shown


class Progress:
    """Call it with (stage, done, total) as work advances; it shows one bar a stage, or nothing."""

    def __init__(self, lang: str, *, shown: bool | None = None) -> None:
        self._lang = lang
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._began = time.monotonic()
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        if not self._shown or (self._bars is None and time.monotonic() - self._began < PATIENCE):
            return
        if self._bars is None:
            self._bars = _bars()
            self._bars.start()
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage_name(stage, self._lang), total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Bars(*columns, console=Console(stderr=True), transient=True)
