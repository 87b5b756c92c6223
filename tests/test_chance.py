"""Chance is addressed: the number at an address is always the same, and any two addresses look unrelated."""

from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest
from scipy.stats import chi2

from model.chance import key_of, keys, mix, person_key, uniform, unmix
from model.states import Decision

ALPHA = 1e-6  # a right generator fails one of these tests once in a million
DECISIONS = len(Decision)


@numba.njit(nogil=True)
def grid(key: np.ndarray, cycles: np.ndarray, decisions: np.ndarray) -> np.ndarray:
    """Return the uniforms at all these addresses, (person, cycle, decision)."""
    out = np.empty((key.size, cycles.size, decisions.size))
    for i in range(key.size):
        for c in range(cycles.size):
            for d in range(decisions.size):
                out[i, c, d] = uniform(key[i], cycles[c], decisions[d])
    return out


def draws(people: int, cycles: int, decisions: int, seed: int = 1) -> np.ndarray:
    return grid(keys(seed, people), np.arange(cycles), np.arange(decisions))


def assert_uniform(u: np.ndarray, cells: int) -> None:
    """Chi-square against equal cells."""
    counts = np.bincount((u.ravel() * cells).astype(int), minlength=cells)
    expected = u.size / cells
    assert chi2.sf(((counts - expected) ** 2).sum() / expected, cells - 1) > ALPHA
    assert chi2.cdf(((counts - expected) ** 2).sum() / expected, cells - 1) > ALPHA, "too even"


def test_numbers_lie_in_the_unit_interval() -> None:
    u = draws(1_000, 100, DECISIONS)
    assert u.min() >= 0.0
    assert u.max() < 1.0
    assert np.unique(u).size > 0.999999 * u.size, "53 bits"


def test_an_address_gives_one_number_in_any_order_and_on_any_thread() -> None:
    u, key = draws(200, 60, DECISIONS), keys(1, 200)
    backwards = grid(key[::-1].copy(), np.arange(59, -1, -1), np.arange(DECISIONS - 1, -1, -1))
    assert (backwards[::-1, ::-1, ::-1] == u).all()
    with ThreadPoolExecutor(4) as pool:
        parts = pool.map(lambda i: grid(key[i : i + 1], np.arange(60), np.arange(DECISIONS)), range(200))
        assert (np.concatenate(list(parts)) == u).all()
    assert uniform(key[7], 11, int(Decision.COURSE)) == u[7, 11, Decision.COURSE]


def test_a_number_does_not_depend_on_how_many_others_are_drawn() -> None:
    """One person more, one month more, one decision more: the rest stays."""
    assert (draws(201, 61, DECISIONS + 1)[:200, :60, :DECISIONS] == draws(200, 60, DECISIONS)).all()
    assert (keys(3, 10, first=40) == keys(3, 50)[40:]).all()


def test_decisions_fit_the_place_kept_for_them() -> None:
    """A cycle has 64 places: the 65th decision would meet the luck of the next month."""
    assert max(Decision) < 64
    assert len(set(Decision)) == len(Decision.__members__), "two decisions share their luck"


@pytest.mark.parametrize("shape", [(1_000_000, 1, 1), (1, 1_000_000, 1), (25_000, 1, 39), (1_000, 1_000, 1)])
def test_numbers_are_uniform_along_every_axis(shape: tuple[int, int, int]) -> None:
    u = draws(*shape)
    assert_uniform(u, 1_000)
    assert_uniform(u * 2.0**20 % 1.0, 1_000)  # the low bits too


@pytest.mark.parametrize("axis", [0, 1, 2], ids=["person", "cycle", "decision"])
@pytest.mark.parametrize("lag", [1, 2, 12])
def test_neighbours_are_unrelated(axis: int, lag: int) -> None:
    """Pairs of neighbours fill the square evenly, and their correlation is within 5 standard errors of 0."""
    u = np.moveaxis(draws(400, 100, DECISIONS), axis, 0)
    first, second = u[:-lag].ravel(), u[lag:].ravel()
    assert_uniform((np.floor(first * 32) + second) / 32, 1_024)
    assert abs(np.corrcoef(first, second)[0, 1]) < 5 / np.sqrt(first.size)


def test_seeds_are_unrelated() -> None:
    """Seeds 1 and 2, and the same person shifted by one: no address of one is an address of the other."""
    one, two = draws(2_000, 100, 4, seed=1), draws(2_000, 100, 4, seed=2)
    assert abs(np.corrcoef(one.ravel(), two.ravel())[0, 1]) < 5 / np.sqrt(one.size)
    assert abs(np.corrcoef(one[1:].ravel(), two[:-1].ravel())[0, 1]) < 5 / np.sqrt(one[1:].size)
    assert not np.intersect1d(one, two).size


def test_keys_are_distinct() -> None:
    several = np.concatenate([keys(seed, 300_000) for seed in (0, 1, 2)] + [keys(1, 100_000, first=1 << 40)])
    assert np.unique(several).size == several.size
    bits = (several[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    assert np.abs(bits.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(several.size)


def reference(seed: int, person: int, cycle: int, decision: int) -> float:
    """The same in Python's whole numbers, from the text of SplitMix64 (Steele, Lea & Flood 2014)."""

    def finalise(z: int) -> int:
        z = ((z ^ z >> 30) * 0xBF58476D1CE4E5B9) % 2**64
        z = ((z ^ z >> 27) * 0x94D049BB133111EB) % 2**64
        return z ^ z >> 31

    golden = 0x9E3779B97F4A7C15
    key = finalise(finalise((seed + golden) % 2**64) ^ (person * golden + 0xBF58476D1CE4E5B9) % 2**64)
    return (finalise((key + (cycle * 64 + decision) * golden) % 2**64) >> 11) / 2**53


@pytest.mark.nojit
@pytest.mark.filterwarnings("ignore:overflow encountered in scalar")
def test_the_numbers_are_those_of_splitmix64() -> None:
    """With JIT or without; the published generator at seed 1234567 begins 6457827717110365317."""
    golden = 0x9E3779B97F4A7C15
    assert int(mix(np.uint64(1234567 + golden & (2**64 - 1)))) == 6457827717110365317
    for seed, person, cycle, decision in ((0, 0, 0, 0), (1, 17, 59, 38), (2**40, 2**40 + 3, 1199, 5)):
        key = np.uint64(person_key(np.uint64(seed), np.uint64(person)))
        assert uniform(key, cycle, decision) == reference(seed, person, cycle, decision)


def test_a_key_is_found_for_a_number_and_nothing_else_is_chosen() -> None:
    """The uniform asked for is met at its address; those met elsewhere are as those of any key."""
    rng, found = np.random.default_rng(5), []
    for u in 0.3 + 0.01 * rng.random(20_000):
        key = np.uint64(key_of(u, np.uint64(rng.integers(0, 2**63)), 40, Decision.SERVICE_ESKETAMINE))
        assert uniform(key, 40, Decision.SERVICE_ESKETAMINE) == pytest.approx(u, abs=1e-15)
        found.append(key)
    for z in (0, 1, 2**63, 2**64 - 1):
        assert unmix(np.uint64(mix(np.uint64(z)))) == z
    elsewhere = grid(np.array(found, dtype=np.uint64), np.array([3, 40, 41, 900]), np.array([0, 4, 18, 31]))
    for cycle in range(4):
        for decision in range(4):
            assert_uniform(elsewhere[:, cycle, decision], 50)
