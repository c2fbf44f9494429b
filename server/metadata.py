"""What a caller may say beside its messages, in the metadata of a call; for the id of a call see :mod:`server.request_id`."""

from typing import Final

RECEIVES_KEY: Final = "makegood-receives-bytes"
"""How long an answer it takes."""
