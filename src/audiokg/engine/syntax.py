"""Say in the words of a query why it does not parse: pyoxigraph's own words mislead at times.

It tells the place that the farthest try came to, and what was tried there, joined by commas:

- `"{"`, `['0'..='9']`: marks and characters. They were expected right there.
- `OPTIONAL`: a keyword. It was expected as many characters before as it is long, perhaps long
  before the mistake. `[_]` is one for which the text is too short. The mistake is in front.
- `SELECT * is not authorized with GROUP BY`: a sentence. It says what is wrong.
- `<unreported>`: it went another way when it tried again to see what to report, because it
  remembers the labels of blank nodes. The mistake is in front.
"""

import re
from typing import Final

from audiokg.errors import QuerySyntaxError
from audiokg.terms import PREFIXES
from audiokg.tokens import TOKEN

_POSITION: Final = re.compile(r"^error at (\d+):(\d+): (?:expected (?:one of )?)?")
_MARK: Final = re.compile(r'"(?:[^"\\]|\\.)*+"|\[(?!_\])[^\]]*+\]')
_IRI: Final = "IRI parsing failed"
_SHOWN, _LONGEST_HINT = 30, 120
#: What the parser says -> our words. The first that fits counts.
_WORDS: Final = tuple(
    (re.compile(said), words)
    for said, words in (
        ("Prefix not found", "a prefix is not declared: “{before}”"),
        (_IRI, "this IRI is not valid, or relative without BASE: “{iri}”"),
        (r"(?:^|, )([A-Za-z][^, ]* [^,]*)", "{said}"),
        (_MARK.pattern, "{unexpected}{hint}"),
        (
            "<unreported>",
            "something before this place does not fit: “{before}”; the label of a blank node "
            "holds in one group only, a variable in all",
        ),
        ("", "something before this place does not fit: “{before}”"),
    )
)
_NAME: Final = re.compile(r"((?:[^\W\d_][\w.-]*)?):")


def syntax_error(error: SyntaxError, text: str) -> QuerySyntaxError:
    """Say what a parser found, and where, in words of the query itself."""
    found = _POSITION.match(error.msg)
    if not found:
        return QuerySyntaxError(error.msg)
    # In what should be an IRI, other tokens are found: `http:` and `b:c` in `<http://a b:c>`.
    name = None if _IRI in error.msg else _find_undeclared(text)
    if name:
        return QuerySyntaxError(_say_undeclared(name), *_place(text, name.start()))
    line, column = int(found[1]), int(found[2])
    lines = text.split("\n", line - 1)
    start = len(text) - len(lines[-1]) + column - 1
    words = _describe(error.msg[found.end() :], text[:start], text[start:])
    return QuerySyntaxError(words, line, column)


def _describe(expected: str, before: str, after: str) -> str:
    said, words = next((m, words) for kind, words in _WORDS if (m := kind.search(expected)))
    rest = after.strip().partition("\n")[0][:_SHOWN].rstrip()
    # Where a name may stand, the parser lists whole ranges of characters: no help.
    hint = f"; expected {' or '.join(_MARK.findall(expected))}"
    return words.format(
        said=said[said.lastindex or 0].rstrip("."),
        iri=before[before.rfind("<") :][:_LONGEST_HINT],
        before=" ".join(before.split())[-_SHOWN:].lstrip(),
        unexpected=f"unexpected “{rest}”" if rest else "the query ends too early",
        hint=hint if len(hint) < _LONGEST_HINT else "",
    )


def _find_undeclared(text: str) -> re.Match[str] | None:
    """Find the first name with a prefix that is not declared before it."""
    declared, last = set(), ""
    for found in TOKEN.finditer(text):
        token = found.group()
        name = _NAME.match(token)
        if last.upper() == "PREFIX":
            declared.add(token.partition(":")[0])
        elif name and name[1].upper().startswith("PREFIX"):  # `PREFIX:<…>` declares, too
            declared.add(name[1][len("PREFIX") :])
        elif name and name[1] not in declared and not _is_part(found):
            return found
        if not token.startswith("#"):
            last = token
    return None


def _is_part(found: re.Match[str]) -> bool:
    """Tell whether this is the end of `_:label`, or of an IRI that is none."""
    return found.string.endswith(("_", "<"), 0, found.start())


def _say_undeclared(found: re.Match[str]) -> str:
    prefix = found.group().partition(":")[0]
    if found.string.startswith("//", found.end()):
        return f"an IRI stands between “<” and “>”, without spaces: <{prefix}://…>"
    iri = PREFIXES.get(prefix, "…")
    return f"the prefix “{prefix}:” is not declared; PREFIX {prefix}: <{iri}> is missing"


def _place(text: str, start: int) -> tuple[int, int]:
    """Give line and column of a character."""
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
