"""Find a resource by what people write: its IRI, `model:encodec`, `model/encodec`, `encodec`."""

from collections.abc import Callable, Iterable

from audiokg.errors import InputError
from audiokg.terms import BASE, expand


def find_iri(name: str, iris: Iterable[str], advise: Callable[[], str]) -> str:
    """Find one of some IRIs of ours; an id alone will do where one of them has it.

    Raises InputError that says what there is; if there is nothing, with the advice.
    """
    path = expand_name(name).removeprefix(BASE).casefold()
    known = [iri for iri in iris if path and path in _idents(iri)]
    if len(known) == 1:
        return known[0]
    if known:
        choices = ", ".join(iri.removeprefix(BASE) for iri in sorted(known))
        raise InputError(f"“{name}” may be {choices}; write one of them")
    raise InputError(f"no resource “{name}”; {advise()}")


def expand_name(name: str) -> str:
    """Write prefix:name as an IRI. Raises InputError for an unknown prefix."""
    try:
        return expand(name)
    except ValueError as error:
        raise InputError(str(error)) from error


def _idents(iri: str) -> tuple[str, str]:
    path = iri.removeprefix(BASE)
    return path, path.partition("/")[2]
