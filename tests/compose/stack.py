"""The compose file run for real: a project of its own, on free ports of 127.0.0.1."""

import json
import os
import ssl
import subprocess
import time
from collections.abc import Callable
from typing import Any

import httpx

from tests.compose.compose_file import MAIN, compose_program
from tests.containers import images
from tests.containers.engine import Engine
from tests.containers.servers import free_port
from vestibule.settings import Settings

STAND_INS = "tests/compose/stand-ins.yml"
START_PATIENCE_S = 240
ROOT_CERTIFICATE = "/state/data/caddy/pki/authorities/local/root.crt"


class Stack:
    """Everything of one installation; ``remove()`` takes its volumes too."""

    def __init__(self, engine: Engine, name: str, **environment: str) -> None:
        self.engine = engine
        self.http_port, self.https_port = free_port(), free_port()
        self.name = name
        version = _product_version(engine)
        self._files = [MAIN]
        self._environment = {
            "VESTIBULE_VERSION": version,
            "VESTIBULE_BIND": "127.0.0.1",
            "VESTIBULE_HTTP_PORT": str(self.http_port),
            "VESTIBULE_HTTPS_PORT": str(self.https_port),
            "VESTIBULE_PUBLIC_URL": self.url,
            "VESTIBULE_MODELS": str(Settings(_env_file=None).models_dir),
            "VESTIBULE_MIN_FREE_BYTES": "0",
            **environment,
        }
        if isinstance(images.source_of_images(engine), images.StandIns):
            self._files.append(STAND_INS)
            for server in images.SERVERS:
                variable = f"STAND_IN_{server.upper()}"
                self._environment[variable] = images.server_image(engine, server)

    @property
    def url(self) -> str:
        return f"https://localhost:{self.https_port}"

    def compose(
        self, *arguments: str, check: bool = True, timeout_s: float = 120
    ) -> subprocess.CompletedProcess[str]:
        named = [word for file in self._files for word in ("--file", file)]
        own = {k: v for k, v in self.engine.environment.items() if not k.startswith("VESTIBULE_")}
        done = subprocess.run(
            [
                compose_program(),
                f"--project-name={self.name}",
                f"--env-file={os.devnull}",
                *named,
                *arguments,
            ],
            cwd=images.ROOT,
            env={**own, **self._environment},
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=timeout_s,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"compose {' '.join(arguments[:3])}: {done.stderr[-3000:]}")
        return done

    def up(self, *more: str) -> float:
        """Start everything and wait until all is healthy; returns how long that took."""
        began = time.monotonic()
        self.compose(
            *("up", "--detach", "--wait", "--no-build", "--pull=never"),
            *more,
            timeout_s=START_PATIENCE_S,
        )
        return time.monotonic() - began

    def remove(self) -> None:
        self.compose("down", "--volumes", "--timeout=5", check=False, timeout_s=180)

    def container(self, service: str) -> str:
        """The id of its first container."""
        return self.compose("ps", "--all", "--quiet", service).stdout.split()[0]

    def inspect(self, service: str) -> dict[str, Any]:
        answer = self.engine.docker("inspect", self.container(service)).stdout
        found: dict[str, Any] = json.loads(answer)[0]
        return found

    def health(self, service: str) -> str:
        return str(self.inspect(service)["State"]["Health"]["Status"])

    def wait_for_health(self, service: str, wanted: str, *, within_s: float = 90) -> None:
        give_up_at = time.monotonic() + within_s
        while (found := self.health(service)) != wanted:
            assert time.monotonic() < give_up_at, f"{service} is {found}, not {wanted}"
            time.sleep(0.5)

    def run_in(self, service: str, *command: str) -> str:
        return self.engine.docker("exec", self.container(service), *command).stdout

    def logs(self) -> str:
        return self.compose("logs", "--no-color", "--tail=25", check=False).stdout

    # ── as its users reach it ───────────────────────────────────────────────────────────────
    def certificates(self) -> ssl.SSLContext:
        """Trusts the entry's own authority and nobody else."""
        return ssl.create_default_context(cadata=self.run_in("entry", "cat", ROOT_CERTIFICATE))

    def client(self, **headers: str) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            verify=self.certificates(),
            headers=headers,
            timeout=60,
            trust_env=False,
        )

    def api(self) -> httpx.Client:
        command = ("vestibule", "api-key", "create", "--name", "tests")
        key = self.run_in("api", *command).split()[-1]
        return self.client(Authorization=f"Bearer {key}")


def until(condition: Callable[[], bool], *, within_s: float = 60) -> bool:
    give_up_at = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.3)
    return True


def _product_version(engine: Engine) -> str:
    """The product's images under the names by which the compose file asks for them."""
    image = images.product_image(engine)
    tag = image.rsplit(":", 1)[1]
    engine.docker("tag", image, f"vestibule:{tag}")
    engine.docker("tag", images.models_image(engine), f"vestibule-models:{tag}")
    return tag
