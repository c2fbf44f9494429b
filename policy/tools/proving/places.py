"""Where in a file a rule stands."""

from policy.language.problems import FILE_START, At
from policy.language.yaml_tree import List, Map, Node


def place_of(root: Map, path: tuple[str, ...]) -> At:
    """The place of the last word of ``path`` that is there: of its key, or of an item of a list.

    A path may leave out what an author can write in one way or another (a list of one, ``any of``): the next word is then the
    first of that name further in.
    """
    at, node = FILE_START, root  # type: At, Node
    for word in path:
        found = _below(node, word)
        if found is not None:
            at, node = found
    return at


def _below(node: Node, word: str) -> tuple[At, Node] | None:
    if isinstance(node, List):
        if word.isdigit():
            return (node.items[int(word)].at, node.items[int(word)]) if int(word) < len(node.items) else None
        return _first(node.items, word)
    if not isinstance(node, Map) or word.isdigit():
        return None
    for key, value in node.entries:
        if key.text == word:
            return key.at, value
    return _first(tuple(value for _, value in node.entries), word)


def _first(nodes: tuple[Node, ...], word: str) -> tuple[At, Node] | None:
    return next((found for node in nodes if (found := _below(node, word)) is not None), None)
