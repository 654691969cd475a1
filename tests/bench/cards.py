"""NVIDIA cards: which one is here, and what its maker says that it can do."""

import subprocess
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Card:
    """``peak_tflops`` is of float32 outside tensor cores; None where it is not in the table."""

    name: str
    memory_gib: float
    driver: str
    peak_tflops: float | None
    peak_gb_per_s: float | None


PEAKS: dict[str, tuple[float, float]] = {
    # TFLOP/s of float32 and GB/s of memory, from the data sheets; the first name that fits counts.
    "H200": (67.0, 4_800),
    "H100 NVL": (60.0, 3_938),
    "H100 PCIe": (51.0, 2_000),
    "H100": (67.0, 3_350),
    "A100": (19.5, 1_555),
    "L40S": (91.6, 864),
    "L40": (90.5, 864),
    "L4": (30.3, 300),
    "A10G": (35.0, 600),
    "A10": (31.2, 600),
    "A30": (10.3, 933),
    "T4": (8.1, 320),
    "V100": (15.7, 900),
    "RTX 4090": (82.6, 1_008),
    "RTX 3090": (35.6, 936),
}


def card_here() -> Card | None:
    """The first card that the driver's own tool lists, or None."""
    query = "--query-gpu=name,memory.total,driver_version"
    try:
        said = subprocess.run(
            ["nvidia-smi", query, "--format=csv,noheader,nounits"],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return read_card(said.splitlines()[0]) if said.strip() else None


def read_card(line: str) -> Card:
    """``name, memory in MiB, driver`` as nvidia-smi prints it."""
    name, memory_mib, driver = (part.strip() for part in line.split(","))
    peaks = next((value for key, value in PEAKS.items() if key in name), (None, None))
    return Card(name, round(float(memory_mib) / 1024, 1), driver, *peaks)
