"""What is set, and what follows from the machine where nothing is."""

import pytest

from vestibule import wiring_parts
from vestibule.adapters.machine_cores import Threads, threads_for, usable_cores
from vestibule.settings import Settings

CPU, CUDA = ["CPUExecutionProvider"], ["CUDAExecutionProvider", "CPUExecutionProvider"]


def settings(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]  # pydantic checks


@pytest.mark.parametrize(
    ("batching", "providers", "is_shared"),
    [
        ("auto", CPU, False),
        ("auto", CUDA, True),
        ("auto", ["TensorrtExecutionProvider"], True),
        ("on", CPU, True),
        ("off", CUDA, False),
        ("auto", [], False),
    ],
)
def test_runs_are_shared_where_it_pays_or_is_asked_for(
    batching: str, providers: list[str], is_shared: bool
) -> None:
    made = wiring_parts.batching_of(settings(batching=batching, providers=providers))
    assert (made.limits is not None) is is_shared


def test_limits_of_shared_runs_are_those_that_were_set() -> None:
    limits = wiring_parts.batching_of(
        settings(providers=CUDA, batch_rows=32, batch_wait_ms=5, intra_op_threads=1)
    ).limits
    assert limits is not None
    assert (limits.max_rows, limits.wait_s, limits.runs_at_once) == (32, 0.005, 1)


def test_threads_follow_the_machine_until_they_are_set() -> None:
    assert wiring_parts.threads(settings()) == threads_for(usable_cores())
    assert wiring_parts.threads(settings(worker_threads=7, intra_op_threads=3)) == Threads(7, 3)
    assert wiring_parts.threads(settings(worker_threads="auto", intra_op_threads=3)).intra_op == 3
