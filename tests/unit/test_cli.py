"""Commands are loaded when they are run: each is where it is said to be, and loads no other's."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import COMMANDS, app

DATABASE = {"sqlalchemy", "psycopg", "alembic"}
SYSTEMS = {"qdrant_client", "qdrant_edge", "minio", "celery", "redis"}
MODELS = {"onnxruntime", "cv2", "scipy"}
RECORDS = {"vestibule.records", "vestibule.workflows"}
PAGES = {"services.web", "jinja2"}
NOT_OF = {
    "version": DATABASE | SYSTEMS | MODELS | PAGES | {"fastapi"},
    "sign-in-link": DATABASE | SYSTEMS | MODELS | PAGES | {"fastapi"},
    "is-alive": DATABASE | SYSTEMS | MODELS | PAGES | {"fastapi"},
    "web": DATABASE
    | SYSTEMS
    | MODELS
    | {"vestibule.records", "vestibule.workflows", "services.api"},
    "worker": MODELS | PAGES | {"fastapi", "qdrant_client", "minio"},
    "take-jobs": PAGES | {"fastapi", "qdrant_edge"},
    "scheduler": PAGES | {"fastapi", "qdrant_edge"},
    "api": PAGES | {"qdrant_edge"},
    "serve": {"qdrant_client"},
}
"""What a command must not load. ``api`` serves no page; ``web`` must have no way to a record."""
LOAD = """
import sys
from services.cli import COMMANDS
COMMANDS[sys.argv[1]].load(sys.argv[1])
print("\\n".join(sys.modules))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_list_tells_of_a_command_what_its_own_help_tells(name: str) -> None:
    command = COMMANDS[name].load(name)
    assert command.name == name
    assert command.hidden == (not COMMANDS[name].words)
    if not command.hidden:
        assert command.get_short_help_str(limit=200) == COMMANDS[name].words


@pytest.mark.parametrize("name", NOT_OF)
def test_command_loads_nothing_that_it_has_no_use_for(name: str) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", LOAD, name], capture_output=True, text=True, check=True
    )
    loaded = set(ran.stdout.splitlines())
    assert "typer" in loaded
    assert loaded & NOT_OF[name] == set()


def test_every_function_that_is_a_command_is_listed() -> None:
    """A file of commands that nobody can run would be forgotten code."""
    folder = Path(__file__).parents[2] / "services/commands"
    apps = {
        f"services.commands.{file.stem}:{line.split(' = ')[0]}"
        for file in folder.glob("*.py")
        for line in file.read_text().splitlines()
        if line.split(" = ")[-1].startswith("typer.Typer(")
    }
    assert apps
    assert apps <= {unloaded.target for unloaded in COMMANDS.values()}


def test_misspelled_command_is_refused_with_the_one_that_was_meant() -> None:
    ran = CliRunner().invoke(app, ["identfy"])
    assert ran.exit_code == 2
    assert "identify" in ran.output


def test_hidden_commands_are_not_in_the_list() -> None:
    listed = CliRunner().invoke(app, ["--help"]).output
    assert "serve" in listed
    assert "take-jobs" not in listed
