"""House rules that no linter knows, checked on the tracked files and on a bad sample each."""

import ast
import importlib.metadata
import os
import re
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from vestibule.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
THIS_FILE = "tests/unit/test_repository_rules.py"

MODULE_LINE_LIMIT = 400
FUNCTION_LINE_LIMIT = 50
OUTERMOST = {
    "services/api/errors.py",
    "services/cli.py",
    "services/web/main.py",
    "services/worker/schedule.py",
    "services/worker/tasks.py",
    "vestibule/adapters/qdrant_edge.py",
}
"""Where a request, a job or a round of the schedule ends; and an engine that raises Exception."""
COMMITTING = {
    "vestibule/records/database.py",
    "vestibule/records/migrating.py",
    "vestibule/records/migrations/env.py",
}
"""The boundary of a transaction, and the migrations, which run before there is one."""
MIGRATIONS = "vestibule/records/migrations/versions/"
"""A migration is a list of steps; it is as long as what it changes."""
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
IMAGE_FOLDERS = ("docs/screenshots/", "services/web/static/")
WEIGHT_SUFFIXES = {".onnx", ".tflite", ".dat", ".pt", ".pth", ".caffemodel", ".npy", ".npz"}
IMAGE_OPENINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF8", b"RIFF", b"BM", b"II*\x00", b"MM\x00*")

# Hosts are put together here, so that this file does not name them either.
REGISTRY_HOSTS = re.compile(
    "|".join([r"py" + r"pi\.org", r"python" + r"hosted\.org", r"npm" + r"js\.(?:org|com)"])
)
MACHINE_PATHS = re.compile(r"(?<![\w.$}-])/(?:home|Users|root|work|workspace|scratch|mnt)/\w")
SECRETS = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10}"
    r"|\bsk_live_[A-Za-z0-9]{16}"
    r"|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\."
    r"|(?i:password|secret|api_?key)['\"]?\s*[:=]\s*['\"](?=\S*\d)(?=\S*[A-Za-z])[\w+/=-]{24,}['\"]"
)


@dataclass(frozen=True, slots=True)
class TrackedFile:
    path: str
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", errors="replace")

    @property
    def is_text(self) -> bool:
        return b"\x00" not in self.content[:4096]

    @property
    def is_product_code(self) -> bool:
        return self.path.endswith(".py") and self.path.startswith(("vestibule/", "services/"))


def tracked_files() -> list[TrackedFile]:
    """Every file that git tracks and that is there."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    paths = [path for path in listing.split("\0") if path and (ROOT / path).is_file()]
    return [TrackedFile(path, (ROOT / path).read_bytes()) for path in paths]


# ── the rules: what is wrong with one file, in words ────────────────────────────────────────
def long_modules(file: TrackedFile) -> Iterator[str]:
    lines = file.text.count("\n")
    if file.path.endswith(".py") and lines > MODULE_LINE_LIMIT:
        yield f"{lines} lines; stop at {MODULE_LINE_LIMIT} and split by subject"


def long_functions(file: TrackedFile) -> Iterator[str]:
    if not file.is_product_code or file.path.startswith(MIGRATIONS):
        return
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINE_LIMIT:
                yield f"{node.name} has {lines} lines; stop at {FUNCTION_LINE_LIMIT}"


def broad_excepts(file: TrackedFile) -> Iterator[str]:
    """A handler that ends in ``raise`` only cleans up; it hides nothing."""
    if not file.is_product_code or file.path in OUTERMOST:
        return
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.ExceptHandler) and ast.unparse(node.body[-1]) != "raise":
            caught = "everything" if node.type is None else ast.unparse(node.type)
            if re.search(r"everything|\b(?:Base)?Exception\b", caught):
                yield f"line {node.lineno} catches {caught}"


def commits_outside_the_boundary(file: TrackedFile) -> Iterator[str]:
    if not file.is_product_code or file.path in COMMITTING:
        return
    for node in ast.walk(ast.parse(file.text)):
        match node:
            case ast.Call(func=ast.Attribute(attr="commit")):
                yield f"line {node.lineno} commits; only database.begin() does"


def empty_names(file: TrackedFile) -> Iterator[str]:
    if file.path.endswith(".py"):
        for part in EMPTY_NAMES & set(Path(file.path).with_suffix("").parts):
            yield f"the name {part} says nothing of its subject"


def registry_hosts(file: TrackedFile) -> Iterator[str]:
    if file.is_text and (found := REGISTRY_HOSTS.search(file.text)):
        yield f"names the package registry {found.group()}; the client's settings choose it"


def machine_paths(file: TrackedFile) -> Iterator[str]:
    if file.is_text and file.path != THIS_FILE and (found := MACHINE_PATHS.search(file.text)):
        yield f"holds a path of somebody's machine: {found.group()}…"


def secrets(file: TrackedFile) -> Iterator[str]:
    if file.is_text and file.path != THIS_FILE and (found := SECRETS.search(file.text)):
        yield f"looks like a secret: {found.group()[:16]}…"


def photos_and_weights(file: TrackedFile) -> Iterator[str]:
    is_image = file.content.startswith(IMAGE_OPENINGS) or file.content[4:8] == b"ftyp"
    if is_image and not file.path.startswith(IMAGE_FOLDERS):
        yield "is a picture; pictures are fetched from packages, or drawn by the test"
    if Path(file.path).suffix in WEIGHT_SUFFIXES:
        yield "is a weight file; packs are installed by hash"


def unhashed_requirements(file: TrackedFile) -> Iterator[str]:
    if not re.fullmatch(r"requirements/\w+\.txt", file.path):
        return
    if re.search(r"^\s*(?:-i|-f|-e|--(?:extra-)?index-url|--find-links)\b", file.text, re.M):
        yield "names an index, a link page or a path"
    for pin in re.split(r"\n(?=\S)", re.sub(r"(?m)^\s*#.*\n?", "", file.text)):
        if pin.strip() and "--hash=sha256:" not in pin:
            yield f"has no hash for {pin.split()[0]}"


def loose_requirements(file: TrackedFile) -> Iterator[str]:
    if not re.fullmatch(r"requirements/\w+\.in", file.path):
        return
    for line in file.text.splitlines():
        if line and not re.match(r"#|[\w.-]+(?:\[[\w,-]+\])?==[\w.]+(?:; .+)?$", line):
            yield f"{line!r} is not name==version, or a comment on its own line"


def second_opencv(file: TrackedFile) -> Iterator[str]:
    if file.path.startswith("requirements/"):
        for name in re.findall(r"(?m)^opencv[\w-]*", file.text):
            if name != "opencv-python-headless":
                yield f"{name} writes into the same cv2 folder as opencv-python-headless"


def badly_named_decisions(file: TrackedFile) -> Iterator[str]:
    if file.path.startswith("docs/adr/"):
        if not re.fullmatch(r"docs/adr/\d{4}-[a-z0-9-]+\.md", file.path):
            yield "should be called NNNN-subject.md"
        elif not file.text.startswith("# "):
            yield "has no title"


def undocumented_targets(file: TrackedFile) -> Iterator[str]:
    if file.path != "Makefile":
        return
    phony = re.findall(r"(?m)^\.PHONY: ([\w-]+)$", file.text)
    documented = re.findall(r"(?m)^([a-z][a-z0-9-]*):[^\n]*## \S", file.text)
    for target in sorted(set(phony) - set(documented)):
        yield f"{target} has no line for `make help`"


Rule = Callable[[TrackedFile], Iterator[str]]

BAD_SAMPLES: dict[Rule, TrackedFile] = {
    long_modules: TrackedFile("vestibule/a.py", b"x = 1\n" * 401),
    long_functions: TrackedFile("services/a.py", b"def f():\n" + b"    x = 1\n" * 50),
    broad_excepts: TrackedFile(
        "vestibule/a.py", b"try:\n    f()\nexcept (OSError, Exception):\n    g()\n"
    ),
    commits_outside_the_boundary: TrackedFile("vestibule/workflows/a.py", b"session.commit()\n"),
    empty_names: TrackedFile("vestibule/utils/faces.py", b""),
    registry_hosts: TrackedFile("docs/a.md", b"https://py" + b"pi.org/simple"),
    machine_paths: TrackedFile("docs/a.md", b"see /home/ada/photos"),
    secrets: TrackedFile("a.py", b'SECRET = "c2VjcmV0LXNlY3JldC0xMjM0NTY3OA"'),
    photos_and_weights: TrackedFile("tests/faces/ada.bin", b"\xff\xd8\xff\xe0 JFIF"),
    unhashed_requirements: TrackedFile("requirements/a.txt", b"six==1.0\n    # via b\n"),
    loose_requirements: TrackedFile("requirements/a.in", b"six>=1.0\n"),
    second_opencv: TrackedFile("requirements/a.txt", b"opencv-python==5.0 \\\n"),
    badly_named_decisions: TrackedFile("docs/adr/stack.md", b"# Stack\n"),
    undocumented_targets: TrackedFile("Makefile", b".PHONY: run\nrun:\n\ttrue\n"),
}
RULES = list(BAD_SAMPLES)


# ── the checks ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="module")
def repository() -> list[TrackedFile]:
    return tracked_files()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_repository_has_no(rule: Rule, repository: list[TrackedFile]) -> None:
    assert [f"{file.path}: {words}" for file in repository for words in rule(file)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_finds_its_bad_sample(rule: Rule) -> None:
    assert list(rule(BAD_SAMPLES[rule]))


@pytest.mark.parametrize(
    ("rule", "sample"),
    [
        (photos_and_weights, TrackedFile("vestibule/a.onnx", b"")),
        (photos_and_weights, TrackedFile("tests/a.heic", b"\x00\x00\x00\x18ftypheic")),
        (broad_excepts, TrackedFile("services/a.py", b"try:\n    f()\nexcept:\n    g()\n")),
        (
            unhashed_requirements,
            TrackedFile("requirements/a.txt", b"--index-url https://example.test"),
        ),
        (secrets, TrackedFile("a.pem", b"-----BEGIN RSA " + b"PRIVATE KEY-----")),
        (machine_paths, TrackedFile("a.sh", b"cd /work/" + b"main")),
    ],
)
def test_rule_finds_further_bad_samples(rule: Rule, sample: TrackedFile) -> None:
    assert list(rule(sample))


def test_no_two_decisions_have_the_same_number(repository: list[TrackedFile]) -> None:
    numbers = [Path(file.path).name[:4] for file in repository if "docs/adr/" in file.path]
    assert sorted(numbers) == sorted(set(numbers))


def test_example_settings_name_every_setting_and_its_default() -> None:
    lines = re.findall(r"(?m)^(# )?VESTIBULE_(\w+)=(.*)$", (ROOT / ".env.example").read_text())
    assert [name.lower() for _, name, _ in lines] == list(Settings.model_fields)
    shown = {f"VESTIBULE_{name}": value for comment, name, value in lines if not comment}
    with pytest.MonkeyPatch.context() as environment:
        for name in os.environ:
            if name.startswith("VESTIBULE_"):
                environment.delenv(name)
        defaults = Settings(_env_file=None)
        for name, value in shown.items():
            environment.setenv(name, value)
        assert Settings(_env_file=None) == defaults


def test_every_tier_of_tests_is_run(repository: list[TrackedFile]) -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())
    paths = listed["tool"]["pytest"]["ini_options"]["testpaths"]
    tiers = {"/".join(file.path.split("/")[:2]) for file in repository if "/test_" in file.path}
    assert {tier for tier in tiers if tier.startswith("tests/")} == set(paths)
    halves = re.findall(r"tests/\w+(?=[ )])", (ROOT / ".ci/run-tests").read_text())
    assert sorted(halves) == sorted(paths)


def test_product_imports_nothing_that_only_tests_install(repository: list[TrackedFile]) -> None:
    pinned = set(re.findall(r"(?m)^([\w.-]+)==", (ROOT / "requirements/runtime.txt").read_text()))
    owners = importlib.metadata.packages_distributions()
    missing = {
        f"{file.path}: {module}"
        for file in repository
        if file.is_product_code
        for module in imported_modules(file)
        if module in owners
        and module not in {"vestibule", "services"}
        and not {name.lower().replace("_", "-") for name in owners[module]} & pinned
    }
    assert sorted(missing) == []


def imported_modules(file: TrackedFile) -> set[str]:
    """First parts of what a file imports from outside its own package."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.text)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


def test_only_the_headless_opencv_is_installed() -> None:
    names = {
        name for found in importlib.metadata.distributions() if (name := found.metadata["Name"])
    }
    assert {name for name in names if name.lower().replace("_", "-").startswith("opencv")} == {
        "opencv-python-headless"
    }
