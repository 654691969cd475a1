"""What it costs that the embedded index is in memory and sealed at rest: stopping, and starting
with and without the sealed file.

`python -m tests.bench.index_at_rest` prints seconds, in turns on one gallery and machine: of the
whole stop, of the whole start from the sealed file, of the whole start that fills the index anew.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.machine import describe_machine
from tests.bench.sealed_rebuild import fill, seal_all_s
from vestibule.settings import Settings
from vestibule.wiring import EmbeddedInstallation, open_embedded
from vestibule.workflows.index_templates import reconcile_index

ROUNDS = 3
EACH = 50
"""Templates of a guest: more than any has, or making the gallery takes longer than all the rest."""


@contextmanager
def timed(settings: Settings, starts: list[float], stops: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    with open_embedded(settings) as installation:
        starts.append(time.perf_counter() - began)
        _is_whole(installation)
        yield
        began = time.perf_counter()
    stops.append(time.perf_counter() - began)


def _is_whole(installation: EmbeddedInstallation) -> None:
    assert reconcile_index(installation.runtime) == (0, 0)


def measure(size: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(_env_file=None, data_dir=Path(folder))
        Path(folder).chmod(0o711)
        with open_embedded(settings) as installation:
            fill(installation.runtime, size // EACH, each=EACH)
            seal_all_s(installation.runtime)
            reconcile_index(installation.runtime)
            assert installation.index_at_rest == "sealed"
        sealed_file = Path(folder) / "index.sealed"
        size_bytes = sealed_file.stat().st_size
        sealed: list[float] = []
        anew: list[float] = []
        stops: list[float] = []
        for _ in range(ROUNDS):
            with timed(settings, sealed, stops):
                pass
            sealed_file.unlink()
            with timed(settings, anew, stops):
                pass
    return {
        "templates": size,
        "of_a_guest": EACH,
        "sealed_file_bytes": size_bytes,
        "start_from_sealed_s": round(statistics.median(sealed), 2),
        "start_filling_anew_s": round(statistics.median(anew), 2),
        "stop_s": round(statistics.median(stops), 2),
        "rounds": ROUNDS,
        "machine": describe_machine(),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--templates", type=int, default=20_000)
    sys.stdout.write(
        json.dumps(measure(parser.parse_args().templates), indent=1, default=str) + "\n"
    )


if __name__ == "__main__":
    main()
