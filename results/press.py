"""Charts and workbooks written by other processes, so that their seconds overlap.

Each job is a plain function of picklable things; what it writes does not depend on who writes it.
"""

from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import Any

from model.processes import processes

WORTH_IT = 10_000  # simulated people: a smaller run is over before a process has started


class Press:
    """Runs jobs in a few processes.

    With one job at a time everything runs here, in order.
    """

    def __init__(self, jobs: int = 1) -> None:
        self._pending: list[Future[None]] = []
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            self._pool = processes(min(jobs, 3))

    def __enter__(self) -> "Press":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)

    def do(self, job: Callable[..., Any], *given: Any) -> None:
        """Run a job, now or soon."""
        if self._pool is None:
            job(*given)
        else:
            self._pending.append(self._pool.submit(job, *given))

    def wait(self, progress: Callable[[int, int], None]) -> None:
        """Wait for every job; raise what the first to fail raised, once none is running any more."""
        pending, self._pending = self._pending, []
        try:
            for done, job in enumerate(pending):
                progress(done, len(pending))
                job.result()
        except BaseException:
            for job in pending:
                job.cancel()
            for job in pending:  # none may still write when the folder is taken away
                if not job.cancelled():
                    job.exception()
            raise
