"""Tables in Markdown, LaTeX and CSV read back as what went in, whatever the names hold."""

import csv
import io
import re

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token

from audiokg.export.tables import (
    Column,
    Table,
    escape_latex,
    escape_markdown,
    write_csv,
    write_latex,
    write_markdown,
)

HOSTILE = (
    "a|b",
    r"a\|b",
    "<script>alert(1)</script>",
    "<!-- x -->",
    "&amp; & ~tilde~ ~~struck~~",
    "snake_case_name _x_ *y* **z**",
    "100 % of $5 at #1",
    r"back\slash \\ \newline",
    "{brace} [link](http://example.org) ![i](j)",
    "`code` ``",
    "^caret~",
    "[first] in a row",
    "* star",
    "# no heading",
    "line\nbreak",
    '"quoted", with comma',
    "EnCodec ± 0.1 — 24\u202f000",
    "=1+1",
)
HARMLESS = "A-B 1.5 (kbit/s)"
TABLE = Table(
    "A | caption & more",
    (Column("na|me"), Column("%", number=True), Column("long", long=True)),
    tuple((text, "1", HARMLESS) for text in HOSTILE),
    "a note_with #marks",
)
#: What the escapes of LaTeX stand for, longest first.
UNESCAPED = {
    r"\textbackslash{}": "\\",
    r"\textasciitilde{}": "~",
    r"\textasciicircum{}": "^",
    r"\textasciigrave{}": "`",
    r"\textquotedbl{}": '"',
    r"\textgreater{}": ">",
    r"\textless{}": "<",
    r"\textbar{}": "|",
    r"$\pm$": "±",
    r"\,": "\u202f",
    "{[}": "[",
    "{]}": "]",
    "{*}": "*",
    "{}": "",
    **{"\\" + mark: mark for mark in "&%$#_{}"},
}


def one_line(text: str) -> str:
    return " ".join(text.split("\n"))


def unescape_latex(text: str) -> str:
    escapes = "|".join(map(re.escape, UNESCAPED))
    return re.sub(escapes, lambda found: UNESCAPED[found.group()], text)


def read_markdown(text: str) -> list[list[str]]:
    """Read the rows of all tables; a cell must be plain text to the last mark."""
    rows: list[list[str]] = []
    for token in MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append("".join(map(plain, token.children or [])))
        elif token.type == "table_close":
            break
    return rows


def plain(token: Token) -> str:
    assert token.type in ("text", "text_special"), token
    return token.content


def latex_rows(text: str) -> list[list[str]]:
    body = text.partition("\\toprule\n")[2].partition("\\bottomrule")[0]
    rows = [line for line in body.splitlines() if line != "\\midrule"]
    assert all(row.endswith(r" \\") for row in rows)
    return [re.split(r"(?<!\\)&", row.removesuffix(r" \\")) for row in rows]


def test_csv_reads_back() -> None:
    rows = list(csv.reader(io.StringIO(write_csv(TABLE), newline="")))
    assert rows == [["na|me", "%", "long"], *map(list, TABLE.rows)]


def test_markdown_reads_back() -> None:
    rows = read_markdown(write_markdown(TABLE))
    expected = [["na|me", "%", "long"], *([one_line(c) for c in row] for row in TABLE.rows)]
    assert rows == expected


def test_markdown_aligns_numbers_right() -> None:
    assert "| --- | ---: | --- |" in write_markdown(TABLE).splitlines()


def test_latex_reads_back() -> None:
    rows = [
        [unescape_latex(cell.strip()) for cell in row] for row in latex_rows(write_latex(TABLE))
    ]
    expected = [["na|me", "%", "long"], *([one_line(c) for c in row] for row in TABLE.rows)]
    assert rows == expected


def test_latex_has_the_columns_that_it_declares() -> None:
    text = write_latex(TABLE)
    declared = re.search(r"\\begin\{tabular\}\{(.*)\}\n", text)
    assert declared is not None
    assert re.sub(r">\{[^}]*\}p\{[^}]*\}", "p", declared[1]) == "lrp"
    assert {len(row) for row in latex_rows(text)} == {3}


@pytest.mark.parametrize("tables", [(TABLE,), (TABLE, TABLE)], ids=["one", "two"])
def test_latex_environments_and_braces_balance(tables: tuple[Table, ...]) -> None:
    text = write_latex(*tables)
    opened: list[str] = []
    for verb, name in re.findall(r"\\(begin|end)\{(\w+)\}", text):
        if verb == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name
    assert opened == []
    bare = re.sub(r"\\[\\{}%]", "", text)
    assert bare.count("{") == bare.count("}")
    assert text.count("\\toprule") == len(tables)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_mark_of_latex_is_left_bare(text: str) -> None:
    left = re.sub("|".join(map(re.escape, UNESCAPED)), "", escape_latex(text))
    assert not re.search(r"[\\&%$#_{}^~<>|]", left)


def test_row_never_begins_with_what_latex_takes_for_an_argument() -> None:
    rows = write_latex(TABLE).splitlines()
    assert not [row for row in rows if row.startswith(("[", "*"))]


@pytest.mark.parametrize("text", ["a--b", "a---b", "''x''", ",,low"])
def test_latex_makes_no_ligatures(text: str) -> None:
    escaped = escape_latex(text)
    assert not re.search(r"([-',])\1", escaped)
    assert unescape_latex(escaped) == text


def test_harmless_text_stays_readable() -> None:
    assert escape_markdown(HARMLESS) == escape_latex(HARMLESS) == HARMLESS


def test_row_of_another_width_is_refused() -> None:
    with pytest.raises(ValueError, match="2 columns, but rows of"):
        Table("x", (Column("a"), Column("b")), (("1",),))
