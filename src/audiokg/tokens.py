"""The tokens of SPARQL 1.1 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar, terminals).

Enough of them to be right about strings, IRIs, comments and names, so that a bracket or a word
inside one of these does not count; for scans that are no parse.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

#: IRIs, strings, language tags and prefixed names, for a verbose pattern. It takes linear time:
#: what was matched is not given back, a string without an end goes as far as it can, and a prefix
#: is looked for in so many characters only.
OPAQUE: Final = r"""
      <[^<>"{}|^`\x00-\x20]*+>
      | \"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*+(?:\"\"\")?+ | '''(?:[^'\\]|\\.|'(?!''))*+(?:''')?+
      | "(?:[^"\\\r\n]|\\.)*+"?+ | '(?:[^'\\\r\n]|\\.)*+'?+
      | @[A-Za-z]++(?:-[A-Za-z0-9]++)*+
      | (?:[^\W\d_][\w.-]{0,60}+)?+:(?:[\w:.-]|%[0-9A-Fa-f]{2}|\\.)*+
"""
_STRING: Final = re.compile(
    r"""
      \"\"\"(?:[^"\\]|\\.|\"(?!\"\"))*+\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*+'''
      | "(?:[^"\\\r\n]|\\.)*+" | '(?:[^'\\\r\n]|\\.)*+'
    """,
    re.VERBOSE | re.DOTALL,
)
TOKEN: Final = re.compile(
    rf"""
    (?P<skip> \#[^\r\n]* | [?$]\w+ | {OPAQUE} )
    | (?P<number> (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? )
    | (?P<word> \w+ )
    | (?P<mark> [{{}}()\[\].;,!^/|+*<>=&-] )
    """,
    re.VERBOSE | re.DOTALL,
)
#: After “<”, in “1<2)#>” for example, another reader may see an expression and a comment or string.
_DOUBTFUL: Final = re.compile(
    r"""<(?![A-Za-z][\w+.-]{0,30}+://)(?=[^<>"{}|^`\x00-\x20'#]*+['#])[^<>"{}|^`\x00-\x20]*+>"""
)
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_CODES: Final = 0x110000
_SURROGATES: Final = range(0xD800, 0xE000)


def is_unclosed(token: str) -> bool:
    """Tell whether a token is a string without an end."""
    return token[0] in "\"'" and not _STRING.fullmatch(token)


def make_detector(*words: str) -> Callable[[re.Match[str]], bool]:
    """Make what tells whether a token may be one of the words, or several with one among them.

    Readers need no space around a word: `SERVICESILENT`, `trueSERVICE` and `SERVICE:x` may be two
    tokens, `x:.SERVICE` three. Behind the colon of a name, another letter goes on with it.
    """
    any_of = "|".join(words)
    anywhere = re.compile(any_of, re.IGNORECASE)
    in_name = re.compile(rf"^[^:]*({any_of})|\.({any_of})", re.IGNORECASE)

    def detects(found: re.Match[str]) -> bool:
        token = found.group()
        if found.lastgroup == "word" or is_unclosed(token):
            return bool(anywhere.search(token))
        return token[0] not in "<\"'#?$@" and bool(in_name.search(token))

    return detects


def is_doubtful(text: str) -> bool:
    """Tell whether a text has what may be an IRI, or the beginning of a comment or string.

    So it is with “#” or “'” in relative IRIs: what stands inside or after them must not be trusted.
    """
    return bool(_DOUBTFUL.search(text))


def read_tokens(text: str) -> list[re.Match[str]]:
    """Read the tokens of a query, without its comments."""
    return [found for found in TOKEN.finditer(text) if not found.group().startswith("#")]


def read_prefixes(tokens: Sequence[re.Match[str]]) -> dict[str, str]:
    """Read what prefixes stand for, from the tokens of a query."""
    return {
        name.group().rstrip(":"): decode_escapes(iri.group()[1:-1])
        for word, name, iri in zip(tokens, tokens[1:], tokens[2:], strict=False)
        if word.group().upper() == "PREFIX" and word.lastgroup == "word"
    }


def expand_token(token: str, prefixes: Mapping[str, str]) -> str:
    """Read an IRI or a prefixed name; empty for anything else. Escapes in a name stay."""
    if token.startswith("<"):
        return decode_escapes(token[1:-1])
    prefix, colon, local = token.partition(":")
    return prefixes[prefix] + local if colon and prefix in prefixes else ""


def decode_escapes(text: str) -> str:
    """Decode code points (section 19.2 of SPARQL 1.1); what stands for no character stays."""
    return _ESCAPE.sub(_decode, text)


def _decode(found: re.Match[str]) -> str:
    code = int(found[1] or found[2], 16)
    return chr(code) if code < _CODES and code not in _SURROGATES else found.group()
