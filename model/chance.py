"""Chance is addressed, never consumed.

Person 17 meets the same luck under every scenario, on any number of threads and in any order: each
random number is a function of (seed, person, cycle, decision) and nothing else.

The number is the SplitMix64 sequence of the person (Steele, Lea & Flood 2014, OOPSLA) read at the
place `cycle * 64 + decision`; the sequence starts at a hash of (seed, person), never at their sum.
"""

import numpy as np
from numpy.typing import NDArray

from model.compiled import jit

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
UNMIX_1, UNMIX_2 = np.uint64(0x96DE1B173F119089), np.uint64(0x319642B2D24D8EC3)  # their inverses modulo 2^64
S30, S27, S31, S11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
S53, S54, S60, S62 = np.uint64(53), np.uint64(54), np.uint64(60), np.uint64(62)
DECISIONS = np.uint64(64)
UNIT = 2.0**-53


@jit
def mix(z: np.uint64) -> np.uint64:
    """Return the 64-bit finaliser of SplitMix64 (variant 13 of Stafford)."""
    z = (z ^ (z >> S30)) * MIX_1
    z = (z ^ (z >> S27)) * MIX_2
    return z ^ (z >> S31)


@jit
def person_key(seed: np.uint64, person: np.uint64) -> np.uint64:
    """Return the start of a person's sequence: a hash of (seed, person)."""
    return mix(mix(seed + GOLDEN) ^ (person * GOLDEN + MIX_1))


@jit
def uniform(key: np.uint64, cycle: int, decision: int) -> float:
    """Return the uniform in [0, 1) that this person meets at this cycle and decision, 53 bits."""
    place = np.uint64(cycle) * DECISIONS + np.uint64(decision)
    return np.float64(mix(key + place * GOLDEN) >> S11) * UNIT


@jit
def unmix(z: np.uint64) -> np.uint64:
    """Return the number that `mix` takes to z: each of its steps can be undone."""
    z = (z ^ (z >> S31) ^ (z >> S62)) * UNMIX_2
    z = (z ^ (z >> S27) ^ (z >> S54)) * UNMIX_1
    return z ^ (z >> S30) ^ (z >> S60)


@jit
def key_of(u: float, rest: np.uint64, cycle: int, decision: int) -> np.uint64:
    """Return the key that meets `u` (in [0, 1)) at this cycle and decision; `rest` gives the bits that `u` does not.

    With `u` uniform over a range and `rest` any hash, the key is uniform over all that meet that range there: what
    they meet elsewhere is as it would be.
    """
    place = np.uint64(cycle) * DECISIONS + np.uint64(decision)
    high = np.uint64(u / UNIT) << S11
    return unmix(high | (rest >> S53)) - place * GOLDEN


@jit
def fill_keys(seed: int, first: int, out: NDArray[np.uint64]) -> None:
    """Write the keys of persons `first`, `first + 1`, … into `out`."""
    for i in range(out.size):
        out[i] = person_key(np.uint64(seed), np.uint64(first + i))


def keys(seed: int, n: int, first: int = 0) -> NDArray[np.uint64]:
    """Return the keys of persons `first` to `first + n - 1` under a seed, shape (n,)."""
    out = np.empty(n, dtype=np.uint64)
    fill_keys(seed, first, out)
    return out
