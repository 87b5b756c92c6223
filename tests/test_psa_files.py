"""What is written of a PSA is read back to the bit; another program's files are read as far as they go."""

from pathlib import Path

import numpy as np
import pytest

from model.complaints import InputError
from model.psa import NOISES, Psa
from results.psa_files import read_psa_files, write_psa_files


def made_up(draws: int = 7) -> Psa:
    rng = np.random.default_rng(5)
    two = lambda: rng.normal(size=(draws, 2))  # noqa: E731
    return Psa(
        ("baseline", "liste_en_sus"),
        1e4 + two(),
        5.0 + two(),
        rng.normal(size=(draws, 3)),
        ("a.b", "c.1", "c.2"),
        ("a.b", "together", "together"),
        np.array([1, 2, 3, 5, 6, 7, 9][:draws]),
        {"life_years": two()},
        **{name: two() ** 2 for name in NOISES},
        persons=5.5e6,
        about={"perspective": "collective", "years": 80},
    )


def test_written_and_read_back_is_the_same_to_the_bit(tmp_path: Path) -> None:
    psa = made_up()
    write_psa_files(psa, tmp_path)
    back = read_psa_files(tmp_path)
    assert (back.strategies, back.parameter_names, back.groups) == (psa.strategies, psa.parameter_names, psa.groups)
    for name in ("costs", "effects", "parameters", "iterations", *NOISES):
        assert np.array_equal(getattr(back, name), getattr(psa, name)), name
    assert np.array_equal(back.components["life_years"], psa.components["life_years"])
    assert back.persons == psa.persons
    assert back.about == psa.about


def test_costs_and_effects_alone_are_enough(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (tmp_path / "effects.csv").write_text("a,b\n0.1,0.2\n0.3,0.4\n", encoding="utf-8")
    psa = read_psa_files(tmp_path)
    assert psa.strategies == ("a", "b")
    assert psa.parameter_names == ()
    assert psa.incremental_cost_noise_var is None


def test_files_that_do_not_fit_are_refused_together(tmp_path: Path) -> None:
    (tmp_path / "costs.csv").write_text("a,b\n1,2\n3,x\n", encoding="utf-8")
    with pytest.raises(InputError, match="column b is 'x'; expected a number") as caught:
        read_psa_files(tmp_path)
    assert "effects.csv" in str(caught.value)
