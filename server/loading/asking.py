"""How the command asks a server of this machine for /policies: in clear, over TLS, or as one whom the server knows."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from socket import create_connection
from typing import Any, Final

import orjson

_SECONDS: Final = 5
_PAGE: Final = "/policies"
_KEYS: Final = frozenset({"process", "attempts", "problem_count", "problems", "sha256", "policies"})


class CannotAskError(Exception):
    """Why the page cannot be read, and what to do."""


@dataclass(frozen=True, slots=True)
class Asking:
    """``address`` of /metrics; files: "" where there is none.

    ``server_cert``: the server's own certificate, which stands on this machine; whoever answers has to show this very one.
    """

    address: str
    server_cert: str = ""
    client_cert: str = ""
    client_key: str = ""
    token_file: str = ""

    def page(self) -> Mapping[str, Any]:
        """What the page says. Raises CannotAskError."""
        reachable = self.address.replace("0.0.0.0:", "127.0.0.1:").replace("[::]:", "[::1]:")  # nothing is bound
        url = f"{'https' if self.server_cert else 'http'}://{reachable}{_PAGE}"
        try:
            status, body = self._answer(reachable)
            told = orjson.loads(body) if status == 200 else {}
        except (OSError, ValueError, HTTPException) as error:
            raise CannotAskError(f"{url} cannot be read: {error}; {self._hint()}") from error
        if status != 200:
            said = body.decode(errors="replace").strip()
            raise CannotAskError(f"{url} cannot be read: {status} {said}; {self._hint()}")
        if not isinstance(told, dict) or not told.keys() >= _KEYS:
            raise CannotAskError(f"what answers on {url} is no makegood")
        return told

    def _answer(self, reachable: str) -> tuple[int, bytes]:
        host, _, port = reachable.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        headers = {}
        if self.token_file:
            headers["Authorization"] = f"Bearer {Path(self.token_file).read_text('ascii').strip()}"
        connection = HTTPConnection(host, int(port), timeout=_SECONDS)
        connection.sock = create_connection((host, int(port)), _SECONDS)
        try:
            if self.server_cert:
                connection.sock = self._context().wrap_socket(connection.sock)
            connection.request("GET", _PAGE, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _context(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        # It is the certificate that is expected, and no name: whoever holds its key is the server.
        context.check_hostname = False
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
        # Not those after it: an authority vouches for others too.
        first, end, _ = Path(self.server_cert).read_text("ascii").partition("-----END CERTIFICATE-----")
        context.load_verify_locations(cadata=first + end)
        if self.client_cert:
            context.load_cert_chain(self.client_cert, self.client_key or None)
        return context

    def _hint(self) -> str:
        flags = (
            "--metrics-listen its address, --tls-cert its certificate if it has one, and who you are if it wants to know that"
        )
        return f"name with {flags} (--token-file, or --client-cert and --client-key); or send SIGHUP to the process yourself"
