"""One table as Markdown, LaTeX or CSV: a cell reads back as the text that went in.

Markdown: tables of GitHub Flavored Markdown (https://github.github.com/gfm/#tables-extension-).
LaTeX: packages array and booktabs. CSV: RFC 4180, which holds no caption and no note.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from audiokg.formats import Format

MARKDOWN: Final = Format(
    "md", "text/markdown", ("text/x-markdown",), other_names=("markdown",), charset=True
)
#: No media type of LaTeX is registered; these are in use.
LATEX: Final = Format(
    "tex",
    "application/x-latex",
    ("application/x-tex", "text/x-tex", "text/x-latex"),
    ("latex",),
    charset=True,
)

_SPACES: Final = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_MARKDOWN: Final = re.compile(r"([\\`*_\[\]<>|&~$])")
#: What LaTeX reads as a command, or prints as something else; the rest is UTF-8.
_LATEX: Final = {
    **{mark: "\\" + mark for mark in "&%$#_{}"},
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    # After the end of a row these would be its argument or its star.
    **{mark: f"{{{mark}}}" for mark in "[]*"},
    "\u202f": r"\,",
    "\u2009": r"\,",
    "\xa0": "~",
    "≠": r"$\neq$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "±": r"$\pm$",
    "\N{MINUS SIGN}": "$-$",
    "→": r"$\rightarrow$",
}
#: Twice in a row these would become one mark: a dash, a quotation mark.
_LIGATURES: Final = re.compile(r"([-',])(?=\1)")


@dataclass(frozen=True)
class Column:
    """A column: its heading, whether it holds numbers (right-aligned) or long text (that wraps)."""

    name: str
    number: bool = False
    long: bool = False


@dataclass(frozen=True)
class Table:
    """A table: each row has as many cells as there are columns; a note stands below it."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""

    def __post_init__(self) -> None:
        widths = {len(row) for row in self.rows}
        if widths - {len(self.columns)}:
            raise ValueError(f"{len(self.columns)} columns, but rows of {sorted(widths)} cells")


def write_csv(*tables: Table) -> str:
    """Write the rows of tables of the same columns, under one line of headings."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(column.name for column in tables[0].columns)
    for table in tables:
        writer.writerows(table.rows)
    return text.getvalue()


def write_markdown(*tables: Table) -> str:
    """Write each table under its caption in bold."""
    return "\n".join(map(_markdown, tables))


def write_latex(*tables: Table) -> str:
    """Write each table as a float with rules of booktabs, to be put into a paper by input."""
    return "% \\usepackage{array,booktabs} and \\usepackage[T1]{fontenc} in the preamble.\n" + (
        "\n".join(map(_latex, tables))
    )


#: How to write tables in each format.
WRITERS: Final[Mapping[str, Callable[..., str]]] = {
    "md": write_markdown,
    "tex": write_latex,
    "csv": write_csv,
}


def escape_markdown(text: str) -> str:
    """Escape a text so that a Markdown table cell shows it as it is."""
    return _MARKDOWN.sub(r"\\\1", _one_line(text))


def escape_latex(text: str) -> str:
    """Escape a text so that LaTeX prints it as it is."""
    escaped = "".join(_LATEX.get(mark, mark) for mark in _one_line(text))
    return _LIGATURES.sub(r"\1{}", escaped)


def _one_line(text: str) -> str:
    return _SPACES.sub(" ", text).strip()


def _markdown(table: Table) -> str:
    rules = ["---:" if column.number else "---" for column in table.columns]
    heads = [escape_markdown(column.name) for column in table.columns]
    rows = [[escape_markdown(cell) for cell in row] for row in table.rows]
    lines = [f"| {' | '.join(cells)} |" for cells in (heads, rules, *rows)]
    note = f"\n{escape_markdown(table.note)}\n" if table.note else ""
    return f"**{escape_markdown(table.caption)}**\n\n" + "\n".join(lines) + "\n" + note


def _latex(table: Table) -> str:
    heads = [escape_latex(column.name) for column in table.columns]
    rows = [[escape_latex(cell) for cell in row] for row in table.rows]
    lines = [
        r"\begin{table}",
        r"\centering",
        rf"\caption{{{escape_latex(table.caption)}}}",
        rf"\begin{{tabular}}{{{_alignment(table.columns)}}}",
        r"\toprule",
        _latex_row(heads),
        r"\midrule",
        *map(_latex_row, rows),
        r"\bottomrule",
        r"\end{tabular}",
        *([rf"\par\smallskip\footnotesize {escape_latex(table.note)}"] if table.note else []),
        r"\end{table}",
    ]
    return "\n".join(lines) + "\n"


def _latex_row(cells: Sequence[str]) -> str:
    return " & ".join(cells) + r" \\"


def _alignment(columns: Sequence[Column]) -> str:
    """Give a letter a column; columns of long text share most of the line between them."""
    long = sum(column.long for column in columns)
    share = f"{0.75 / long:.2f}" if long else ""
    wrapped = rf">{{\raggedright\arraybackslash}}p{{{share}\linewidth}}"
    return "".join(wrapped if column.long else "r" if column.number else "l" for column in columns)
