"""Ports: taken ones are found before anything listens, with the operating system's own words."""

import socket

from server.settings import Address


class PortUnavailableError(Exception):
    """An address that cannot be listened on."""

    def __init__(self, address: Address, setting: str, reason: str) -> None:
        super().__init__(f"cannot listen on {address}: {reason}; stop what is there, or give another address with {setting}")


def require_free(address: Address, setting: str) -> None:
    """Raises PortUnavailableError if ``address`` is taken or not of this machine; ``setting`` is the flag that gave it.

    grpcio would say only that it failed, and would listen on one of two protocols when the other one is taken.
    """
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind((address.host, address.port))
    except OSError as error:
        raise PortUnavailableError(address, setting, (error.strerror or str(error)).lower()) from error
