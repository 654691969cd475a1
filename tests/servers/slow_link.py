"""A wire to a server that can be slow, stand still, lose connections or be cut."""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

_CHUNK_BYTES = 65_536


class SlowLink:
    """Passes TCP on to a port of this machine; everything is well until it is told otherwise.

    ``with SlowLink(server.port) as link: link.port``. Every method may be called from any thread
    and returns when it is so.
    """

    def __init__(self, target_port: int) -> None:
        self._target_port = target_port
        self._latency_s = 0.0
        self._reset_share = 0.0
        self._chance = random.Random(target_port)
        self._open: set[asyncio.Transport] = set()
        self._loop = asyncio.new_event_loop()
        self._moving: asyncio.Event | None = None
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])

    def __enter__(self) -> "SlowLink":
        self._thread.start()
        self.connect()
        return self

    def __exit__(self, *_: object) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def slow(self, latency_s: float) -> None:
        """Everything that is sent, in either direction, arrives that much later."""
        self._latency_s = latency_s

    def lose(self, share: float) -> None:
        """That share of what is sent ends its connection instead of arriving."""
        self._reset_share = share

    def stall(self) -> None:
        """Connections are taken and kept, and nothing arrives any more: no error tells of it."""
        self._run(self._set_moving(False))

    def cut(self) -> None:
        """As a server that was killed: connections end, new ones are refused."""
        self._run(self._cut())

    def connect(self) -> None:
        """After ``cut``: connections are taken again."""
        self._run(self._connect())

    def heal(self) -> None:
        """All is well again; what was on its way arrives."""
        self._latency_s = self._reset_share = 0.0
        self._run(self._set_moving(True))
        self.connect()

    # ── in the loop's thread ────────────────────────────────────────────────────────────────
    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _set_moving(self, moving: bool) -> None:
        assert self._moving is not None
        if moving:
            self._moving.set()
        else:
            self._moving.clear()

    async def _connect(self) -> None:
        if self._moving is None:
            self._moving = asyncio.Event()
            self._moving.set()
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for transport in list(self._open):
            _reset(transport)

    async def _end(self) -> None:
        await self._cut()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target_port)
        except OSError:
            _reset(writer.transport)
            return
        ends = {writer.transport, there[1].transport}
        self._open |= ends
        try:
            with suppress(asyncio.CancelledError):  # the link ends
                await asyncio.gather(self._pass(reader, there[1]), self._pass(there[0], writer))
        finally:
            self._open -= ends
            for end in ends:
                end.close()

    async def _pass(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        assert self._moving is not None
        with suppress(OSError):
            while chunk := await source.read(_CHUNK_BYTES):
                await self._moving.wait()
                if self._latency_s:
                    await asyncio.sleep(self._latency_s)
                if self._chance.random() < self._reset_share:
                    _reset(sink.transport)
                    return
                sink.write(chunk)
                await sink.drain()
            await self._moving.wait()
            sink.write_eof()
            return
        _reset(sink.transport)


def _reset(transport: Any) -> None:
    """End it with RST, as a machine that does not know the connection."""
    with suppress(OSError):
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
