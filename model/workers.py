"""Who computes cells: this process, others, or a Dask cluster; finished chunks go to the store as they come.

A chunk is about a second of work. A cell is the same whoever computes it: one process, two, or a cluster of which
a worker dies half-way (its chunks are then computed again elsewhere) give the same bytes.
"""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.cells import OUTCOMES, Frame, Point, World
from model.complaints import InputError
from model.processes import processes
from model.store import Store, code
from model.uncertainty import Computed

Floats = NDArray[np.float64]
Progress = Callable[[str, int, int], None]

SECONDS_A_CHUNK = 1.0
LONGEST_CHUNK = 64  # points

_worlds: dict[str, World] = {}
_building = threading.Lock()


def world_of(frame: Frame) -> World:
    """Return the people of a frame, built once a process."""
    name = f"{frame.inputs} {frame.people} {frame.batches} {frame.seed} {frame.years} {[s.id for s in frame.scenarios]}"
    name += f" {frame.relived} {frame.shares}"
    with _building:
        if name not in _worlds:
            _worlds.clear()  # one large population at a time
            _worlds[name] = World(frame)
        return _worlds[name]


@dataclass(frozen=True)
class Done:
    """A finished chunk: numbers of its points, outcomes (point, scenario, outcome, batch), failures, seconds."""

    numbers: tuple[int, ...]
    outcomes: Floats
    failed: dict[int, str]
    seconds: float


def compute_chunk(frame: Frame, chunk: Sequence[tuple[int, Point]]) -> Done:
    """Compute the cells of some points; one that fails is tried again, then named."""
    world, began = world_of(frame), time.thread_time()
    shape = (len(frame.scenarios), len(OUTCOMES), frame.batches)
    rows, failed = [], {}
    for number, point in chunk:
        row = np.full(shape, np.nan)
        for _ in range(2):
            try:
                row = world.evaluate(point)
                break
            except (ArithmeticError, ValueError, KeyError, RuntimeError) as error:
                failed[number] = f"{type(error).__name__}: {error}"
        else:
            rows.append(row)
            continue
        failed.pop(number, None)
        if not np.isfinite(row).all():
            failed[number] = "an outcome is not finite"
            row = np.full(shape, np.nan)
        rows.append(row)
    return Done(tuple(number for number, _ in chunk), np.stack(rows), failed, time.thread_time() - began)


class Crew:
    """Computes points, from the store where they are finished.

    jobs : processes that have the work; cluster : address of a Dask scheduler that has it instead
    """

    def __init__(
        self, store: Store, jobs: int = 1, cluster: str | None = None, progress: Progress | None = None, stage: str = ""
    ) -> None:
        self.store, self.jobs, self.cluster = store, jobs, cluster
        self.progress, self.stage = progress or (lambda *_: None), stage

    def __call__(self, frame: Frame, points: Sequence[Point]) -> Computed:
        """Return what points came to. Errors: those of the machine (a full disk …); finished chunks are kept."""
        shape = (len(points), len(frame.scenarios), len(OUTCOMES), frame.batches)
        keys = [frame.keys(point) for point in points]
        found, values = self.store.find([key for row in keys for key in row])
        outcomes = values.reshape(shape)
        missing = np.flatnonzero(~found.reshape(shape[:2]).all(axis=1)).tolist()
        first: dict[bytes, int] = {}  # points that are the same are computed once
        for number in missing:
            first.setdefault(b"".join(keys[number]), number)
        todo = [(number, points[number]) for number in first.values()]
        failed: dict[int, str] = {}
        seconds = keeping = 0.0
        self.progress(self.stage, 0, max(len(todo), 1))
        ready, own = 0, time.process_time()
        for done in self._run(frame, todo):
            seconds += done.seconds
            ready += len(done.numbers)
            failed |= done.failed
            for number, row in zip(done.numbers, done.outcomes, strict=True):
                outcomes[number] = row
            began = time.thread_time()  # of processor: the disk is waited for while others compute
            sound = [i for i, number in enumerate(done.numbers) if number not in done.failed]
            if sound:
                self.store.append(
                    [key for i in sound for key in keys[done.numbers[i]]],
                    done.outcomes[sound].reshape(len(sound) * shape[1], -1),
                )
            keeping += time.thread_time() - began
            self.progress(self.stage, ready, len(todo))
        if self.cluster is not None:  # all that this process did was to hand out and to keep
            keeping = max(keeping, time.process_time() - own)
        for number in missing:
            source = first[b"".join(keys[number])]
            outcomes[number] = outcomes[source]
            if source in failed:
                failed[number] = failed[source]
        overhead = keeping / seconds if seconds > 0.0 else 0.0
        return Computed(outcomes, failed, len(todo), seconds, overhead)

    def _run(self, frame: Frame, todo: Sequence[tuple[int, Point]]) -> Iterator[Done]:
        if not todo:
            return
        if self.cluster is not None:
            yield from self._on_cluster(frame, todo)
            return
        world_of(frame)  # before processes are forked: they have its people, and what is compiled, from the start
        with ThreadPoolExecutor(1) if self.jobs == 1 else processes(self.jobs) as pool:
            yield from self._in_flight(lambda chunk: pool.submit(compute_chunk, frame, chunk), todo, self.jobs)

    def _in_flight(
        self, submit: Callable[[Any], "Future[Done]"], todo: Sequence[tuple[int, Point]], workers: int
    ) -> Iterator[Done]:
        """Keep every worker busy with chunks of about a second; stop handing out work if anything goes wrong."""
        waiting, running = list(todo)[::-1], set["Future[Done]"]()
        size = 1
        try:
            while waiting or running:
                while waiting and len(running) < 2 * workers:
                    chunk = [waiting.pop() for _ in range(min(size, len(waiting)))]
                    running.add(submit(chunk))
                ready, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ready:
                    done = future.result()
                    a_point = max(done.seconds / len(done.numbers), 1e-3)
                    size = max(1, min(LONGEST_CHUNK, int(SECONDS_A_CHUNK / a_point)))
                    yield done
        finally:
            for future in running:
                future.cancel()

    def _on_cluster(self, frame: Frame, todo: Sequence[tuple[int, Point]]) -> Iterator[Done]:
        """Hand chunks to the workers of a Dask scheduler; those of a worker that dies go to another.

        Errors: InputError for workers without this model, or with another; OSError if there is no scheduler.
        """
        from distributed import Client, as_completed

        with Client(self.cluster, timeout="20s") as client:
            _check_workers(client, str(self.cluster))
            shared = client.scatter(frame, broadcast=True)
            chunks = list(_chunks(todo, 4))
            futures = [
                client.submit(compute_chunk, shared, chunk, pure=False, retries=3, key=f"cells-{time.time_ns()}-{i}")
                for i, chunk in enumerate(chunks)
            ]
            try:
                for future in as_completed(futures):
                    yield future.result()
            finally:
                client.cancel([future for future in futures if not future.done()])


def _check_workers(client: Any, address: str) -> None:
    """Refuse a cluster that would compute other cells than this process, or none; the scheduler reads them too."""
    try:
        theirs = {"scheduler": client.run_on_scheduler(code)} | client.run(code)
    except ImportError as error:
        why = f"its processes cannot import the model ({error}); expected them to be started in this folder."
        raise InputError({address: [why]}) from error
    ours = code()
    problems = [f"{name} has other code or evidence; expected the same." for name in theirs if theirs[name] != ours]
    if len(theirs) == 1:
        problems = ["the scheduler has no worker; expected one at least."]
    if problems:
        raise InputError({address: problems})


def _chunks(items: Sequence[Any], size: int) -> Iterable[Sequence[Any]]:
    return (items[i : i + size] for i in range(0, len(items), size))
