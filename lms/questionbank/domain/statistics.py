"""The tests of chance that the measures of a bank rest on, from the standard library's mathematics alone."""

import math
from collections.abc import Sequence

_STEPS = 500
_PRECISION = 1e-12


def chi_square(observed: Sequence[int], expected: Sequence[float]) -> float:
    """Pearson's statistic; cells that expect nothing are left out."""
    return sum((o - e) ** 2 / e for o, e in zip(observed, expected, strict=True) if e > 0)


def chi_square_p(statistic: float, degrees: int) -> float:
    """Probability of a statistic at least as large by chance: the regularized upper incomplete gamma function Q(k/2, x/2)."""
    shape, x = degrees / 2, statistic / 2
    if degrees < 1 or x <= 0:
        return 1.0
    scale = math.exp(-x + shape * math.log(x) - math.lgamma(shape))
    if x < shape + 1:
        return max(0.0, 1.0 - scale * _series(shape, x))
    return min(1.0, scale * _continued_fraction(shape, x))


def at_least(count: int, chances: Sequence[float]) -> float:
    """Probability that at least `count` of independent events happen, each with its own chance (Poisson binomial)."""
    distribution = [1.0]
    for chance in chances:
        grown = [0.0] * (len(distribution) + 1)
        for happened, probability in enumerate(distribution):
            grown[happened] += probability * (1 - chance)
            grown[happened + 1] += probability * chance
        distribution = grown
    return min(1.0, math.fsum(distribution[max(count, 0) :]))


def _series(shape: float, x: float) -> float:
    """The sum of Abramowitz and Stegun 6.5.29, for x < shape + 1."""
    term = total = 1 / shape
    for step in range(1, _STEPS):
        term *= x / (shape + step)
        total += term
        if term < total * _PRECISION:
            break
    return total


def _continued_fraction(shape: float, x: float) -> float:
    """Lentz's form of Abramowitz and Stegun 6.5.31, for x >= shape + 1."""
    tiny = 1e-300
    b = x + 1 - shape
    c = 1 / tiny
    d = 1 / b
    value = d
    for step in range(1, _STEPS):
        a = -step * (step - shape)
        b += 2
        d = 1 / (a * d + b or tiny)
        c = b + a / c or tiny
        factor = d * c
        value *= factor
        if abs(factor - 1) < _PRECISION:
            break
    return value
