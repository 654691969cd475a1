"""Whether a tracked file holds a secret, by the shapes that secrets of known services have."""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.audit.dependencies import ROOT

_BY_CHANCE = ("Base64HighEntropyString", "HexHighEntropyString", "KeywordDetector")
"""They go by randomness and by names alone; hashes of packages and tests are full of both. The
repository's own rule (tests/unit/test_repository_rules.py) has a narrower one for names."""
_OF_NO_INTEREST = r"^requirements/\w+\.txt$|\.po$|\.svg$|/vendor/|^docs/recognition"
KNOWN = {
    (".env.example", "Basic Auth Credentials"): "the word PASSWORD stands in its place",
    ("tests/unit/processes/test_secret_rotation.py", "Basic Auth Credentials"): "made up",
}
"""What was looked at and is none, and why."""


def found(*, ask: Sequence[str] = (sys.executable, "-m", "detect_secrets")) -> list[str]:
    """File, line and kind of each. Raises CalledProcessError: a scan that broke found nothing."""
    off = [word for name in _BY_CHANCE for word in ("--disable-plugin", name)]
    done = subprocess.run(
        [*ask, "scan", "--no-verify", "--exclude-files", _OF_NO_INTEREST, *off],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    results = json.loads(done.stdout)["results"]
    return [
        f"{Path(path).as_posix()}:{one['line_number']}: {one['type']}"
        for path, rows in sorted(results.items())
        for one in rows
        if (path, one["type"]) not in KNOWN
    ]
