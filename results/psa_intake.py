"""Read a probabilistic analysis made by any program: files as dampack, BCEA, voi, SAVI or heormodel have them.

Costs and effects with one column a strategy and the same rows; or one tidy file with a row a strategy and
iteration. What does not fit is told at once: file, line or column, what was found, what was expected.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from model.complaints import Complain, InputError, Problems, hint
from model.psa import Psa
from results.number_table import NumberTable, read_numbers
from results.psa_files import read_psa_files

Floats = NDArray[np.float64]

STRATEGY = ("strategy", "strategie", "stratégie", "option")
COST = ("cost", "costs", "cout", "coût")
EFFECT = ("qaly", "qalys", "effect", "effects", "effectiveness", "effet")
LEAST_DRAWS = 20  # fewer say nothing of a distribution
_AFFIX = re.compile(
    r"^(costs?|couts?|c|effects?|effectiveness|effets?|qalys?|e)[._ -]+|[._ -]+(costs?|effects?|qalys?)$",
    re.IGNORECASE,
)


def read_psa(source: Path, comparator: str | None = None, groups: Path | None = None) -> Psa:
    """Return the PSA of a folder (ours, or `costs.csv` with `effects.csv`, or `psa.csv`) or of one tidy file.

    Errors: InputError with every problem of every file.
    """
    folders = [folder for folder in (source, source / "psa") if folder.is_dir()]
    for folder in folders:
        if (folder / "about.json").is_file():
            return with_comparator(read_psa_files(folder), comparator, str(folder))
        if (folder / "costs.csv").is_file() or (folder / "effects.csv").is_file():
            parameters, beside = folder / "parameters.csv", folder / "groups.csv"
            return read_separate(
                folder / "costs.csv",
                folder / "effects.csv",
                parameters if parameters.is_file() else None,
                comparator,
                groups or (beside if beside.is_file() else None),
            )
    tidy = source if source.is_file() else next((f / "psa.csv" for f in folders if (f / "psa.csv").is_file()), None)
    if tidy is None:
        inside = ", ".join(sorted(path.name for path in source.iterdir())[:6]) if folders else ""
        found = f"a folder that holds {inside or 'nothing'}" if folders else "not there"
        expected = "a folder with costs.csv and effects.csv, or psa.csv; or a tidy CSV file"
        raise InputError({str(source): [f"is {found}; expected {expected}."]})
    return read_tidy(tidy, None, comparator, groups)


def read_separate(
    costs: Path,
    effects: Path,
    parameters: Path | None = None,
    comparator: str | None = None,
    groups: Path | None = None,
) -> Psa:
    """Return the PSA of two or three files with the same rows, one column a strategy or a parameter.

    groups : a file with the columns parameter and group: what is to be valued together

    Errors: InputError with every problem of every file.
    """
    problems = Problems()
    cost, effect = (read_numbers(path, problems.about(str(path))) for path in (costs, effects))
    drawn = read_numbers(parameters, problems.about(str(parameters))) if parameters else None
    ordered = None
    if cost is not None and effect is not None:
        ordered = _in_order_of(cost, effect, problems.about(str(effects)))
        _check_draws(cost, problems.about(str(costs)))
    rows = [_rows_as(cost, other, problems) for other in (effect, drawn) if cost is not None and other is not None]
    group_of = _groups(groups, drawn, problems, parameters is not None)
    if cost is not None:
        _check_comparator(comparator, _bare_names(cost.columns), problems.about(str(costs)))
    problems.stop_if_any()
    assert cost is not None
    assert effect is not None
    assert ordered is not None
    effect_values = effect.values[rows[0]][:, ordered]
    values = drawn.values[rows[1]] if drawn is not None else np.empty((len(cost.values), 0))
    psa = _psa(
        _bare_names(cost.columns), cost.values, effect_values, drawn, values, cost.iterations, str(costs), group_of
    )
    return with_comparator(psa, comparator, str(costs))


def read_tidy(
    path: Path, parameters: Path | None = None, comparator: str | None = None, groups: Path | None = None
) -> Psa:
    """Return the PSA of a tidy file: strategy, iteration, cost, qaly (or effect), further outcomes.

    Errors: InputError with every problem.
    """
    problems = Problems()
    complain = problems.about(str(path))
    table = read_numbers(path, complain, words=STRATEGY)
    drawn = read_numbers(parameters, problems.about(str(parameters))) if parameters else None
    if table is not None:
        _check_tidy(table, complain)
    group_of = _groups(groups, drawn, problems, parameters is not None)
    problems.stop_if_any()
    assert table is not None
    assert table.iterations is not None
    named = next(iter(table.texts.values()))
    strategies, iterations = tuple(dict.fromkeys(named)), np.unique(table.iterations)
    shape = (len(iterations), len(strategies))
    numbered = zip(named, table.iterations.tolist(), strict=True)
    place = {address: row for row, address in enumerate(numbered)}
    rows = np.array([[place[strategy, int(number)] for strategy in strategies] for number in iterations])
    columns = {name: table.values[rows, at].reshape(shape) for at, name in enumerate(table.columns)}
    costs = columns.pop(_column(table, COST) or "")
    effects = columns.pop(_column(table, EFFECT) or "")
    values = np.empty((shape[0], 0))
    if drawn is not None:
        reference = NumberTable(path, strategies, costs, tuple(range(len(costs))), iterations)
        values = drawn.values[_rows_as(reference, drawn, problems)]
        problems.stop_if_any()
    psa = _psa(strategies, costs, effects, drawn, values, iterations, str(path), group_of, columns)
    return with_comparator(psa, comparator, str(path))


def with_comparator(psa: Psa, comparator: str | None, source: str) -> Psa:
    """Return the same PSA with this strategy (id or title) first: what the others are compared with.

    Without a name, `baseline` if there is one, else the first. Errors: InputError if no strategy has this name.
    """
    titles = dict(psa.about.get("titles", {}))
    names = {name: name for name in psa.strategies} | {str(title): name for name, title in titles.items()}
    wanted = comparator or ("baseline" if "baseline" in psa.strategies else psa.strategies[0])
    if wanted not in names:
        raise InputError({source: [f"has no strategy {wanted}.{hint(wanted, names)}"]})
    first = psa.strategies.index(names[wanted])
    order = [first, *(s for s in range(len(psa.strategies)) if s != first)]
    if first == 0:
        return psa
    if psa.incremental_cost_noise_var is not None:
        told = f"its Monte Carlo noise is that of differences from {psa.strategies[0]}; expected that comparator."
        raise InputError({source: [told]})
    return Psa(
        tuple(psa.strategies[s] for s in order),
        psa.costs[:, order],
        psa.effects[:, order],
        psa.parameters,
        psa.parameter_names,
        psa.groups,
        psa.iterations,
        {name: values[:, order] for name, values in psa.components.items()},
        persons=psa.persons,
        about=psa.about,
    )


def ascii_ids(names: Sequence[str]) -> tuple[str, ...]:
    """Return an id of lower-case letters, digits and _ for each name, all different."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        base = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or f"strategy_{place}"
        found.append(base if base not in found else f"{base}_{place}")
    return tuple(found)


def _psa(
    names: Sequence[str],
    costs: Floats,
    effects: Floats,
    drawn: NumberTable | None,
    values: Floats,
    iterations: NDArray[np.int64] | None,
    source: str,
    group_of: Mapping[str, str],
    components: Mapping[str, Floats] = MappingProxyType({}),
) -> Psa:
    ids = ascii_ids(names)
    parameters = drawn.columns if drawn is not None else ()
    numbers = iterations if iterations is not None else np.arange(1, len(costs) + 1)
    about = {"titles": dict(zip(ids, names, strict=True)), "made_elsewhere": True, "source": source}
    groups = tuple(group_of.get(name, name) for name in parameters)
    return Psa(ids, costs, effects, values, parameters, groups, numbers, dict(components), about=about)


def _check_comparator(comparator: str | None, names: Sequence[str], complain: Complain) -> None:
    ids = dict(zip(ascii_ids(names), names, strict=True))
    if comparator is not None and comparator not in {*ids, *names}:
        complain(f"has no strategy {comparator}.{hint(comparator, [*ids, *names])}")


def _groups(path: Path | None, drawn: NumberTable | None, problems: Problems, with_parameters: bool) -> dict[str, str]:
    """Return parameter -> group, after complaining of what does not fit.

    with_parameters : whether a file of parameters was given: one that cannot be read has complained already
    """
    if path is None:
        return {}
    complain = problems.about(str(path))
    table = read_numbers(path, complain, words=("parameter", "group"))
    if table is None:
        return {}
    words = {name.lower(): found for name, found in table.texts.items()}
    if set(words) != {"parameter", "group"}:
        complain(f"has the columns {', '.join([*table.texts, *table.columns])}; expected parameter and group.")
        return {}
    known = drawn.columns if drawn is not None else ()
    for name in words["parameter"]:
        if name not in known and (drawn is not None or not with_parameters):
            complain(f"{name} is not a parameter drawn.{hint(name, known)}")
    return dict(zip(words["parameter"], words["group"], strict=True))


def _bare_names(columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of strategies without what says that a column holds their cost ("cost_A" is A)."""
    bare = tuple(_AFFIX.sub("", name.strip()) for name in columns)
    return bare if len(set(bare)) == len(bare) else tuple(columns)


def _in_order_of(cost: NumberTable, effect: NumberTable, complain: Complain) -> list[int] | None:
    """Return where each strategy of the costs is among the effects."""
    for expected, found in (
        (cost.columns, effect.columns),
        (_bare_names(cost.columns), _bare_names(effect.columns)),
    ):
        if set(expected) == set(found):
            return [found.index(name) for name in expected]
    missing = [name for name in cost.columns if name not in effect.columns]
    for name in effect.columns:
        if name not in cost.columns:
            complain(f"column {name} is not a strategy of {cost.path.name}.{hint(name, missing)}")
    for name in missing:
        complain(f"has no column {name}; expected the strategies of {cost.path.name}.")
    return None


def _check_draws(table: NumberTable, complain: Complain) -> None:
    if len(table.columns) < 2:
        complain(f"has {len(table.columns)} strategy; expected two or more, the comparator among them.")
    if len(table.values) < LEAST_DRAWS:
        complain(f"has {len(table.values)} draws; expected {LEAST_DRAWS} or more.")


def _rows_as(reference: NumberTable, other: NumberTable, problems: Problems) -> NDArray[np.int64]:
    """Return the rows of `other` in the order of the draws of `reference`, after complaining if they differ."""
    complain, count = problems.about(str(other.path)), len(reference.values)
    if len(other.values) != count:
        complain(f"has {len(other.values)} draws; expected {count}, as {reference.path.name}.")
        return np.arange(count)
    if reference.iterations is None or other.iterations is None:
        return np.arange(count)
    place = {int(number): row for row, number in enumerate(other.iterations)}
    unknown = [int(number) for number in reference.iterations if int(number) not in place]
    if unknown:
        complain(f"has no iteration {unknown[0]}; expected those of {reference.path.name} ({len(unknown)} missing).")
        return np.arange(count)
    return np.array([place[int(number)] for number in reference.iterations])


def _column(table: NumberTable, names: Sequence[str]) -> str | None:
    return next((column for column in table.columns if column.lower() in names), None)


def _check_tidy(table: NumberTable, complain: Complain) -> None:
    """Complain of what a tidy file lacks, and of iterations that are not there once for each strategy."""
    if not table.texts:
        complain(f"has no column strategy.{hint('strategy', table.columns)}")
    if table.iterations is None:
        complain(f"has no column iteration.{hint('iteration', table.columns)}")
    for names in (COST, EFFECT):
        if _column(table, names) is None:
            complain(f"has no column {names[0]}.{hint(names[0], table.columns)}")
    if not table.texts or table.iterations is None:
        return
    seen: dict[str, set[int]] = {}
    named = next(iter(table.texts.values()))
    for line, strategy, number in zip(table.lines, named, table.iterations.tolist(), strict=True):
        if number in seen.setdefault(strategy, set()):
            complain(f"line {line}: strategy {strategy} has iteration {number} twice; expected once.")
        seen[strategy].add(number)
    every = set().union(*seen.values())
    for strategy, numbers in seen.items():
        if lacking := sorted(every - numbers):
            complain(f"strategy {strategy} has no iteration {lacking[0]} ({len(lacking)} missing); expected all.")
    if len(seen) < 2:
        complain(f"has {len(seen)} strategy; expected two or more, the comparator among them.")
    if len(every) < LEAST_DRAWS:
        complain(f"has {len(every)} draws; expected {LEAST_DRAWS} or more.")
