"""What a module that Cython may compile uses of Cython's own names, for where it runs as it stands and Cython is not installed.

try:
    import cython
except ModuleNotFoundError:
    from policy.calculator import uncompiled as cython
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Final

compiled: Final = False
nogil: Final[AbstractContextManager[None]] = nullcontext()
"""Around what runs without the interpreter's lock where it is compiled."""
