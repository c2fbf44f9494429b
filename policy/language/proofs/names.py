"""The eight properties, by the names that a manager reads."""

from typing import Final

TABLES: Final = "tables are complete and unambiguous"
WEEK: Final = "bands partition the week"
NUMBERS: Final = "no amount overflows 64 bits"
CAPS: Final = "caps hold after rounding"
MORE: Final = "more time never pays less"
EXCLUDING: Final = "excluding never pays more"
SPLITTING: Final = "splitting never pays more"
APART: Final = "asking apart pays the same"

BREAKABLE: Final = (MORE, EXCLUDING, SPLITTING)
"""Those that the nature of a scheme can break; the file then says so, with the reason."""
