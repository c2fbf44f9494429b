"""The distinct cells of a column: what a cell means is worked out once for each, by what reads a single one."""

from collections.abc import Sequence
from typing import NamedTuple

import pyarrow as pa

from clients.tables.arrow_cells import cells_of
from clients.tables.cells import Cell


class Distinct(NamedTuple):
    """Cells, and for each row the place of its own among them."""

    cells: Sequence[Cell]
    places: pa.Array


class Rows(NamedTuple):
    """The same of several columns at once: the cells of a row are a tuple."""

    cells: Sequence[tuple[Cell, ...]]
    places: pa.Array


def cells(column: pa.Array) -> Distinct:
    """Of a column of any type; a null is None."""
    plain = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    try:
        encoded = plain.dictionary_encode(null_encoding="encode")
    except pa.ArrowException:  # of lists, for one
        return _by_key(cells_of(pa.chunked_array([plain])))
    return Distinct(cells_of(pa.chunked_array([encoded.dictionary])), encoded.indices)


def rows(columns: Sequence[Distinct]) -> Rows:
    """Of several columns, of which there is at least one."""
    first, *others = columns
    found = [(cell,) for cell in first.cells]
    places = first.places
    for cells_, places_ in others:
        keys = [place * len(cells_) + place_ for place, place_ in zip(places.to_pylist(), places_.to_pylist(), strict=True)]
        encoded = pa.array(keys, pa.int64()).dictionary_encode()
        pairs = (divmod(key, len(cells_)) for key in encoded.dictionary.to_pylist())
        found, places = [(*found[place], cells_[place_]) for place, place_ in pairs], encoded.indices
    return Rows(found, places)


def _by_key(all_cells: Sequence[Cell]) -> Distinct:
    """Of cells that Arrow does not compare."""
    known: dict[object, int] = {}
    found: list[Cell] = []
    places: list[int] = []
    for cell in all_cells:
        place = known.setdefault(tuple(cell) if isinstance(cell, list) else cell, len(found))
        if place == len(found):
            found.append(cell)
        places.append(place)
    return Distinct(found, pa.array(places, pa.int32()))
