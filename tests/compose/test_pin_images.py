"""The script that asks a registry for digests, with a docker in its place that answers as told."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "infra/images").mkdir(parents=True)
    shutil.copy(ROOT / "infra/pin-images", tmp_path / "infra/pin-images")
    (tmp_path / "docker-compose.yml").write_text(f"image: redis:8.10.2-alpine@{OLD}\n")
    (tmp_path / "infra/images/Dockerfile").write_text(f"ARG PYTHON=python:3.11@{NEW}\n")
    return tmp_path


def pin(tree: Path, answer: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    docker = tree / "bin/docker"
    docker.parent.mkdir(exist_ok=True)
    docker.write_text(f"#!/bin/sh\n{answer}\n")
    docker.chmod(0o755)
    return subprocess.run(
        [tree / "infra/pin-images", *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": f"{docker.parent}:{os.environ['PATH']}"},
    )


def test_a_digest_that_moved_is_told(tree: Path) -> None:
    told = pin(tree, f"echo {NEW}")
    assert told.returncode == 1
    assert f"redis:8.10.2-alpine is {NEW}, not {OLD}" in told.stdout
    assert OLD in (tree / "docker-compose.yml").read_text()


def test_what_the_registry_says_is_written(tree: Path) -> None:
    assert pin(tree, f"echo {NEW}", "--write").returncode == 0
    assert (tree / "docker-compose.yml").read_text() == f"image: redis:8.10.2-alpine@{NEW}\n"
    assert pin(tree, f"echo {NEW}").returncode == 0
    assert not list(tree.rglob("*.before"))


@pytest.mark.parametrize("answer", ["exit 1", "echo unauthorized"])
def test_nothing_is_written_without_an_answer(tree: Path, answer: str) -> None:
    before = (tree / "docker-compose.yml").read_text()
    assert pin(tree, answer, "--write").returncode == 2
    assert (tree / "docker-compose.yml").read_text() == before
