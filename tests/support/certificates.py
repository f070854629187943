"""A throw-away authority and a server's certificate signed by it, made with openssl for one test run."""

import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.support import tools

NAME = "localhost"


@dataclass(frozen=True)
class Certificates:
    """`authority` is the file that clients trust; `context` is for the server, whose certificate is for NAME alone."""

    authority: Path
    context: ssl.SSLContext


def make(folder: Path) -> Certificates:
    """Make both. Skips the test where there is no openssl."""
    tools.require("openssl")
    authority, key = folder / "ca.pem", folder / "ca.key"
    server, server_key = folder / "server.pem", folder / "server.key"
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=Authority of a test",
        "-addext", "keyUsage=critical,keyCertSign", "-keyout", key, "-out", authority,
    )  # fmt: skip
    request, extensions = folder / "server.csr", folder / "server.ext"
    extensions.write_text(f"subjectAltName=DNS:{NAME}\nbasicConstraints=critical,CA:FALSE\n", encoding="ascii")
    _openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={NAME}", "-keyout", server_key, "-out", request
    )  # fmt: skip
    _openssl(
        "x509", "-req", "-in", request, "-CA", authority, "-CAkey", key, "-set_serial", "1", "-days", "2",
        "-extfile", extensions, "-out", server,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server, server_key)
    return Certificates(authority, context)


def _openssl(*arguments: str | Path) -> None:
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)
