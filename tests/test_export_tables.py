"""`audiokg export csv`, `parquet`, `latex` and `markdown`, read by the tools they are for."""

import csv
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from frictionless import Package, system
from pyarrow import parquet
from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker, get_default_latex_context_db
from pylatexenc.macrospec import std_macro

from audiokg.cli import main
from audiokg.errors import InputError, SnapshotError
from audiokg.export.formats import export, write_files
from audiokg.export.kinds import KINDS
from audiokg.export.material import Material
from test_export_lists import text_of, write_small
from test_tables import latex_rows, read_markdown, unescape_latex

COMPARED = ["encodec", "mimi", "descript-audio-codec-44-1-khz"]
ENCODEC = "https://w3id.org/audiokg/model/encodec-24-khz"
OF_KIND = (
    "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
    "SELECT DISTINCT ?thing ?value {{ ?thing a/rdfs:subClassOf* <{kind}> . {pattern} }}"
)
SMALL = """
model:a a akg:Model ; rdfs:label "=1+cmd|' /C calc'!A0" ;
  akg:capability "-2", "--", "@SUM(A1)", "a | b", "c\\\\|", "|" ; akg:trainingHours 1.5 .
model:b a akg:Model ; rdfs:label "two\\r\\nlines, \\"quoted\\" & a_b" ; akg:codeStatus "-" .
model:c a akg:Model ; rdfs:label "+0.3" ; akg:codeStatus "+0.3 (Zero)" .
"""


@pytest.fixture(scope="session")
def csv_files(material: Material) -> Mapping[str, bytes]:
    return files_of(material, "csv")


@pytest.fixture(scope="session")
def parquet_files(material: Material) -> Mapping[str, bytes]:
    return files_of(material, "parquet")


def files_of(material: Material, form: str) -> Mapping[str, bytes]:
    files = export(form, [], material)
    assert not isinstance(files, bytes)
    return files


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def read_parquet(content: bytes) -> pa.Table:
    return parquet.read_table(io.BytesIO(content))


def split(cell: str) -> list[str]:
    """Split a list as the description says."""
    unescape = {"\\|": "|", "\\\\": "\\"}
    return [re.sub(r"\\[|\\]", lambda m: unescape[m[0]], item) for item in cell.split(" | ")]


def count(material: Material, kind: str, pattern: str = "") -> int:
    return len(material.rows_of(OF_KIND.format(kind=KINDS[kind].iri, pattern=pattern)))


def test_csv_is_as_its_description_says(csv_files: Mapping[str, bytes], tmp_path: Path) -> None:
    write_files(csv_files, tmp_path)
    with system.use_context(trusted=False):
        report = Package(tmp_path / "datapackage.json").validate()
    assert report.valid, report.flatten(["fieldName", "message"])
    assert [task.name for task in report.tasks] == [*KINDS]
    assert sum(task.stats["rows"] for task in report.tasks) > 15_000


def test_description_that_is_wrong_is_found(csv_files: Mapping[str, bytes], tmp_path: Path) -> None:
    wrong = csv_files["model.csv"].replace(b",24000,", b",many,", 1)
    write_files({**csv_files, "model.csv": wrong}, tmp_path)
    report = Package(tmp_path / "datapackage.json").validate()
    assert {error[0] for error in report.flatten(["type"])} >= {"type-error", "hash-count"}


@pytest.mark.parametrize("kind", KINDS)
def test_every_thing_of_a_kind_is_a_row_of_both(
    kind: str,
    material: Material,
    csv_files: Mapping[str, bytes],
    parquet_files: Mapping[str, bytes],
) -> None:
    ids = [row["id"] for row in read_csv(csv_files[f"{kind}.csv"])]
    assert ids == read_parquet(parquet_files[f"{kind}.parquet"])["id"].to_pylist()
    assert ids == sorted(set(ids))
    assert len(ids) == count(material, kind) > 0


def test_every_thing_with_a_kind_of_ours_is_in_a_table(
    material: Material, csv_files: Mapping[str, bytes]
) -> None:
    ids = {r["id"] for k in KINDS for r in read_csv(csv_files[f"{k}.csv"])}
    query = (
        "SELECT DISTINCT ?thing ?class { ?thing a ?class . "
        "FILTER(STRSTARTS(STR(?class), 'https://w3id.org/audiokg/ontology#')) }"
    )
    typed = {row["thing"].value for row in material.rows_of(query)}
    assert typed - ids == set()


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("model", "sampleRateHz"),
        ("model", "frameRateHz"),
        ("model", "supportsTask"),
        ("model", "isFullDuplex"),
        ("dataset", "durationHours"),
        ("evidence", "checkedOn"),
        ("token-stream", "codebookSize"),
        ("result", "numericValue"),
        ("claim", "negated"),
        ("operating-point", "bitrateKbps"),
        ("training-use", "hoursUsed"),
    ],
)
def test_column_holds_each_value_of_the_graph(
    kind: str, column: str, material: Material, parquet_files: Mapping[str, bytes]
) -> None:
    cells = read_parquet(parquet_files[f"{kind}.parquet"])[column].to_pylist()
    lists = [cell if isinstance(cell, list) else [cell] for cell in cells if cell is not None]
    pattern = f"?thing <https://w3id.org/audiokg/ontology#{column}> ?value"
    assert sum(map(len, lists)) == count(material, kind, pattern) > 0


def test_parquet_is_typed_with_units_and_words(parquet_files: Mapping[str, bytes]) -> None:
    schema = read_parquet(parquet_files["model.parquet"]).schema
    types = {name: str(schema.field(name).type) for name in schema.names}
    assert types["sampleRateHz"] == "double"
    assert types["parameterCount"] == "int64"
    assert types["isFullDuplex"] == "bool"
    assert types["frameRateHz"] == "list<element: double>"
    assert types["supportsTaskLabel"] == "list<element: string>"
    assert schema.field("sampleRateHz").metadata[b"unit"] == b"Hz"
    evidence = read_parquet(parquet_files["evidence.parquet"]).schema
    assert str(evidence.field("checkedOn").type) == "date32[day]"


def test_parquet_and_csv_say_the_same(
    csv_files: Mapping[str, bytes], parquet_files: Mapping[str, bytes]
) -> None:
    rows = {row["id"]: row for row in read_csv(csv_files["model.csv"])}
    for row in read_parquet(parquet_files["model.parquet"]).to_pylist():
        cell = rows[row["id"]]
        assert cell["label"] == row["label"]
        assert split(cell["supportsTask"]) == (row["supportsTask"] or [""])
        assert list(map(float, filter(None, split(cell["frameRateHz"])))) == (
            row["frameRateHz"] or []
        )


def test_labels_stand_beside_their_addresses(parquet_files: Mapping[str, bytes]) -> None:
    rows = read_parquet(parquet_files["model.parquet"]).to_pylist()
    [row] = [row for row in rows if row["id"] == ENCODEC]
    assert (row["variantOfLabel"], row["sampleRateHz"]) == ("EnCodec", 24000.0)
    assert dict(zip(row["quantizationMethod"], row["quantizationMethodLabel"], strict=True)) == {
        "https://w3id.org/audiokg/quantizer/residual-vector-quantization": (
            "residual vector quantization"
        )
    }


def test_parts_join_on_what_they_belong_to(parquet_files: Mapping[str, bytes]) -> None:
    models = set(read_parquet(parquet_files["model.parquet"])["id"].to_pylist())
    points = read_parquet(parquet_files["operating-point.parquet"])
    streams = read_parquet(parquet_files["token-stream.parquet"])
    assert set(points["of"].to_pylist()) <= models
    assert set(streams["of"].to_pylist()) <= set(points["id"].to_pylist())


def test_authors_stand_in_their_order(parquet_files: Mapping[str, bytes]) -> None:
    rows = read_parquet(parquet_files["publication.parquet"]).to_pylist()
    [moshi] = [row for row in rows if row["id"].endswith("/arxiv-2410-00037")]
    assert moshi["authors"][:2] == ["Alexandre Défossez", "Laurent Mazaré"]


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_two_runs_give_the_same_bytes(form: str, again: Material, material: Material) -> None:
    names = ["dataset", "result"]
    assert export(form, names, again) == export(form, names, material)


def test_one_kind_is_one_file(exporter: CliRunner, csv_files: Mapping[str, bytes]) -> None:
    done = exporter.invoke(main, ["export", "csv", "model"])
    assert (done.exit_code, done.stdout_bytes) == (0, csv_files["model.csv"])


def test_several_kinds_need_a_folder(exporter: CliRunner, tmp_path: Path) -> None:
    asked = ["export", "csv", "benchmark", "dataset"]
    assert "name a folder with --output" in exporter.invoke(main, asked).stderr
    assert exporter.invoke(main, [*asked, "--output", str(tmp_path / "tables")]).exit_code == 0
    written = sorted(path.name for path in (tmp_path / "tables").iterdir())
    assert written == ["benchmark.csv", "datapackage.json", "dataset.csv"]


def test_unknown_kind_is_refused_with_the_kinds_there_are(material: Material) -> None:
    with pytest.raises(InputError, match="no kind “codec”; there are model, dataset, publication"):
        export("csv", ["codec"], material)


def test_parquet_without_its_library_says_what_to_install(
    runner: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "audiokg.export.parquet", raising=False)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = runner.invoke(main, ["export", "parquet", "model"])
    assert (done.exit_code, 'pip install "audiokg[tables]"' in done.stderr) == (2, True)


def test_hostile_text_is_no_formula_in_csv_and_as_it_is_in_parquet(tmp_path: Path) -> None:
    small = write_small(tmp_path, SMALL)
    content, packed = (export(form, ["model"], small) for form in ("csv", "parquet"))
    assert isinstance(content, bytes) and isinstance(packed, bytes)
    a, b, c = read_csv(content)
    assert a["label"] == "'=1+cmd|' /C calc'!A0"
    assert b["label"] == 'two\r\nlines, "quoted" & a_b'
    assert (b["codeStatus"], c["label"], c["codeStatus"]) == ("-", "+0.3", "'+0.3 (Zero)")
    rows = read_parquet(packed).to_pylist()
    assert rows[0]["label"] == "=1+cmd|' /C calc'!A0"
    assert split(a["capability"].removeprefix("'")) == rows[0]["capability"]
    assert len(rows[0]["capability"]) == 6


def test_hostile_csv_is_as_its_description_says(tmp_path: Path) -> None:
    small = write_small(tmp_path / "snapshot", SMALL)
    files = export("csv", ["model", "dataset"], small)
    write_files(files, tmp_path)
    assert Package(tmp_path / "datapackage.json").validate().valid


def test_mixed_values_are_text_and_large_numbers_too(tmp_path: Path) -> None:
    small = write_small(
        tmp_path,
        'model:a a akg:Model ; akg:trainingHours "about 5" ; akg:parameterCount 1 . '
        "model:b a akg:Model ; akg:trainingHours 5 ; akg:parameterCount 99999999999999999999 .",
    )
    packed = export("parquet", ["model"], small)
    assert isinstance(packed, bytes)
    rows = read_parquet(packed).to_pylist()
    assert [row["trainingHours"] for row in rows] == ["about 5", "5"]
    assert [row["parameterCount"] for row in rows] == ["1", "99999999999999999999"]


def test_second_value_where_the_shapes_allow_one_is_told(tmp_path: Path) -> None:
    small = write_small(tmp_path, "model:a a akg:Model ; akg:sampleRateHz 16000.0, 24000.0 .")
    with pytest.raises(SnapshotError, match="model:a has 2 values of sampleRateHz"):
        export("csv", ["model"], small)


def test_latex_is_the_table_of_the_page(material: Material, client: FlaskClient) -> None:
    ids = "&".join(f"id={name}" for name in COMPARED)
    page = client.get(f"/compare?{ids}&format=tex").text
    own = text_of(material, "latex", *COMPARED)
    assert latex_rows(own) == latex_rows(page)
    assert len(latex_rows(own)) > 20
    assert "From audiokg, version" in own


def test_markdown_is_the_table_of_the_page(material: Material, client: FlaskClient) -> None:
    ids = "&".join(f"id={name}" for name in COMPARED)
    page = client.get(f"/compare?{ids}&format=md").text
    assert read_markdown(text_of(material, "markdown", *COMPARED)) == read_markdown(page)


def walk(text: str) -> LatexEnvironmentNode:
    """Parse LaTeX, strictly; give the tabular."""
    known = get_default_latex_context_db()
    known.add_context_category(
        "booktabs", macros=[std_macro("toprule", ""), std_macro("midrule", "")]
    )
    nodes, _, _ = LatexWalker(text, latex_context=known, tolerant_parsing=False).get_latex_nodes()
    [table] = [node for node in nodes if isinstance(node, LatexEnvironmentNode)]
    [tabular] = [node for node in table.nodelist if isinstance(node, LatexEnvironmentNode)]
    assert (table.environmentname, tabular.environmentname) == ("table", "tabular")
    return tabular


def widths(tabular: LatexEnvironmentNode) -> Counter[int]:
    """Count the rows of each number of cells: what parses as & and as the end of a row."""
    found, cells = Counter[int](), 1
    for node in tabular.nodelist:
        if getattr(node, "specials_chars", "") == "&":
            cells += 1
        elif getattr(node, "macroname", "") == "\\":
            found[cells] += 1
            cells = 1
    return found


def test_latex_parses_and_each_row_has_as_many_cells(material: Material) -> None:
    text = text_of(material, "latex", *COMPARED)
    [(cells, rows)] = widths(walk(text)).items()
    assert (cells, rows) == (6, len(latex_rows(text)))


def test_hostile_names_make_a_table_that_parses(tmp_path: Path) -> None:
    small = write_small(tmp_path, SMALL)
    text = text_of(small, "latex", "a", "b", "c")
    [(cells, _)] = widths(walk(text)).items()
    assert cells == 6
    head = latex_rows(text)[0]
    assert [unescape_latex(cell).strip() for cell in head][2:5] == [
        "=1+cmd|' /C calc'!A0",
        'two lines, "quoted" & a_b',
        "+0.3",
    ]


@pytest.mark.parametrize("names", [["encodec"], ["encodec", "model/encodec"]])
def test_one_resource_is_no_comparison(names: list[str], material: Material) -> None:
    with pytest.raises(InputError, match="1 to compare; name 2 to 8 different resources"):
        export("latex", names, material)


def test_description_says_where_lists_are_split(csv_files: Mapping[str, bytes]) -> None:
    document: dict[str, Any] = json.loads(csv_files["datapackage.json"])
    [model] = [r for r in document["resources"] if r["name"] == "model"]
    fields = {field["name"]: field for field in model["schema"]["fields"]}
    assert fields["frameRateHz"]["delimiter"] == " | "
    assert (fields["frameRateHz"]["itemType"], fields["frameRateHz"]["unit"]) == ("number", "Hz")
    assert document["licenses"][0]["name"] == "CC-BY-4.0"
