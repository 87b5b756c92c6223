"""A parameter in words: value, range, source, grade and how far it was checked."""

from typing import Any

from model.scenario_card import number_text
from model.units import unit_text
from results.help import answer
from results.texts import pick

AS_WRITTEN = ("source", "note", "group")  # told in the language of their file, and said to be


def parameter_card(parameter: Any, lang: str) -> str:
    """Return the card of a parameter; texts of its file that have no translation are marked as such."""
    titled = parameter.title is not None
    unit = unit_text(parameter.unit, lang, titled=titled)
    facts: list[tuple[str, object]] = [("value", f"{number_text(parameter.value, lang)} ({unit})")]
    if parameter.range is not None:
        ends = (number_text(end, lang) for end in parameter.range)
        facts.append(("range", f" {answer('to', lang)} ".join(ends)))
    if parameter.spread is not None:
        facts.append(("spread", _spread(parameter.spread, lang)))
    grade = answer(f"grade.{parameter.grade}", lang) + (
        f", {answer('assumption', lang)}" if parameter.is_assumption else ""
    )
    facts += [("price_year", parameter.price_year), ("source", parameter.source), ("grade", grade)]
    facts += [("checked", answer(f"checked.{parameter.checked}", lang)), ("reviewed", parameter.reviewed)]
    facts += [("group", parameter.group), ("free", answer("free_text", lang) if parameter.free else None)]
    facts += [("evidence", parameter.evidence), ("note", parameter.note), ("file", parameter.file)]
    lines = [f"  {answer(key, lang):<16}{_marked(key, fact, lang)}" for key, fact in facts if fact]
    name = f"{pick(parameter.title, lang)} ({parameter.id})" if titled else parameter.id
    return "\n".join([name, *lines, ""])


def _marked(key: str, fact: object, lang: str) -> str:
    mark = f" [{answer('as_written', lang)}]" if key in AS_WRITTEN and lang == "fr" else ""
    return f"{fact}{mark}"


def _spread(spread: Any, lang: str) -> str:
    """Return a law and what fixes it."""
    law = answer(f"law.{spread.distribution}", lang)
    for key in ("ci95", "sd"):
        if found := getattr(spread, key):
            return f"{law}, {answer(f'spread.{key}', lang)} {number_text(found, lang)}"
    if spread.low is not None and spread.high is not None:
        return f"{law}, {number_text(spread.low, lang)} {answer('to', lang)} {number_text(spread.high, lang)}"
    return law
