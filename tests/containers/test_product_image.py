"""The product's image: what is in it, what is not, and that it runs with nothing granted to it."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.containers.engine import Engine
from vestibule import __version__
from vestibule.settings import Settings

pytestmark = pytest.mark.timeout(900)  # the first run builds the images

HARDENED = (
    "--rm",
    "--read-only",
    "--tmpfs=/tmp:mode=1777",
    "--cap-drop=ALL",
    "--security-opt=no-new-privileges",
    "--network=none",
)


def in_image(
    engine: Engine, image: str, *command: str, options: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    return engine.docker("run", *HARDENED, *options, image, *command, check=False)


def python_in_image(engine: Engine, image: str, code: str) -> str:
    done = in_image(engine, image, "-c", code, options=("--entrypoint=python",))
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_runs_read_only_without_capabilities(engine: Engine, product_image: str) -> None:
    assert in_image(engine, product_image, "version").stdout.strip() == __version__


def test_user_is_not_root_and_has_no_password_or_shell(engine: Engine, product_image: str) -> None:
    found = python_in_image(
        engine, product_image, "import os, pwd; print(os.getuid(), pwd.getpwuid(10001).pw_shell)"
    )
    assert found == "10001 /usr/sbin/nologin"


def test_holds_nothing_that_installs_or_compiles(engine: Engine, product_image: str) -> None:
    found = python_in_image(
        engine,
        product_image,
        "import importlib.util, shutil; "
        "print([name for name in ('gcc', 'cc', 'make', 'pip', 'pip3') if shutil.which(name)], "
        "[name for name in ('pip', 'setuptools', 'ensurepip') if importlib.util.find_spec(name)])",
    )
    assert found == "[] []"


def test_no_file_gives_its_owners_rights(engine: Engine, product_image: str) -> None:
    done = in_image(
        engine,
        product_image,
        *("/", "-xdev", "-perm", "/6000", "-type", "f"),
        options=("--entrypoint=find", "--user=0"),
    )
    assert done.stdout == ""


def test_holds_every_file_of_the_product(engine: Engine, product_image: str) -> None:
    """Also those that are no modules: migrations, pages, translations, calibrations."""
    root = Path(__file__).resolve().parents[2]
    listed = subprocess.run(
        ["git", "ls-files", "vestibule", "services"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    held = json.loads(
        python_in_image(
            engine,
            product_image,
            "import json, pathlib, vestibule; site = pathlib.Path(vestibule.__file__).parents[1];"
            "print(json.dumps([str(p.relative_to(site)) for n in ('vestibule', 'services') "
            "for p in (site / n).rglob('*')]))",
        )
    )
    missing = {path for path in listed if (root / path).exists()} - set(held)
    # What only makes translations, and what only writes migrations.
    assert missing <= {"services/web/translations/babel.cfg"}


def test_has_no_secret_and_no_photo_in_its_layers(engine: Engine, product_image: str) -> None:
    inspected = json.loads(engine.docker("image", "inspect", product_image).stdout)[0]
    names = {line.split("=")[0] for line in inspected["Config"]["Env"]}
    secret = {f"VESTIBULE_{name.upper()}" for name in secret_settings()}
    assert names & secret == set()
    assert inspected["Config"]["User"] == "10001:10001"


def secret_settings() -> set[str]:
    return {
        name
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }


@pytest.mark.parametrize("folder", ["/models", "/secrets/api", "/storage/minio"])
def test_folders_of_volumes_belong_to_the_product(
    engine: Engine, product_image: str, folder: str
) -> None:
    code = f"import os; s = os.stat('{folder}'); print(s.st_uid, s.st_gid)"
    assert python_in_image(engine, product_image, code) == "10001 10001"
