"""One running product for all faults, with guests, one of whom was erased."""

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from services.worker.signs import read_signs
from tests.bench.photos import sample_photos
from tests.faults.distributed.pages import Reader
from tests.faults.distributed.uploads import GIVE_UP_S, Shot, Stream
from tests.stack.entry import entry
from tests.stack.stack import SERVERS, Stack, free_port, whole_product

POISON = Path(__file__).parent / "poison"
ERASED = "Joe Biden"
"""His photos are sent as the others' are; nobody may see his name."""
_DISK_BYTES = 3 * 2**30
"""Room for what all faults together upload; most of it is only taken while the disk is full."""


@dataclass(frozen=True)
class Site:
    """``url`` is the entry before two copies of the API; ``disk`` the folder of the store's own
    small disk, None where none could be made."""

    stack: Stack
    url: str
    shots: Sequence[Shot]
    cookies: httpx.Cookies
    disk: Path | None

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {self.stack.api_key()}"},
            timeout=GIVE_UP_S,
            trust_env=False,
        )

    def stream(self, **how: float) -> Stream:
        return Stream(self.client, self.shots, **how)

    def reader(self) -> Reader:
        return Reader(self.url, self.cookies)

    def kill(self, *names: str) -> None:
        """-9, all of them at once."""
        for name in names:
            if name in SERVERS:
                getattr(self.stack, name).kill()
                self.stack.links[name].cut()
            else:
                self.stack[name].kill()

    def start(self, *names: str) -> None:
        """Again, after ``kill``. Returns when they are ready."""
        for name in names:
            if name in SERVERS:
                getattr(self.stack, name).start()
                self.stack.links[name].connect()
            else:
                self.stack[name].launch()
        for name in names:
            if name not in SERVERS:
                self.stack[name].wait_until_ready()

    def wait_until_busy(self, worker: str, *, patience_s: float = 30) -> None:
        """Until the process that works for it has begun a job and not ended it."""
        signs = self.stack.folder / "processes" / worker / "run" / "worker-child.json"
        give_up_at = time.monotonic() + patience_s
        while True:
            said = read_signs(signs)
            if said is not None and said.jobs:
                return
            assert time.monotonic() < give_up_at, f"{worker} got nothing to do"
            time.sleep(0.005)

    def restart(self, name: str, **environment: str) -> None:
        """That process of ours, with other settings."""
        process = self.stack[name]
        process.stop()
        process.environment.update(environment)
        process.start()


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        _small_disk(folder / "objects") as disk,
        whole_product(
            folder,
            apis=2,
            workers=2,
            linked=True,
            VESTIBULE_API_URL=url,
            PYTHONPATH=str(POISON),
        ) as stack,
        entry([stack.url("api-1"), stack.url("api-2")], [stack.url("web")], port=port),
    ):
        with stack.client() as http:
            _load_guests(http)
        yield Site(stack, url, _shots(), _signed_in(stack, url), disk)


def _load_guests(http: httpx.Client) -> None:
    http.post("/v1/demo").raise_for_status()
    give_up_at = time.monotonic() + 60
    while http.get("/v1/demo").json()["state"] != "loaded":
        assert time.monotonic() < give_up_at, "the guests were not loaded"
        time.sleep(0.2)
    for guest in http.get("/v1/customers", params={"limit": 100}).json()["items"]:
        if guest["name"] == ERASED:
            http.delete(f"/v1/customers/{guest['id']}").raise_for_status()


def _shots() -> list[Shot]:
    """A guest in another photo than the enrolled one, a guest, one who was erased, strangers."""
    photos = sample_photos()
    obama, biden, astronaut, group = photos.mixture
    return [
        Shot(obama.jpeg, frozenset({"Barack Obama"}), 1),
        Shot(astronaut.jpeg, frozenset({"Eileen Collins"}), 1),
        Shot(biden.jpeg, frozenset(), 1),
        Shot(obama.jpeg, frozenset({"Barack Obama"}), 1),
        Shot(group.jpeg, frozenset(), 6),
    ]


def _signed_in(stack: Stack, url: str) -> httpx.Cookies:
    link = stack.run("sign-in-link", beside="api-1").strip()
    with httpx.Client(base_url=url, follow_redirects=True, trust_env=False) as browser:
        browser.get("/" + link.split("/", 3)[3]).raise_for_status()
        assert browser.get("/").url.path == "/"
        return browser.cookies


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A disk of its own that a test can fill; None where this account may not mount one."""
    folder.mkdir(parents=True)
    size = f"size={_DISK_BYTES}"
    mounting = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)]
    try:
        subprocess.run(mounting, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        yield None
        return
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
