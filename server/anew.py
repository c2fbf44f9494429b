"""Messages written anew, as protobuf writes them.

What other writers make of a question may be right and still not plain: fields that a newer contract knows, a message in pieces,
what is nothing written out. Read by protobuf and written anew, it is answered from bytes to bytes as all others are.
"""

from google.protobuf.message import Message


def anew(message: Message) -> bytes:
    """The message's bytes, each field once and none that the contract does not know; those it loses."""
    message.DiscardUnknownFields()
    return message.SerializeToString()
