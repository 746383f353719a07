"""How audiokg asks others over HTTP: the name it gives, the wait it is asked for."""

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Final

from audiokg import __version__

AGENT: Final = f"audiokg/{__version__} (https://w3id.org/audiokg/)"


def wanted_wait(headers: Mapping[str, str]) -> float | None:
    """Give the seconds that Retry-After asks for (RFC 9110, section 10.2.3: seconds or a date).

    None where it is absent or neither.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time())
    except (ValueError, OverflowError):
        return None
