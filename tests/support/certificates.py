"""Certificates for loopback servers, made by the ``openssl`` command as the tests need them."""

from __future__ import annotations

import ssl
import subprocess
from pathlib import Path


class Authority:
    """A certificate authority in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.certificate = folder / "authority.pem"
        self._key = folder / "authority.key"
        self._count = 0
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
            *("-subj", "/CN=Test Authority", "-keyout", str(self._key), "-out", str(self.certificate)),
            *("-addext", "keyUsage=critical,keyCertSign"),
        )

    def server(self, names: str, *, expired: bool = False) -> ssl.SSLContext:
        """A server's context; ``names`` as openssl writes them: ``DNS:news.example,IP:127.0.0.1``."""
        key, request, certificate = self._files()
        extensions = certificate.with_suffix(".ext")
        extensions.write_text(f"subjectAltName={names}\n", encoding="ascii")
        _openssl(
            *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-subj", "/CN=server", "-keyout", str(key), "-out", str(request)),
        )
        _openssl(
            *("x509", "-req", "-in", str(request), "-CA", str(self.certificate), "-CAkey", str(self._key)),
            *("-CAcreateserial", "-extfile", str(extensions), "-out", str(certificate)),
            *("-days", "-1" if expired else "2"),
        )
        return _context(certificate, key)

    def self_signed(self, names: str) -> ssl.SSLContext:
        key, _, certificate = self._files()
        _openssl(
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"),
            *("-subj", "/CN=server", "-addext", f"subjectAltName={names}"),
            *("-keyout", str(key), "-out", str(certificate)),
        )
        return _context(certificate, key)

    @property
    def latest(self) -> Path:
        """The certificate of the server made last."""
        return self._folder / f"server-{self._count}.pem"

    def _files(self) -> tuple[Path, Path, Path]:
        self._count += 1
        stem = self._folder / f"server-{self._count}"
        return stem.with_suffix(".key"), stem.with_suffix(".csr"), stem.with_suffix(".pem")


def _context(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


def _openssl(*arguments: str) -> None:
    done = subprocess.run(["openssl", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
