"""TLS before a server of this machine that speaks none, with an authority made for the test."""

import socket
import ssl
import struct
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

_ASK_FOR_TLS, _ASK_FOR_GSS = 80877103, 80877104
"""How a client of Postgres asks, in the first eight bytes (its protocol, "SSLRequest")."""


class Authority:
    """``certificates`` is what clients are to trust; ``serve`` makes one for an address."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of a test")])
        made = self._signed(self._name, self._key.public_key(), is_authority=True)
        self.certificates = folder / "ca.crt"
        self.certificates.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def serve(self, address: str) -> ssl.SSLContext:
        """For a server that clients reach by this IP address."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, address)])
        made = self._signed(subject, key.public_key(), address=address)
        file = self._folder / f"{address}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + made.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        *,
        address: str | None = None,
        is_authority: bool = False,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        making = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(hours=12))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()),
                critical=False,
            )
        )
        if address is not None:
            names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
            making = making.add_extension(names, critical=False)
        return making.sign(self._key, hashes.SHA256())


class TlsFront:
    """``with TlsFront(port, context) as front: front.port``. Postgres is greeted in its own way."""

    def __init__(self, port: int, context: ssl.SSLContext, *, is_postgres: bool = False) -> None:
        self._target, self._context, self._is_postgres = port, context, is_postgres
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> "TlsFront":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            _close(end)
        self._thread.join(10)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:  # closed
                return
            self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with suppress(OSError):  # a certificate that is refused, a client that left
            if self._is_postgres and not _was_asked_for_tls(client):
                _close(client)
                return
            sealed = self._context.wrap_socket(client, server_side=True)
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [sealed, server]
            back = threading.Thread(target=_pass, args=(server, sealed), daemon=True)
            back.start()
            _pass(sealed, server)
            back.join(10)


def _was_asked_for_tls(client: socket.socket) -> bool:
    while True:
        _, asked = struct.unpack("!ii", client.recv(8, socket.MSG_WAITALL))
        if asked == _ASK_FOR_TLS:
            client.sendall(b"S")
            return True
        if asked != _ASK_FOR_GSS:
            return False
        client.sendall(b"N")


def _pass(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _close(source)
    _close(target)


def _close(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
