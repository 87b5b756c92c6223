"""A probabilistic sensitivity analysis as arrays: what each draw of the parameters costs and brings.

Ours or another program's; the decision analysis reads nothing else. Axis order (draw, strategy); a strategy
is a scenario, and the first one is the comparator.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Psa:
    """Costs and effects by draw of the parameters, absolute, a mean per person of the cohort.

    strategies : ids, the comparator first
    costs : (draw, strategy)         euros, discounted
    effects : (draw, strategy)       QALYs, discounted
    parameters : (draw, parameter)   one column a component: a number, or one item of a list
    parameter_names : one a column; `id`, or `id.3` for the third item of a list
    groups : one a column; the group whose members are drawn together, the parameter's own id otherwise
    iterations : (draw,)             number of each draw, from 1
    components : name -> (draw, strategy)      further outcomes per person (costs by payer, life-years …)

    The Monte Carlo variance of each draw's mean, None when unknown (another program's arrays):

    cost_noise_var, effect_noise_var : (draw, strategy)   of the absolute means
    incremental_cost_noise_var, incremental_effect_noise_var, incremental_noise_cov : (draw, strategy)
        variances and covariance of the differences from the first strategy (paired, so far smaller)

    persons : people of the nation that the cohort stands for; None when unknown
    about : how it was made, in words and numbers (perspective, years, people, seed, source of the draws …)
    """

    strategies: tuple[str, ...]
    costs: Floats
    effects: Floats
    parameters: Floats
    parameter_names: tuple[str, ...]
    groups: tuple[str, ...]
    iterations: NDArray[np.int64]
    components: Mapping[str, Floats] = field(default_factory=dict)
    cost_noise_var: Floats | None = None
    effect_noise_var: Floats | None = None
    incremental_cost_noise_var: Floats | None = None
    incremental_effect_noise_var: Floats | None = None
    incremental_noise_cov: Floats | None = None
    persons: float | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Errors: ValueError if the arrays do not fit together or hold a number that is not finite."""
        shape = (len(self.iterations), len(self.strategies))
        noises = {name: getattr(self, name) for name in NOISES if getattr(self, name) is not None}
        for name, array in {"costs": self.costs, "effects": self.effects, **self.components, **noises}.items():
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape}; expected (draw, strategy) = {shape}")
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds numbers that are not finite")
        columns = (len(self.iterations), len(self.parameter_names))
        if self.parameters.shape != columns or len(self.groups) != columns[1]:
            raise ValueError(f"parameters has shape {self.parameters.shape}; expected (draw, parameter) = {columns}")

    def __len__(self) -> int:
        return len(self.iterations)

    @property
    def incremental_costs(self) -> Floats:
        """Costs less those of the first strategy, (draw, strategy)."""
        return self.costs - self.costs[:, :1]

    @property
    def incremental_effects(self) -> Floats:
        """Effects less those of the first strategy, (draw, strategy)."""
        return self.effects - self.effects[:, :1]


NOISES = (
    "cost_noise_var",
    "effect_noise_var",
    "incremental_cost_noise_var",
    "incremental_effect_noise_var",
    "incremental_noise_cov",
)
