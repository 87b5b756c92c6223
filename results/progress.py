"""Progress bars with time left, on the terminal only, and only for what takes more than two seconds."""

import sys
import threading
from types import TracebackType
from typing import Any

from results.help import stage_name

PATIENCE = 2.0  # seconds before anything is shown


class Progress:
    """Call it with (stage, done, total) as work advances; it shows one bar a stage, or nothing."""

    def __init__(self, lang: str, *, shown: bool | None = None) -> None:
        self._lang = lang
        self._shown = sys.stderr.isatty() if shown is None else shown
        self._bars: Any = None
        self._tasks: dict[str, Any] = {}
        self._met: dict[str, tuple[float, float]] = {}  # stages met before anything is shown
        self._lock = threading.Lock()
        self._patience = threading.Timer(PATIENCE, self._show)  # a first stage may be long and say nothing
        self._patience.daemon = True

    def __enter__(self) -> "Progress":
        if self._shown:
            self._patience.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._patience.cancel()
        with self._lock:
            self._shown = False
            if self._bars is not None:
                self._bars.stop()

    def __call__(self, stage: str, done: float, total: float) -> None:
        if not self._shown:
            return
        with self._lock:
            self._met[stage] = (done, total)
            if self._bars is not None:
                self._update(stage)

    def _show(self) -> None:
        """Show the bars of the stages met so far, and those to come."""
        with self._lock:
            if not self._shown:
                return
            self._bars = _bars()
            self._bars.start()
            for stage in self._met:
                self._update(stage)

    def _update(self, stage: str) -> None:
        done, total = self._met[stage]
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage_name(stage, self._lang), total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Bars(*columns, console=Console(stderr=True), transient=True)
