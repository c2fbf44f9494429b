"""Quantities for people, exact: a unit is used only where the quantity is whole in it, and nothing is rounded."""

from decimal import Decimal
from fractions import Fraction

MOST_DECIMALS = 6
BYTES_PER_UNIT = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40}
_SECONDS_PER_UNIT = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))

_CURRENCIES_WITHOUT_MINOR_UNIT = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF")
)
_CURRENCIES_IN_THOUSANDTHS = frozenset(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"))


def minor_digits(currency_code: str) -> int:
    """Decimals of a currency's minor unit. Source: ISO 4217, list one."""
    if currency_code in _CURRENCIES_WITHOUT_MINOR_UNIT:
        return 0
    return 3 if currency_code in _CURRENCIES_IN_THOUSANDTHS else 2


def money_decimal(amount_minor: int, currency_code: str) -> str:
    """An amount in major units, all its decimals: 500 fen is 5.00."""
    return str(Decimal(amount_minor).scaleb(-minor_digits(currency_code)))


def money(amount_minor: int, currency_code: str) -> str:
    """An amount with its currency: 5.00 CNY."""
    return f"{money_decimal(amount_minor, currency_code)} {currency_code}"


def measure(kind: str, quantity: int, currency_code: str) -> tuple[str, str]:
    """A quantity of a benefit kind as number and unit, exact: ("1900", "MiB"), ("71", "min"), ("5.00", "CNY"), ("10", "%").

    Units of time are day, h, min and s. A kind that is not known here keeps its base unit, which has no name.
    """
    match kind:
        case "DATA_BYTES":
            number, _, unit = volume(quantity).partition(" ")
        case "VOICE_SECONDS":
            number, unit = (str(quantity // 60), "min") if quantity % 60 == 0 else (str(quantity), "s")
        case "VALUE_ADDED_DAYS" | "VALIDITY_DAYS":
            number, unit = str(quantity), "day"
        case "CREDIT":
            number, unit = money_decimal(quantity, currency_code), currency_code
        case "UNLIMITED_DATA":
            length, unit = next((length, unit) for length, unit in _SECONDS_PER_UNIT if quantity % length == 0)
            number = str(quantity // length)
        case "TOP_UP_BONUS":
            number, unit = decimal(Fraction(quantity, 100)), "%"
        case _:
            number, unit = str(quantity), ""
    return number, unit


def plain(kind: str, quantity: int, currency_code: str) -> str:
    """The same as one text: 1900 MiB, 71 min, 2 days, 5.00 CNY, 10 %."""
    number, unit = measure(kind, quantity, currency_code)
    return several(int(number), "day") if unit == "day" else f"{number} {unit}".rstrip()


def signed(kind: str, quantity: int, currency_code: str) -> str:
    """The same with a sign where it is below 0."""
    return "-" * (quantity < 0) + plain(kind, abs(quantity), currency_code)


def several(number: int, noun: str) -> str:
    """A number of things: 1 row, 2 rows."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def volume(size_bytes: int) -> str:
    """A data volume in the largest unit in which it is whole: 1900 MiB, 5 GiB, 1001 B, 0 B."""
    largest_first = ("TiB", "GiB", "MiB", "KiB", "B") if size_bytes else ("B",)
    unit = next(unit for unit in largest_first if size_bytes % BYTES_PER_UNIT[unit] == 0)
    return f"{size_bytes // BYTES_PER_UNIT[unit]} {unit}"


def duration(seconds: int) -> list[tuple[int, str]]:
    """A span in days, hours, minutes and seconds, without those that are 0: 12600 is 3 h 30 min. Units: day, h, min, s."""
    parts: list[tuple[int, str]] = []
    for length, unit in _SECONDS_PER_UNIT:
        number, seconds = divmod(seconds, length)
        if number:
            parts.append((number, unit))
    return parts or [(0, "s")]


def decimal(value: Fraction) -> str:
    """A ratio as a decimal where it ends within six places, else as it is: 19/4 is 4.75, 1/3 is 1/3."""
    for digits in range(MOST_DECIMALS + 1):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return str(Decimal(scaled.numerator).scaleb(-digits))
    return str(value)
