"""Time the model alone and beside other engines, in one run: a machine's speed drifts, ratios drift less.

Engines take turns and the best of their rounds counts. Every answer to Sick-Sicker is checked against the
exact one, so that nobody is fast by being wrong. `make bench` calls `main`.
"""

import importlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from model import population, simulation
from model.inputs import Registry, load_parameters
from model.phases import Values
from model.transitions import build_tables
from tests.benchmarks import dossier, sick_sicker_model, sick_sicker_numpy
from tests.benchmarks.sick_sicker import CYCLES, STRATEGIES, Result, errors

Engine = Callable[[int, int, int], Result]  # people, cycles, seed

REPOSITORY = Path(__file__).resolve().parents[2]
PEERS = ("heormodel", "starsim")
TOLERANCE = 5  # standard errors

PEAK_MEMORY = """
import sys
try:
    print(next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM")))
except OSError:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024))
"""  # the kernel's own high-water mark first: on Linux a child's ru_maxrss can be that of its parent


STORE = """
import time
from pathlib import Path
import numpy as np
from model.cells import OUTCOMES
from model.store import Store, cell_key
folder, columns = Path("{folder}"), [f"{{name}}.{{batch}}" for name in OUTCOMES for batch in range({batches})]
began = time.perf_counter()
store = Store(folder, columns)
opened = time.perf_counter() - began
"""
WRITE = """
rng, chunk, seconds = np.random.default_rng(1), 100, 0.0
for first in range(0, {cells}, chunk):
    keys = [cell_key(str(first + i).encode()) for i in range(chunk)]
    rows = rng.random((chunk, len(columns)))
    began = time.perf_counter()
    store.append(keys, rows)
    seconds += time.perf_counter() - began
began = time.perf_counter()
store.close()
print(seconds, time.perf_counter() - began, sum(path.stat().st_size for path in folder.iterdir()) / 1e6)
"""
FIND = """
began = time.perf_counter()
found, _ = store.find(store.keys.tolist())
assert found.all() and len(found) == len(store)
print(opened, time.perf_counter() - began)
"""


@dataclass(frozen=True)
class Row:
    """One measurement; what does not apply is None."""

    name: str
    people: int | None = None
    cycles: int | None = None
    seconds: float | None = None
    cpu: float | None = None  # seconds of processor over all threads: less moved by what else the machine does
    person_cycles: int | None = None  # people × cycles × strategies, the dead counted on
    ratio: float | None = None  # to the first row, in seconds per person-cycle
    megabytes: float | None = None
    note: str = ""

    @property
    def rate(self) -> float | None:
        """Person-cycles per second."""
        return self.person_cycles / self.seconds if self.person_cycles and self.seconds else None

    @property
    def core_rate(self) -> float | None:
        """Person-cycles per second of processor."""
        return self.person_cycles / self.cpu if self.person_cycles and self.cpu else None


def with_ratios(rows: Sequence[Row]) -> list[Row]:
    """Return the rows with their slowness relative to the first measured one."""
    first = next((row.rate for row in rows if row.rate), None)
    return [replace(row, ratio=first / row.rate) if first and row.rate else row for row in rows]


def engines() -> dict[str, Engine | None]:
    """Return the other engines by name, None for one that is not installed."""
    found: dict[str, Engine | None] = {
        "NumPy, tight": sick_sicker_numpy.run_tight,
        "NumPy, as published": sick_sicker_numpy.run,
    }
    os.environ.setdefault("STARSIM_INSTALL_FONTS", "0")
    for name in PEERS:
        try:
            version = importlib.import_module(name).__version__
        except ModuleNotFoundError:
            found[name] = None
        else:
            module = importlib.import_module(f"tests.benchmarks.sick_sicker_{name}")
            found[f"{name} {version}"] = module.run
    return found


def compare_sick_sicker(
    ours: Engine | None,
    people: int,
    *,
    cycles: int = CYCLES,
    rounds: int = 3,
    others: Mapping[str, Engine | None] | None = None,
) -> list[Row]:
    """Return a row an engine on both strategies of Sick-Sicker, ours first; `ours` must run on one thread.

    Raises ValueError when an answer is more than five standard errors from the exact one.
    """
    contestants: dict[str, Engine | None] = {"this model": ours} if ours is not None else {}
    contestants.update(engines() if others is None else others)
    best: dict[str, float] = {}
    for run in contestants.values():
        if run is not None:
            run(1000, cycles, 0)  # compile, import, warm up
    for seed in range(1, rounds + 1):
        for name, run in contestants.items():
            if run is not None:
                result = run(people, cycles, seed)
                worst = float(np.max(np.abs(errors(result, people, cycles))))
                if not worst <= TOLERANCE:
                    raise ValueError(f"{name} is {worst:.1f} standard errors from the exact answer")
                best[name] = min(best.get(name, np.inf), result["seconds"])
    work = people * cycles * len(STRATEGIES)
    return with_ratios(
        [
            Row(name, people, cycles, best[name], person_cycles=work) if name in best else Row(name, note="make peers")
            for name in contestants
        ]
    )


def scaling(
    run: Callable[[int, int], object], people: Sequence[int], cycles: Sequence[int], *, rounds: int = 2
) -> list[Row]:
    """Return a row for each size of the job; a ratio of 1 throughout means time in proportion to the work."""
    rows = []
    for n in people:
        for horizon in cycles:
            seconds = min(seconds_of(partial(run, n, horizon)) for _ in range(rounds))
            rows.append(Row("this model", n, horizon, seconds, person_cycles=n * horizon))
    return with_ratios(rows)


def seconds_of(job: Callable[[], object]) -> float:
    """Return the seconds that one call takes."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def python(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter in the repository and return what it prints."""
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=os.environ | environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def start_up(code: str, *, rounds: int = 3) -> list[Row]:
    """Return the seconds of `python -c code`: with nothing compiled yet, then with all compiled code kept."""
    with tempfile.TemporaryDirectory() as folder:
        times = [seconds_of(partial(python, code, NUMBA_CACHE_DIR=folder)) for _ in range(rounds + 1)]
    return [Row("cold start", seconds=times[0]), Row("warm start", seconds=min(times[1:]))]


def peak_memory(name: str, code: str) -> Row:
    """Return the peak memory of a fresh interpreter that runs the code."""
    return Row(name, megabytes=int(python(code + PEAK_MEMORY).split()[-1]) / 1e6)


def print_table(title: str, rows: Sequence[Row], console: Console | None = None) -> None:
    """Print the columns that at least one row fills; M cycles/s are million person-cycles a second of the clock,
    those "a core" a second of processor."""
    columns: dict[str, Callable[[Row], str]] = {
        "people": lambda row: f"{row.people:,}" if row.people else "",
        "cycles": lambda row: f"{row.cycles:,}" if row.cycles else "",
        "seconds": lambda row: f"{row.seconds:.3f}" if row.seconds else "",
        "M cycles/s": lambda row: f"{row.rate / 1e6:.2f}" if row.rate else "",
        "a core": lambda row: f"{row.core_rate / 1e6:.2f}" if row.core_rate else "",
        "× slower": lambda row: f"{row.ratio:.1f}" if row.ratio else "",
        "peak MB": lambda row: f"{row.megabytes:.0f}" if row.megabytes else "",
        "note": lambda row: row.note,
    }
    filled = {name: text for name, text in columns.items() if any(text(row) for row in rows)}
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("", no_wrap=True)
    for name in filled:
        table.add_column(name, justify="left" if name == "note" else "right", no_wrap=True)
    for row in rows:
        table.add_row(row.name, *(text(row) for text in filled.values()))
    (console or Console()).print(table)


@cache
def parameters() -> Registry:
    """Return the model's parameters, read once."""
    return load_parameters()


@cache
def cohort(people: int) -> simulation.People:
    """Return the closed cohort of the base people, built once."""
    return population.build(parameters(), people, seed=1, jobs=os.cpu_count() or 1).of(population.CLOSED)


@cache
def nation(people: int) -> simulation.People:
    """Return as many adults as the cohort has, drawn from the nation in its own proportions, built once."""
    everyone = population.build(parameters(), people, seed=1, jobs=os.cpu_count() or 1).of((0, 1, 2, 3, 4))
    starts = cohort(people).starts
    drawn = population.systematic(everyone.person_weights(), int(starts[-1]), population.generator(1, 1))
    persons = everyone.persons[population.generator(1, 2).permutation(drawn)]
    return replace(cohort(people), persons=persons)


def finished_cells(cells: int = 1_000_000, batches: int = 4) -> list[Row]:
    """Return what so many finished cells take, each kept in chunks of a hundred; opened in a fresh interpreter."""
    with tempfile.TemporaryDirectory() as folder:
        store = STORE.format(folder=folder, batches=batches)
        appended, compacted, size = (float(word) for word in python(store + WRITE.format(cells=cells)).split())
        opened, found, memory = (float(word) for word in python(store + FIND + PEAK_MEMORY).split())
    return [
        Row("kept in a journal", seconds=appended),
        Row("compacted to Parquet", seconds=compacted, note=f"{size:.0f} MB of random numbers"),
        Row("opened again", seconds=opened),
        Row("all of them read", seconds=found, megabytes=memory / 1e6),
    ]


def live(
    people: int, cycles: int, jobs: int = 1, sample: Callable[[int], simulation.People] = cohort
) -> tuple[float, float, float]:
    """Run a sample with everything on; return seconds, those of processor, and person-months lived by the living."""
    lived = sample(people).fresh()
    values = Values({name: parameter.value for name, parameter in parameters().items()})
    tables, calendar = build_tables([values]), simulation.new_calendar(np.zeros(cycles, np.int32))
    books = simulation.new_books(lived.slices, cycles, (cycles + 11) // 12)
    began = time.process_time()
    seconds = seconds_of(lambda: simulation.advance(lived, 0, cycles, tables, calendar, books, jobs))
    cpu = time.process_time() - began
    simulation.close(lived, calendar, books)
    return seconds, cpu, float(books.pages["occupancy"].sum()) / 2.0


def speed(people: int, jobs: int, *, rounds: int = 8) -> list[Row]:
    """Return person-months a second on one thread and on `jobs`: the least time of the clock, of the processor.

    Two samples: everyone ever ill, those with resistance many times their share, as the model simulates them; and
    adults in the nation's proportions, most of them well. Samples and threads take turns, so that a slow moment
    of the machine meets all.
    """
    samples = {"ever ill": cohort, "adults": nation}
    cases = [(name, n) for name in samples for n in sorted({1, jobs})]
    turns = [[live(people, 120, n, samples[name]) for name, n in cases] for _ in range(rounds)]
    rows = []
    for (name, n), runs in zip(cases, zip(*turns, strict=True), strict=True):
        seconds, cpu, months = (min(column) for column in zip(*runs, strict=True))
        rows.append(Row(f"{name}, {n} thread{'s' * (n > 1)}", people, 120, seconds, cpu, int(months)))
    return with_ratios(rows)


def measure(job: Callable[[int, int], object], code: str, people: Sequence[int], cycles: Sequence[int]) -> None:
    """Print what a job of the model costs: against people and cycles, to start, in memory.

    `job` takes people and cycles; `code` does a job of the people and cycles formatted into it when given to
    `python -c`: the smallest tells what starting takes, the largest its memory.
    """
    print_table("Cost against people and horizon", scaling(job, people, cycles))
    small, large = code.format(people=2_000, cycles=12), code.format(people=max(people), cycles=120)
    print_table("A fresh interpreter, to its first 2,000 people", start_up(small))
    print_table("Memory", [peak_memory("peak memory", large)])


def rows_of(runs: Sequence[dossier.Timed]) -> list[Row]:
    """Return what commands cost, one row each."""
    return [Row(run.name, seconds=run.seconds, cpu=run.cpu, megabytes=run.memory / 1e6) for run in runs]


def print_dossier(
    draws: int, jobs: int, scenarios: Sequence[str] = dossier.HEADLINE, console: Console | None = None
) -> None:
    """Print what a dossier of some scenarios costs, and the share of chance that its draws reach."""
    print_table(
        "First looks; the first ones in a copy of the project compile the rules",
        rows_of(dossier.first_looks(jobs)),
        console,
    )
    runs, shares = dossier.dossier(draws, jobs, scenarios)
    rows = rows_of(runs)
    total = sum(run.seconds for run in runs[:-1])
    what = "whole" if draws >= 1_000 else "in part: fewer draws, fewer trajectories in screening"
    print_table(f"A dossier, {what}: {total:.0f} s; screening beside it: {runs[-1].seconds:.0f} s", rows, console)
    each = dossier.a_point(runs[0].text)
    told = ", ".join(f"{name} {100.0 * share:.0f} %" for name, share in shares.items())
    lines = [f"Share of chance in the net benefit shown, 50,000 euros a QALY: {told}."]
    if each is not None:
        lines.append(
            f"A draw takes {each:.2f} s of processor: 1,000 draws, {1_000.0 * each / jobs / 60.0:.1f} minutes."
        )
        lines.append(dossier.projection(runs[0].text))
    (console or Console()).print("\n".join(lines))


def main(people: int, jobs: int, draws: int = 100) -> None:
    """Print every measurement. draws : of the dossier; from 1,000 on, the whole of it"""
    print_table("Sick-Sicker, both strategies, one thread", compare_sick_sicker(sick_sicker_model.run, people))
    print_table("The model: ten years, everything on, ledgers on, alive person-months", speed(people, jobs))
    measure(
        live,
        "from tests.benchmarks.bench import live; live({people}, {cycles})",
        people=(people // 4, people),
        cycles=(60, 120, 480),
    )
    print_table("A million finished cells", finished_cells())
    print_dossier(draws, jobs)


if __name__ == "__main__":
    main(people=200_000, jobs=1)
