"""Ports: taken ones are found before anything listens, with the operating system's own words."""

import socket

from server.cannot_start import CannotStartError
from server.settings import Address


class PortUnavailableError(CannotStartError):
    """An address that cannot be listened on."""

    def __init__(self, address: Address, setting: str, reason: str) -> None:
        super().__init__([f"cannot listen on {address}: {reason}; stop what is there, or give another address with {setting}"])


def require_free(address: Address, setting: str) -> None:
    """Raises PortUnavailableError if ``address`` is taken or not of this machine; ``setting`` is the flag that gave it.

    grpcio would say only that it failed, and would listen on one of two protocols when the other one is taken.
    """
    _bound(address, setting).close()


def reserve(address: Address, setting: str) -> tuple[socket.socket, Address]:
    """Keeps a port for processes of ours that will share it: the socket that does so until it is closed, and the port.

    It does not listen, so that it takes no connection away from those who do. Raises PortUnavailableError.
    """
    reserved = _bound(address, setting, socket.SO_REUSEPORT)
    return reserved, Address(address.host, reserved.getsockname()[1])


def _bound(address: Address, setting: str, *options: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    try:
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Calls of one who has closed the port may go on beside us.
            for option in (socket.SO_REUSEADDR, *options):
                bound.setsockopt(socket.SOL_SOCKET, option, 1)
            bound.bind((address.host, address.port))
        except BaseException:
            bound.close()
            raise
    except OSError as error:
        raise PortUnavailableError(address, setting, (error.strerror or str(error)).lower()) from error
    return bound
