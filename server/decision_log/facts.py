"""Which facts of a question are kept: by a list of those that are, so that none is kept by oversight."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from makegood.v1 import compensation_service_pb2 as service_pb
from server.cannot_start import CannotStartError

ALL: Final = "all"
NEVER: Final = ("request_id", "subscriber.subscriber_id")
"""Sealed, or left out; never in clear."""
_QUESTION: Final = service_pb.ComputeCompensationRequest.DESCRIPTOR

Tree = Mapping[str, Any]
"""Names of fields that are kept, each with the tree of those in it; an empty one keeps all of it."""


class KeptFacts:
    """Keeps the fields at ``paths`` of ComputeCompensationRequest and all that is in them; ``("all",)``: every field there.

    Paths are written as in errors, without the places in lists: ``outages.started_at``, ``subscriber.attributes.negligence``.
    Raises CannotStartError for a path that the contract does not have.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        given = tuple(paths)
        problems = [problem for path in given if path != ALL and (problem := _problem(_QUESTION, path))]
        if problems:
            raise CannotStartError([f"--decision-log-facts {problem}" for problem in problems])
        tree: dict[str, Any] = {}
        for path in given:
            if path != ALL:
                _plant(tree, path.split("."))
        self._tree: Tree = {} if ALL in given else tree
        self._everything = ALL in given

    def keep(self, message: Message) -> list[str]:
        """Takes out of a question, or of what a batch states once, what is not kept; the paths of what that was."""
        # What this release does not know cannot have been read.
        message.DiscardUnknownFields()
        lacks: dict[str, None] = {}
        if not self._everything:
            _keep(message, self._tree, "", lacks)
        return list(lacks)


def _problem(message: Descriptor, path: str) -> str:
    if path in NEVER:
        return f"{path}: it is never kept in clear; with a key file it is sealed"
    place: Descriptor | None = message
    for name in path.split("."):
        if place is not None and place.GetOptions().map_entry:
            place = place.fields_by_name["value"].message_type
            continue
        field = None if place is None else place.fields_by_name.get(name)
        if field is None:
            known = ", ".join(sorted(each.name for each in place.fields)) if place is not None else "nothing"
            return f"{path}: there is no {name} there; there is {known}"
        place = field.message_type
    return ""


def _plant(tree: dict[str, Any], names: list[str]) -> None:
    """The wider of two paths wins: where ``outages`` is kept, ``outages.cause`` takes nothing away."""
    name, *rest = names
    if name in tree and not tree[name]:
        return
    if not rest:
        tree[name] = {}
    else:
        _plant(tree.setdefault(name, {}), rest)


def _keep(message: Message, tree: Tree, path: str, lacks: dict[str, None]) -> None:
    for field, value in message.ListFields():
        place = f"{path}.{field.name}" if path else field.name
        within = tree.get(field.name)
        if within is None:
            message.ClearField(field.name)
            lacks[place] = None
        elif not within:
            continue
        elif field.message_type is not None and field.message_type.GetOptions().map_entry:
            for name in [name for name in value if name not in within]:
                del value[name]
                lacks[place] = None
            if field.message_type.fields_by_name["value"].message_type is not None:
                for name in sorted(value):
                    if within[name]:
                        _keep(value[name], within[name], f"{place}.{name}", lacks)
        elif field.is_repeated:
            for each in value:
                _keep(each, within, place, lacks)
        else:
            _keep(value, within, place, lacks)
