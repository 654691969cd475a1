"""How several templates count: fully when they are independent, not at all when they are one."""

import numpy as np
import pytest

from vestibule.evaluation.template_exponent import measure_template_exponent

CUSTOMERS, STRANGERS, EACH = 60, 400, 5
PERSONS = np.concatenate([np.repeat(np.arange(CUSTOMERS), EACH), CUSTOMERS + np.arange(STRANGERS)])


def exponent_for(columns: np.ndarray) -> float:
    """Strangers' scores against the customers' templates are given; all others do not matter."""
    scores = np.zeros((len(PERSONS), len(PERSONS)), np.float32)
    scores[-STRANGERS:, : CUSTOMERS * EACH] = columns
    return measure_template_exponent(scores, PERSONS, rng=np.random.default_rng(0))


def test_templates_that_are_all_alike_count_as_one() -> None:
    one = np.random.default_rng(1).standard_normal((STRANGERS, CUSTOMERS))
    assert exponent_for(np.repeat(one, EACH, axis=1)) == pytest.approx(0, abs=0.02)


def test_independent_templates_count_as_so_many_customers() -> None:
    independent = np.random.default_rng(1).standard_normal((STRANGERS, CUSTOMERS * EACH))
    assert exponent_for(independent) == pytest.approx(1, abs=0.15)


def test_where_it_cannot_be_measured_every_template_counts_in_full() -> None:
    persons = np.arange(50)
    scores = np.zeros((50, 50), np.float32)
    assert measure_template_exponent(scores, persons, rng=np.random.default_rng(0)) == 1.0
