"""The ``vestibule`` command. Each of its commands is loaded when it is run, and no other.

So the pages' process never loads what speaks to a database, and a small command starts at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from services.client import RefusedError
from services.commands.words import words
from services.no_core_dumps import refuse_core_dumps
from vestibule import __version__
from vestibule.domain.errors import VestibuleError


@dataclass(frozen=True, slots=True)
class Unloaded:
    """A command by where it is: ``module:function``, or ``module:typer_app`` of several.

    ``words`` are the first sentence of its help, for the list of commands; without any it is not
    listed.
    """

    target: str
    words: str

    def load(self, name: str) -> Any:
        module, attribute = self.target.split(":")
        found = getattr(import_module(module), attribute)
        holder = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        if isinstance(found, typer.Typer):
            holder.add_typer(found, name=name)
        else:
            holder.command(name, hidden=not self.words)(found)
            holder.callback()(lambda: None)  # else one command alone would not be a group
        return get_group(holder).commands[name]


def version() -> None:
    """Print the version."""
    typer.echo(__version__)


COMMANDS: Mapping[str, Unloaded] = {
    # running it
    "serve": Unloaded(
        "services.commands.serving:serve",
        "Run the product; prints the address with a one-time sign-in link.",
    ),
    "sign-in-link": Unloaded(
        "services.commands.tending:sign_in_link",
        "Print a new one-time sign-in link of the running product.",
    ),
    "version": Unloaded("services.cli:version", "Print the version."),
    # people and photos
    "enrol-folder": Unloaded(
        "services.commands.photos:enrol_folder", "Enrol every photo under DIR, one folder a person."
    ),
    "identify": Unloaded("services.commands.photos:identify", "Say who is in these photos."),
    "batch": Unloaded(
        "services.commands.batches:batch_app",
        "Large work: rebuild, re-embed, import, follow, stop.",
    ),
    "generation": Unloaded(
        "services.commands.batches:generation_app", "Fillings of the index: switch, drop."
    ),
    "rebuild-index": Unloaded(
        "services.commands.tending:rebuild_index",
        "Make the vector index equal to the record, without running a model.",
    ),
    "erase": Unloaded(
        "services.commands.erasures:erase_app",
        "Erase a guest (`erase ID`), and prove that it is done.",
    ),
    # models and how well they tell faces apart
    "models": Unloaded(
        "services.commands.models:models_app", "Model packs: list, install, verify, compare."
    ),
    "calibrate": Unloaded(
        "services.commands.calibrate:calibrate",
        "Measure scores on labelled photos; propose, show, adopt and put back thresholds.",
    ),
    "evaluate": Unloaded(
        "services.commands.evaluation:evaluate",
        "Measure detection, verification and identification on labelled photos, degraded too.",
    ),
    "evaluate-gate": Unloaded(
        "services.commands.evaluation:evaluate_gate",
        "Measure what the gate at enrolment refuses: good photos, and faults drawn into them.",
    ),
    "publish-recognition": Unloaded("services.commands.evaluation:publish", ""),
    # keeping it
    "audit": Unloaded("services.commands.audit:audit_app", "The audit log."),
    "api-key": Unloaded("services.commands.tending:keys_app", "API keys for programs."),
    "backup": Unloaded("services.commands.backup:backup_app", "Backups of the whole installation."),
    "restore": Unloaded(
        "services.commands.backup:restore_command",
        "Make an installation of a backup, in an empty database and an empty store.",
    ),
    # the distributed mode
    "migrate": Unloaded(
        "services.commands.migrating:migrate", "Bring the database to this release's schema."
    ),
    "api": Unloaded("services.processes.api:api", "Run the API (distributed mode)."),
    "worker": Unloaded(
        "services.processes.worker:worker",
        "Run a worker: it takes jobs and loads the models (distributed mode).",
    ),
    "take-jobs": Unloaded("services.processes.worker_child:take_jobs", ""),
    "do-apart": Unloaded("services.processes.worker_child:do_apart", ""),
    "scheduler": Unloaded(
        "services.processes.scheduler:scheduler",
        "Run the scheduler; of several copies one does the work (distributed mode).",
    ),
    "web": Unloaded(
        "services.processes.web:web",
        "Run the pages; they need VESTIBULE_API_URL (distributed mode).",
    ),
    "is-alive": Unloaded(
        "services.commands.alive:check_alive",
        "Exit status 0 if that process gave a sign of life lately: for container health checks.",
    ),
    "secrets": Unloaded(
        "services.commands.secrets:secrets_app", "Secrets of a distributed installation."
    ),
    "storage": Unloaded(
        "services.commands.storage:storage_app", "The object store of the distributed mode."
    ),
}


class Commands(TyperGroup):
    """The list shows what ``COMMANDS`` says; to run a command loads it."""

    def __init__(self, **options: Any) -> None:
        listed = {
            name: TyperCommand(name, help=unloaded.words, hidden=not unloaded.words)
            for name, unloaded in COMMANDS.items()
        }
        super().__init__(**options | {"commands": listed})

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, found, rest = super().resolve_command(ctx, args)
        return name, COMMANDS[name].load(name) if name is not None else found, rest


app = typer.Typer(
    cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@app.callback()
def vestibule() -> None:
    """Face re-identification for clubs. Settings come from VESTIBULE_* in the environment."""


def main() -> None:
    """Run a command; an expected error is one sentence on stderr and exit status 1."""
    refuse_core_dumps()
    try:
        app()
    except (VestibuleError, RefusedError) as error:
        words.print(f"[red]{error}[/red]" if str(error) else error.code)
        raise SystemExit(1) from None
    except ValidationError as error:
        for item in error.errors():
            name = "VESTIBULE_" + "_".join(str(part) for part in item["loc"]).upper()
            words.print(f"[red]{name}: {item['msg']}[/red]")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
