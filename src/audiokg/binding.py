"""Terms for variables, in the text of a query: for endpoints that know no bound terms.

Like the pre-check a scan over tokens, not a parse; here nothing of the text may be lost.
"""

import re
from collections.abc import Mapping
from typing import Final

from audiokg.errors import QueryRefusedError
from audiokg.terms import Term
from audiokg.tokens import OPAQUE

TOKEN: Final = re.compile(
    rf"""
      (?P<space> \s+ | \#[^\r\n]* )
    | (?P<other> {OPAQUE} )
    | (?P<variable> [?$]\w+ )
    | (?P<word> \w+ )
    | (?P<mark> . )
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS: Final = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")
#: Words after which a variable that stands alone is a condition, where a term needs brackets.
_CONDITIONS: Final = ("GROUP", "ORDER")
#: What ends a projection or a list of conditions.
_CLAUSES: Final = ("WHERE", "FROM", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "VALUES")


def find_form(text: str) -> str:
    """Give the form of a query, as its first verb; SELECT where there is none."""
    words = (m.group().upper() for m in TOKEN.finditer(text) if m.lastgroup == "word")
    return next((word for word in words if word in _FORMS), "SELECT")


def bind_terms(text: str, bindings: Mapping[str, Term]) -> str:
    """Write terms in the place of variables.

    A variable that is projected becomes `(term AS ?name)`; under GROUP BY and ORDER BY it becomes
    `(term)`; `BOUND(?name)` becomes `(true)`; `SELECT *` shows it.

    Raises QueryRefusedError for a variable that the query computes itself (AS, VALUES).
    """
    if not bindings:
        return text
    return _Binder(bindings).bind(text)


class _Binder:
    """Goes through the tokens of one query, knowing in which clause each stands."""

    def __init__(self, bindings: Mapping[str, Term]) -> None:
        self._bindings = bindings
        self._written: list[str] = []
        self._clauses = [""]  # the clause of each bracket that is open
        self._before: list[str] = []  # the last two tokens that are no space
        self._shows_all = False  # behind SELECT *, before its group

    def bind(self, text: str) -> str:
        for found in TOKEN.finditer(text):
            kind, lexeme = found.lastgroup, found.group()
            if kind == "space":
                self._written.append(lexeme)
                continue
            if kind == "variable" and lexeme[1:] in self._bindings:
                self._put(lexeme[1:])
            else:
                self._written.append(lexeme)
                self._follow(kind, lexeme.upper())
            self._before = [*self._before[-1:], lexeme.upper()]
        return "".join(self._written)

    def _put(self, name: str) -> None:
        term, clause = str(self._bindings[name]), self._clauses[-1]
        if clause == "VALUES" or self._before[-1:] == ["AS"]:
            raise QueryRefusedError(f"?{name} is computed by the query; it cannot be given")
        if self._before == ["BOUND", "("]:
            # BOUND takes a variable alone, and a term is bound for certain.
            del self._written[self._last("BOUND") :]
            self._written.append("(true")
        elif clause == "SELECT":
            self._written.append(f"({term} AS ?{name})")
        elif clause in _CONDITIONS:
            self._written.append(f"({term})")
        else:
            self._written.append(term)

    def _last(self, word: str) -> int:
        return max(i for i, part in enumerate(self._written) if part.upper() == word)

    def _follow(self, kind: str | None, lexeme: str) -> None:
        if lexeme == "{":
            self._clauses[-1] = ""
            self._clauses.append("")
            self._show_all()
        elif lexeme == "(":
            # In the brackets of VALUES (?a ?b) stand variables, in others terms may.
            self._clauses.append("VALUES" if self._clauses[-1] == "VALUES" else "")
        elif lexeme in ("}", ")") and len(self._clauses) > 1:
            self._clauses.pop()
        elif lexeme == "*" and self._clauses[-1] == "SELECT":
            self._shows_all = True
        elif kind == "word" and (lexeme == "SELECT" or lexeme in _CLAUSES):
            self._clauses[-1] = lexeme

    def _show_all(self) -> None:
        if self._shows_all:
            self._shows_all = False
            for name, term in self._bindings.items():
                self._written.append(f" VALUES ?{name} {{ {term} }} ")
