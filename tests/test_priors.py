"""Priors: sound, in range, drawn by name, applied to the files' own numbers."""

from pathlib import Path

import numpy as np
import pytest

from calibration.priors import draw_priors, load_priors, with_priors
from model.complaints import InputError
from model.inputs import load_parameters


@pytest.fixture(scope="module")
def files():
    return load_parameters(solved=None)


@pytest.fixture(scope="module")
def priors(files):
    return load_priors(files)


def test_what_the_design_leaves_free_has_a_prior_with_a_reason(priors) -> None:
    moved = {parameter for prior in priors for parameter in prior.parameters}
    for subject in ("course.frailty.", "course.onset.", "care.seek.", "care.gp.detection", "treatment.adequate_dose"):
        assert any(name.startswith(subject) for name in moved), subject
    for subject in ("course.remission.", "suicide.attempt.level", "care.admission.", "work."):
        assert any(name.startswith(subject) for name in moved), subject
    assert any(prior.is_assumption for prior in priors)


def test_every_draw_is_in_range_and_moves_what_it_says(files, priors) -> None:
    draws = draw_priors(priors, 40, seed=3)
    assert draws.shape == (40, len(priors))
    for row in draws:
        drawn = with_priors(files, files, priors, row)
        for name, parameter in drawn.items():
            assert parameter.fault(parameter.value) is None, name
    names = [prior.id for prior in priors]
    spot = dict(zip(names, draws[0], strict=True))
    drawn = with_priors(files, files, priors, draws[0])
    assert drawn.value("course.frailty.response_variance") == pytest.approx(spot["response_variance"])
    own = np.array(files.value("course.onset.annual_rate.women"))
    expected = own * spot["onset_level"]
    expected[0] *= spot["onset_young"]
    expected[4:] *= spot["onset_old"]
    low, high = files["course.onset.annual_rate.women"].range
    assert drawn.value("course.onset.annual_rate.women") == pytest.approx(np.clip(expected, low, high))


def test_ratios_have_median_one_and_their_interval(priors) -> None:
    place = [prior.id for prior in priors].index("seek")
    column = draw_priors(priors, 20_000, seed=5)[:, place]
    assert np.median(column) == pytest.approx(1.0, abs=0.02)
    assert np.quantile(column, [0.025, 0.975]) == pytest.approx([0.4, 2.5], rel=0.05)


def test_a_prior_more_disturbs_no_other(priors) -> None:
    np.testing.assert_array_equal(draw_priors(priors[3:], 5, seed=2), draw_priors(priors, 5, seed=2)[:, 3:])


WRONG = """
[prior.a]
parameters = ["course.frailty.respons_variance"]
kind = "value"
why = "typo"
grade = "D"
[prior.b]
parameters = ["work.come_back.monthly_hazard"]
kind = "ratio"
index = [9]
why = "no spread, no such place"
grade = "E"
[prior.c]
parameters = ["care.seek.monthly_hazard"]
kind = "value"
why = "a list without index"
grade = "D"
spread = { distribution = "lognormal", ci95 = [2.0, 1.0] }
"""


def test_every_problem_is_said_at_once(tmp_path: Path, files) -> None:
    path = tmp_path / "priors.toml"
    path.write_text(WRONG, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_priors(files, path)
    said = str(caught.value)
    for words in (
        "course.frailty.respons_variance is not a parameter. Did you mean course.frailty.response_variance?",
        'prior.b.grade is "E"; expected A, B, C or D, in quotes.',
        "prior.c.index is missing; care.seek.monthly_hazard is a list, and kind is value.",
        "prior.c.spread.ci95 is [2, 1]; expected two numbers, the lower first.",
    ):
        assert words in said
