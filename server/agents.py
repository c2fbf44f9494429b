"""Which kind of client calls, by its user agent: a closed set, so that no caller makes a label."""

from typing import Final

OTHER: Final = "OTHER"
_PRODUCTS: Final = (
    "grpcurl",
    "ghz",
    "buf",
    "connect-es",
    "connect-go",
    "grpc-python",
    "grpc-python-asyncio",
    "grpc-java-netty",
    "grpc-java-okhttp",
    "grpc-go",
    "grpc-node-js",
    "grpc-c++",
    "grpc-dotnet",
    "grpc-ruby",
    "tonic",
)
"""As clients name themselves, before the first slash of a word. A program that is built on one of them stands before it."""
KINDS: Final = (*_PRODUCTS, OTHER)
_LOOKED_AT: Final = 256


def kind_of(user_agent: str) -> str:
    """The first product of ``user_agent`` that is known."""
    for word in user_agent[:_LOOKED_AT].split():
        product = word.partition("/")[0]
        if product in _PRODUCTS:
            return product
    return OTHER
