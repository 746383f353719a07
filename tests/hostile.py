"""Hostile queries, generated: what each is called, its text, and the statuses it may end with.

An address stands in those that try to make the server connect to somewhere; nothing may.
"""

from collections.abc import Iterator
from typing import NamedTuple

ALL = "?s ?p ?o"
PRODUCT = "?a ?b ?c . ?d ?e ?f"
ENDLESS = f"{PRODUCT} . ?g ?h ?i"
#: A call that may be on the list of allowed ones; it must not open the door to others.
ALLOWED = f"SERVICE <https://query.wikidata.org/sparql> {{ {ALL} }}"
HIDDEN = (
    *("plain", "lower", "mixed", "comment", "no-space", "prefixed", "relative", "variable"),
    *("variable-by-bind", "variable-by-values", "keyword-escaped", "keyword-escaped-whole"),
    *("iri-escaped", "iri-with-user", "iri-with-fragment", "in-exists", "after-less-than"),
    *("after-escaped-name", "after-hash-in-iri", "after-quote-in-string", "after-number"),
)


class Hostile(NamedTuple):
    """One hostile query; `text` is bytes, since some are no text."""

    name: str
    text: bytes
    statuses: frozenset[int]


#: Answered, since it is odd but correct.
FINE = frozenset({200})
#: Does not parse, or asks for what is not offered.
BAD = frozenset({400})
REFUSED = frozenset({400, 403})
#: Refused before it is evaluated, with the limit; a parser that cannot read it may say so.
TOO_LARGE = frozenset({400, 413})
#: Parsed or refused: both are right.
BORDERLINE = FINE | TOO_LARGE
#: Runs into the limit of time or memory.
STOPPED = frozenset({503, 504})
#: Runs into any limit: too large before, too long meanwhile, too large a result.
LIMITED = STOPPED | {413}
#: Answered if it can be done within the limits.
HEAVY = FINE | LIMITED


def corpus(address: str) -> tuple[Hostile, ...]:
    """Give all hostile queries; `address` is an IRI that must never be connected to."""
    tables = (
        _texts(_nested(), TOO_LARGE),
        _texts(_chained(), TOO_LARGE),
        _texts(_shallow(), BORDERLINE),
        _texts(_oversized(), TOO_LARGE),
        _texts(_many(), HEAVY | TOO_LARGE),
        _texts(_endless(), LIMITED),
        _texts(_heavy(), HEAVY),
        _texts(_growing(), HEAVY | TOO_LARGE),
        _raw(),
        _texts(_updates(address), REFUSED),
        _texts(services(address), REFUSED),
        _texts(_datasets(address), FINE | REFUSED),
    )
    return tuple(one for table in tables for one in table)


def _texts(named: dict[str, str], statuses: frozenset[int]) -> Iterator[Hostile]:
    for name, text in named.items():
        yield Hostile(name, text.encode("utf-8", "surrogatepass"), statuses)


def nest(begin: str, end: str, depth: int, core: str = ALL) -> str:
    """Put a core into brackets `depth` times."""
    return begin * depth + core + end * depth


def _where(pattern: str) -> str:
    return f"SELECT * {{ {pattern} }}"


def _filter(condition: str) -> str:
    return _where(f"{ALL} FILTER({condition})")


def _nested() -> dict[str, str]:
    patterns = {
        "groups-1000": nest("{", "}", 1000),
        "groups-5000": nest("{", "}", 5000),
        "groups-unclosed": "{" * 30_000,
        "groups-unopened": "}" * 30_000 + "{" * 100,
        "groups-with-spaces": nest("{ \n", " }", 3000),
        "groups-with-comments": nest("{#}\n", "}", 3000),
        "groups-between-strings": nest("{ ?s ?p '}' . ", "}", 1000),
        "groups-between-iris": nest("{ ?s <x:%7D> ?o . ", "}", 1000),
        "optional-3000": nest("OPTIONAL {", "}", 3000),
        "minus-1000": nest(f"{ALL} MINUS {{", "}", 1000),
        "exists-1000": nest("FILTER EXISTS {", "}", 1000),
        "not-exists-1000": nest("FILTER NOT EXISTS {", "}", 1000),
        "sub-selects-1500": nest("{ SELECT * {", "} }", 1500),
        "graphs-1000": nest("GRAPH ?g {", "}", 1000),
        "blank-nodes-300": "?s ?p " + nest("[ ?p ", " ]", 300, "?o"),
        "blank-nodes-300-with-lists": "?s ?p " + nest("[ ?p 1 ; ?q ", " ]", 300, "?o"),
        "collections-300": "?s ?p " + nest("( ", " )", 300, "?o"),
        "collections-of-blank-nodes-300": "?s ?p " + nest("( [ ?p ", " ] )", 300, "?o"),
        "quoted-triples-1000": nest("<< ", " ?p ?o >>", 1000, "?s") + " ?p ?o",
        "triple-terms-1000": "?s ?p " + nest("<<( ?s ?p ", " )>>", 1000, "?o"),
        "path-parentheses-10000": f"?s {nest('(', ')', 10_000, '<x:p>')} ?o",
    }
    conditions = {
        "parentheses-10000": nest("(", ")", 10_000, "true"),
        "not-10000": "!" * 10_000 + "true",
        "not-10000-with-comments": "!#\n" * 10_000 + "true",
        "not-10000-with-strings": nest('!("" = ', ")", 5000, '""'),
        "minus-10000": "-" * 10_000 + "1",
        "minus-10000-with-spaces": "- " * 10_000 + "1",
        "calls-5000": nest("STR(", ")", 5000, "?s"),
        "if-3000": nest("IF(true, ", ", 1)", 3000, "1"),
        "coalesce-3000": nest("COALESCE(?x, ", ")", 3000, "1"),
        "in-3000": nest("1 IN (", ")", 3000, "1"),
        "exists-in-or-1000": nest("true || EXISTS { FILTER(", ") }", 1000, "true"),
    }
    return (
        {name: _where(text) for name, text in patterns.items()}
        | {name: _filter(text) for name, text in conditions.items()}
        | {
            "groups-of-ask": "ASK " + nest("{", "}", 5000),
            "groups-of-construct": "CONSTRUCT { ?s ?p ?o } WHERE " + nest("{", "}", 5000),
            "groups-of-describe": "DESCRIBE ?s WHERE " + nest("{", "}", 5000),
            "groups-of-nothing": nest("{", "}", 20_000, ""),
            "having-5000": _where(ALL) + " GROUP BY ?s HAVING " + nest("(", ")", 5000, "true"),
            "order-by-5000": _where(ALL) + " ORDER BY " + nest("(", ")", 5000, "?s"),
            "projection-5000": f"SELECT ({nest('(', ')', 5000, '1')} AS ?x) {{}}",
            "values-of-triple-terms-1000": "SELECT * {} VALUES ?x { "
            + nest("<<( <x:a> <x:b> ", " )>>", 1000, "1")
            + " }",
        }
    )


def _chained() -> dict[str, str]:
    conditions = {
        "or-5000": " || ".join(["?s = ?o"] * 5000),
        "and-5000": " && ".join(["?s = ?o"] * 5000),
        "plus-10000": "+".join(["1"] * 10_000) + " = 1",
        "times-10000": "*".join(["1"] * 10_000) + " = 1",
        "plus-signs-10000": "1" + " +1" * 10_000 + " = 1",
        "minus-signs-10000": "1" + " -1" * 10_000 + " = 1",
        "or-2000-with-comments": "||#\n".join(["true"] * 2000),
    }
    patterns = {
        "union-5000": " UNION ".join(["{}"] * 5000),
        "union-3000-of-patterns": " UNION ".join([f"{{ {ALL} }}"] * 3000),
        "optional-in-a-row-3000": "OPTIONAL { ?s ?p ?o } " * 3000,
        "minus-in-a-row-3000": "MINUS { ?s ?p ?o } " * 3000,
        "filter-in-a-row-3000": ALL + " FILTER(true)" * 3000,
        "bind-in-a-row-3000": " ".join(f"BIND(1 AS ?v{n})" for n in range(3000)),
        "path-sequence-1000": f"?s {'/'.join(['<x:p>'] * 1000)} ?o",
        "path-sequence-1000-of-a": f"?s {'/'.join(['a'] * 1000)} ?o",
        "path-alternatives-3000": f"?s {'|'.join(['<x:p>'] * 3000)} ?o",
        "path-negated-3000": f"?s !({'|'.join(['<x:p>'] * 3000)}) ?o",
        "path-inverse-5000": f"?s {'^' * 5000}<x:p> ?o",
        "path-sequence-of-stars-500": f"?s {'/'.join(['a*'] * 500)} ?o",
        "triples-3000": " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(3000)),
        "objects-3000": "?s ?p " + ", ".join(f"?o{n}" for n in range(3000)),
        "properties-3000": "?s " + "; ".join(f"?p{n} 1" for n in range(3000)),
        "semicolons-50000": ALL + ";" * 50_000,
    }
    return {name: _filter(text) for name, text in conditions.items()} | {
        name: _where(text) for name, text in patterns.items()
    }


def _shallow() -> dict[str, str]:
    return {
        "groups-100": _where(nest("{", "}", 100)) + " LIMIT 1",
        "groups-30": _where(nest("{", "}", 30)) + " LIMIT 1",
        "exists-12": _where(nest("FILTER EXISTS {", "}", 12)) + " LIMIT 1",
        "prefixes-400": "".join(f"PREFIX p{n}: <x:{n}>\n" for n in range(400)) + "ASK {}",
        "prefixes-3000": "".join(f"PREFIX p{n}: <x:{n}>\n" for n in range(3000)) + "ASK {}",
        "prefix-said-again-3000": "PREFIX p: <x:>\n" * 3000 + "ASK {}",
        "base-3000": "BASE <x:a/>\n" * 3000 + "ASK {}",
        "base-relative-2000": "BASE <../a>\n" * 2000 + "ASK {}",
        "comments-20000": "#{\n" * 20_000 + "ASK {}",
        "spaces-90000": " " * 90_000 + "ASK {}",
        "line-ends-90000": "\r\n" * 45_000 + "ASK {}",
        "iri-of-90000": f"ASK {{ ?s ?p <x:{'a' * 90_000}> }}",
        "iri-with-30000-dots": f"BASE <http://a/> ASK {{ ?s ?p <{'../' * 30_000}> }}",
        "literal-of-90000": f'ASK {{ ?s ?p "{"a" * 90_000}" }}',
        "literal-of-quotes": f"ASK {{ ?s ?p '''{chr(34) * 90_000}''' }}",
        "literal-of-escapes": "ASK { ?s ?p '" + "\\n" * 45_000 + "' }",
        "variable-of-90000": f"SELECT ?{'a' * 90_000} {{}}",
        "blank-node-of-90000": f"ASK {{ _:{'a' * 90_000} ?p ?o }}",
        "language-of-5000": f'ASK {{ ?s ?p "a"@{"-".join(["aaaaaaaa"] * 5000)} }}',
        "number-of-90000": f"ASK {{ FILTER(1 < {'9' * 90_000}) }}",
        "decimal-of-90000": f"ASK {{ FILTER(1 < 0.{'0' * 90_000}1) }}",
        "exponent-of-90000": f"ASK {{ FILTER(1 < 1e{'9' * 90_000}) }}",
        "limit-of-90000": f"SELECT * {{}} LIMIT {'9' * 90_000}",
        "offset-of-64-bits": f"SELECT * {{ {ALL} }} OFFSET 18446744073709551615 LIMIT 1",
        "limit-beyond-64-bits": f"SELECT * {{ {ALL} }} LIMIT 18446744073709551616",
        "variables-projected-5000": f"SELECT {' '.join(f'?v{n}' for n in range(5000))} {{}}",
        "from-2000": "SELECT * " + "FROM <x:g> " * 2000 + "{ ?s ?p ?o } LIMIT 1",
    }


def _oversized() -> dict[str, str]:
    return {
        "iri-of-1000000": f"ASK {{ ?s ?p <x:{'a' * 1_000_000}> }}",
        "literal-of-500000": f'ASK {{ ?s ?p "{"a" * 500_000}" }}',
        "literal-of-500000-umlauts": f'ASK {{ ?s ?p "{"ä" * 250_000}" }}',
        "spaces-of-2-mib": " " * (2 << 20) + "ASK {}",
        "values-of-100000-rows": f"SELECT * {{ VALUES ?x {{ {'1 ' * 100_000} }} }}",
    }


def _many() -> dict[str, str]:
    """Give queries that are long but flat: lists within the size limit."""
    numbers = " ".join(str(n) for n in range(14_000))
    return {
        "groups-in-a-row-10000": _where("{} " * 10_000),
        "values-in-a-row-3000": _where("VALUES ?x { 1 } " * 3000),
        "values-of-14000-rows": _where(f"VALUES ?o {{ {numbers} }} {ALL}"),
        "values-of-two-columns": _where(f"VALUES (?a ?b) {{ {'(1 2) ' * 14_000} }}"),
        "values-joined-with-values": _where(f"VALUES ?a {{ {'1 ' * 7000} }}")
        + f" VALUES ?a {{ {'1 ' * 7000} }}",
        "values-crossed": _where(f"VALUES ?a {{ {'1 ' * 7000} }} VALUES ?b {{ {'2 ' * 7000} }}"),
        "values-of-undef": _where(f"VALUES ?s {{ {'UNDEF ' * 10_000} }} {ALL}"),
        "in-of-14000": _filter(f"?o IN ({numbers.replace(' ', ',')})"),
        "not-in-of-14000": _filter(f"?o NOT IN ({numbers.replace(' ', ',')})"),
        "concat-of-14000": f"SELECT (CONCAT({numbers.replace(' ', ',')}) AS ?x) {{}}",
        "coalesce-of-10000": f"SELECT (COALESCE({','.join(['?x'] * 10_000)}) AS ?y) {{}}",
        "group-by-5000": f"SELECT * {{ {ALL} }} GROUP BY {'?s ' * 5000}",
        "order-by-5000-keys": _where(ALL) + f" ORDER BY {'?s ' * 5000}",
        "describe-5000": f"DESCRIBE {'<https://w3id.org/audiokg/model/mimi> ' * 2000}",
    }


def _endless() -> dict[str, str]:
    count = f"SELECT (COUNT(*) AS ?n) {{ {ENDLESS} }}"
    return {
        "product-3-counted": count,
        "product-3": f"SELECT * {{ {ENDLESS} }}",
        "product-3-distinct-ends": f"SELECT DISTINCT ?a ?i {{ {ENDLESS} }}",
        "product-3-asked": f"ASK {{ {ENDLESS} FILTER(?a = ?i && ?a != ?i) }}",
        "product-3-constructed": f"CONSTRUCT {{ ?a ?e ?i }} WHERE {{ {ENDLESS} }}",
        "product-3-described": f"DESCRIBE ?a ?d ?g WHERE {{ {ENDLESS} }}",
        "product-3-in-exists": _where(f"{ALL} FILTER EXISTS {{ {ENDLESS} FILTER(?a = 'no') }}"),
        "product-3-in-minus": _where(f"{ENDLESS} MINUS {{ {ENDLESS} }}"),
        "product-3-in-sub-select": _where(f"{{ {count} }}"),
        "product-3-at-offset": f"SELECT * {{ {ENDLESS} }} OFFSET 900000000000 LIMIT 1",
        "product-3-grouped": f"SELECT ?a (COUNT(?i) AS ?n) {{ {ENDLESS} }} GROUP BY ?a",
        "product-2-ordered": f"SELECT * {{ {PRODUCT} }} ORDER BY ?f ?c LIMIT 1",
        "product-2-ordered-descending": f"SELECT * {{ {PRODUCT} }} ORDER BY DESC(CONCAT(?f, ?c))",
        "product-2-distinct": f"SELECT DISTINCT ?a ?f {{ {PRODUCT} }}",
        "product-2-reduced": f"SELECT REDUCED ?a ?f {{ {PRODUCT} }}",
        "product-2-concatenated": "SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d))) AS ?x)"
        f" {{ {PRODUCT} }}",
        "product-2-sampled": f"SELECT (COUNT(DISTINCT CONCAT(?a, ?f)) AS ?n) {{ {PRODUCT} }}",
        "product-2-hashed": f"SELECT (MAX(SHA512(CONCAT(STR(?a), STR(?f)))) AS ?x) {{ {PRODUCT} }}",
        "product-2-by-regex": f"SELECT * {{ {PRODUCT} FILTER REGEX(?c, CONCAT(STR(?f), 'no$')) }}",
        "product-2-left-joined": _where(f"{ALL} OPTIONAL {{ ?d ?e ?f FILTER(?s != ?d) }}"),
        "product-2-of-graphs": f"SELECT (COUNT(*) AS ?n) {{ GRAPH ?g {{ {ENDLESS} }} }}",
        "product-2-of-unions": "SELECT (COUNT(*) AS ?n) {" + f"{{ {ALL} }} UNION {{ {PRODUCT} }}}}",
        "path-of-any-closed": "SELECT (COUNT(*) AS ?n) { ?s !<x:p>* ?o . ?o !<x:p>* ?r }",
        "path-closed-both-ways": "SELECT (COUNT(*) AS ?n) { ?s (!<x:p>|^!<x:q>)* ?o }",
        "path-closed-in-closed": "SELECT (COUNT(*) AS ?n) { ?s ((!<x:p>)+|(^!(<x:p>))+)* ?o }",
        "rand-sorted": f"SELECT (RAND() AS ?x) {{ {PRODUCT} }} ORDER BY ?x LIMIT 1",
    }


def _heavy() -> dict[str, str]:
    """Give queries that may be answered, if the machine is fast enough."""
    return {
        "everything": f"SELECT * {{ {ALL} }}",
        "everything-with-graphs": f"SELECT * {{ GRAPH ?g {{ {ALL} }} }}",
        "everything-ordered": f"SELECT * {{ {ALL} }} ORDER BY DESC(STR(?o)) ?p ?s",
        "everything-distinct": f"SELECT DISTINCT * {{ {ALL} }}",
        "everything-concatenated": f"SELECT (GROUP_CONCAT(STR(?o)) AS ?x) {{ {ALL} }}",
        "everything-concatenated-long": "SELECT (GROUP_CONCAT(?o; SEPARATOR='"
        + "x" * 20_000
        + f"') AS ?x) {{ {ALL} }}",
        "everything-constructed": f"CONSTRUCT {{ {ALL} . ?o ?p ?s }} WHERE {{ {ALL} }}",
        "everything-described": f"DESCRIBE * WHERE {{ {ALL} }}",
        "everything-described-by-name": f"DESCRIBE ?s WHERE {{ {ALL} }}",
        "everything-hashed": f"SELECT (MAX(SHA512(STR(?o))) AS ?x) {{ {ALL} }}",
        "path-a-or-b-closed": "SELECT (COUNT(*) AS ?n) { ?s (a|<http://www.w3.org/2000/01/"
        "rdf-schema#subClassOf>)* ?o }",
        "path-zero-or-more-of-all": "SELECT * { ?s (<x:a>|!<x:a>)* ?o }",
        "path-zero-or-one-of-all": "SELECT * { ?s <x:p>? ?o }",
        "path-zero-length-of-all": "SELECT (COUNT(*) AS ?n) { ?s <x:p>* ?o }",
        "path-zero-length-twice": "SELECT (COUNT(*) AS ?n) { ?s <x:p>* ?o . ?q <x:p>* ?r }",
        "path-stars-in-stars": "SELECT (COUNT(*) AS ?n) { ?s ((((a*)*)*)*)* ?o }",
        "path-stars-of-options": "SELECT (COUNT(*) AS ?n) { ?s (a?/a?/a?/a?)* ?o }",
        "path-in-a-cycle": "SELECT (COUNT(*) AS ?n) { ?s (!<x:p>/^!<x:p>)+ ?s }",
        "blank-nodes-35": _where("?s ?p " + nest("[ ?p ", " ]", 35, "?o")) + " LIMIT 1",
        "star-of-100": _where("?s " + "; ".join(f"?p{n} ?o{n}" for n in range(100))) + " LIMIT 1",
        "chain-of-100": _where(" . ".join(f"?v{n} ?p ?v{n + 1}" for n in range(100))) + " LIMIT 1",
        "path-of-100": _where(f"?s {'/'.join(['!<x:p>'] * 100)} ?o") + " LIMIT 1",
        "exists-in-a-row-50": _where(ALL + " FILTER EXISTS { ?o ?q ?r }" * 50),
        "optional-in-a-row-50": _where(
            ALL + "".join(f" OPTIONAL {{ ?s ?p ?o{n} }}" for n in range(50))
        ),
        "unions-joined-30": _where(f"{{ {ALL} }} UNION {{ ?o ?p ?s }} . " * 30),
        "regex-nested-stars": _filter("REGEX(STR(?o), '^(([a-z]+)*)*$')"),
        "regex-alternatives": _filter("REGEX(STR(?o), '(a|aa|aaa|a?)*b', 'i')"),
        "regex-on-a-long-string": "SELECT (REGEX('" + "a" * 50_000 + "!', '^(a+)+$') AS ?x) {}",
        "regex-counted": _filter("REGEX(STR(?o), '((a{1,100}){1,100}){1,100}')"),
        "regex-counted-unicode": _filter(r"REGEX(STR(?o), '(\\p{L}{1,500}){1,500}')"),
        "regex-per-row": _where(f"{ALL} FILTER REGEX(STR(?s), CONCAT('(', STR(?o), ')*$'))"),
        "regex-deep": f"SELECT (REGEX('a', '{nest('(', ')', 20_000, 'a')}') AS ?x) {{}}",
        "regex-stars": f"SELECT (REGEX('a', 'a{'*' * 50_000}') AS ?x) {{}}",
        "regex-backreference": _filter(r"REGEX(STR(?o), '^(.*)\\1$')"),
        "replace-with-growth": f"SELECT (REPLACE('{'a' * 9000}', 'a', '{'b' * 9000}') AS ?x) {{}}",
        "replace-of-nothing": _where(f"{ALL} BIND(REPLACE(STR(?o), '', 'xxxxxxxx') AS ?x)"),
        "division-by-zero": "SELECT (1/0 AS ?x) (1.0/0 AS ?y) (0e0/0 AS ?z) {}",
        "least-integer": "SELECT (-9223372036854775807 - 1 AS ?x) "
        "(-(-9223372036854775807 - 1) AS ?y) ((-9223372036854775807 - 1)/-1 AS ?z) {}",
        "substring-of-extremes": "SELECT (SUBSTR('ä€😀', -9223372036854775807, "
        "9223372036854775807) AS ?x) (SUBSTR('ä€😀', 2, 1) AS ?y) {}",
        "dates-of-extremes": "SELECT ('9999999999999-12-31T23:59:59Z'"
        "^^<http://www.w3.org/2001/XMLSchema#dateTime> AS ?x) (YEAR(?x) AS ?y) {}",
        "durations-of-extremes": "SELECT (NOW() + 'P99999999999999999Y'"
        "^^<http://www.w3.org/2001/XMLSchema#duration> AS ?x) {}",
    }


def _doubling(times: int, start: str = "'xxxxxxxxxxxxxxxx'") -> str:
    steps = [f"BIND({start} AS ?v0)"]
    steps += [f"BIND(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(times)]
    return " ".join(steps)


def _growing() -> dict[str, str]:
    """Give queries that are short but whose strings or rows double at every step."""
    rows = "{} UNION {}"
    replaced = nest("REPLACE(", ", 'x', 'xxxxxxxxxxxxxxxx')", 12, "'x'")
    encoded = nest("ENCODE_FOR_URI(", ")", 30, f"'{'%' * 99}'")
    per_row = _doubling(16, "STR(?o)")
    nested = "'x'"
    for _ in range(8):
        nested = f"CONCAT({nested}, {nested})"
    return {
        "strings-doubled-20-times": f"SELECT ?v20 {{ {_doubling(20)} }}",
        "strings-doubled-40-times": f"SELECT (STRLEN(?v40) AS ?n) {{ {_doubling(40)} }}",
        "strings-doubled-100-times": f"SELECT (STRLEN(?v100) AS ?n) {{ {_doubling(100)} }}",
        "strings-doubled-all-shown": f"SELECT * {{ {_doubling(22)} }}",
        "strings-doubled-per-row": f"SELECT (MAX(?v16) AS ?x) {{ {ALL} {per_row} }}",
        "strings-doubled-in-select": "SELECT ('xx' AS ?v0) "
        + " ".join(f"(CONCAT(?v{n}, ?v{n}) AS ?v{n + 1})" for n in range(38))
        + " {}",
        "strings-encoded-again": f"SELECT ({encoded} AS ?x) {{}}",
        "strings-replaced-again": f"SELECT (STRLEN({replaced}) AS ?n) {{}}",
        "strings-concatenated-nested": f"SELECT ({nested} AS ?x) {{}}",
        "rows-doubled-20-times": _where(f"{rows} . " * 20 + "BIND(1 AS ?x)"),
        "rows-doubled-30-times": "SELECT (COUNT(*) AS ?n) { " + f"{{ {rows} }} " * 30 + "}",
        "rows-by-values-9-times": "SELECT (COUNT(*) AS ?n) { "
        + " ".join(f"VALUES ?v{n} {{ {'1 ' * 60} }}" for n in range(9))
        + " }",
        "if-nested-30": f"SELECT ({nest('IF(RAND() < 2, ', ', 1)', 30, '1')} AS ?x) {{}}",
        "uuid-of-all-rows": f"SELECT (STRUUID() AS ?x) (UUID() AS ?y) (BNODE() AS ?z) {{ {ALL} }}",
    }


def _raw() -> Iterator[Hostile]:
    """Give what is hardly a text: wrong bytes, escapes, nothing at all."""
    table: tuple[tuple[str, bytes, frozenset[int]], ...] = (
        ("empty", b"", BAD),
        ("one-space", b" ", BAD),
        ("one-nul", b"\0", BAD),
        ("comment-only", b"# nothing", BAD),
        ("comments-only", b"# nothing\n" * 5000, BAD),
        ("comment-without-end", b"ASK {} #" + b"a" * 90_000, FINE),
        ("bom-first", b"\xef\xbb\xbfASK {}", FINE | BAD),
        ("bom-inside", b"ASK \xef\xbb\xbf{}", BAD),
        ("utf-16", "ASK {}".encode("utf-16"), BAD),
        ("utf-8-cut", b"ASK { ?s ?p '\xe2\x82' }", BAD),
        ("utf-8-overlong", b"ASK { ?s ?p '\xc0\xaf' }", BAD),
        ("utf-8-continued", b"ASK {} \x80", BAD),
        ("utf-8-ff", b"\xff\xff\xff\xff", BAD),
        ("surrogate-lone", "ASK { ?s ?p '\ud800' }".encode("utf-8", "surrogatepass"), BAD),
        ("surrogate-pair", "ASK { ?s ?p '\ud83d\ude00' }".encode("utf-8", "surrogatepass"), BAD),
        ("surrogate-escaped", rb"ASK { ?s ?p '\uD800' }", FINE | BAD),
        ("surrogate-pair-escaped", rb"ASK { ?s ?p '\uD83D\uDE00' }", FINE | BAD),
        ("beyond-unicode-escaped", rb"ASK { ?s ?p '\U00110000' }", BAD),
        ("nul-in-string", b"ASK { ?s ?p 'a\0b' }", FINE | BAD),
        ("nul-in-iri", b"ASK { ?s ?p <x:a\0b> }", BAD),
        ("nul-escaped", rb"ASK { ?s ?p '\u0000' }", FINE | BAD),
        ("nul-between", b"ASK\0{}", BAD),
        ("nul-after", b"ASK {}\0DROP ALL", BAD),
        ("controls", bytes(range(32)), BAD),
        ("escaped-keyword", rb"\u0041SK {}", FINE | BAD),
        ("escaped-quote", rb"ASK { ?s ?p '\u0027 . ?a ?b ?c }", BAD),
        ("escaped-bracket", rb"ASK { ?s ?p <x:\u003E> }", BAD),
        ("escaped-space-in-iri", rb"ASK { ?s ?p <x:\u0020> }", BAD),
        ("escape-cut", b"ASK { ?s ?p '\\u00", BAD),
        ("backslashes", b"\\" * 90_000, BAD),
        ("string-open", b"ASK { ?s ?p '" + b"a" * 90_000, BAD),
        ("long-string-open", b'ASK { ?s ?p """' + b'""a' * 30_000, BAD),
        ("long-string-open-escapes", b'ASK { ?s ?p """' + b"\\" * 90_000, BAD),
        ("iri-open", b"ASK { ?s ?p <" + b"a" * 90_000, BAD),
        ("iris-open", b"<" * 400 + b"a" * 90_000, TOO_LARGE),
        ("quotes", b"'" * 90_001, TOO_LARGE),
        ("double-quotes", b'"' * 90_001, TOO_LARGE),
        ("colons", b":" * 90_000, TOO_LARGE),
        ("word-of-90000", b"a" * 90_000, BAD),
        ("name-of-dots", b"a" + b"." * 90_000, TOO_LARGE),
        ("percents", b"ASK { ?s ?p a:" + b"%" * 80_000, TOO_LARGE),
        ("right-to-left", "ASK \u202e{}\u202c".encode(), BAD),
        ("look-alike-letters", "ＳＥＬＥＣＴ * {}".encode(), BAD),  # noqa: RUF001
        ("dotless-i", "ASK { FıLTER(true) }".encode(), BAD),  # noqa: RUF001
        ("two-queries", b"ASK {} ASK {}", BAD),
        ("query-and-update", b"ASK {} ; DROP ALL", BAD),
        ("markup", b"SELECT <script>alert(1)</script>", BAD),
        ("line-ends-for-headers", b"ASK {}\r\nX-Injected: yes\r\n\r\n", BAD),
    )
    return (Hostile(*row) for row in table)


def _cased(text: str) -> dict[str, str]:
    return {
        "upper": text.upper(),
        "lower": text.lower(),
        "mixed": "".join(c.upper() if n % 2 else c.lower() for n, c in enumerate(text)),
    }


def _updates(address: str) -> dict[str, str]:
    iri = f"<{address}>"
    # What follows is apart, since only the keywords change case.
    updates = {
        "INSERT DATA": " { <x:a> <x:b> <x:c> }",
        "INSERT": " { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "DELETE DATA": " { <x:a> <x:b> <x:c> }",
        "DELETE WHERE": " { ?s ?p ?o }",
        "DELETE": " { ?s ?p ?o } INSERT { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "WITH": " <x:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD": f" {iri}",
        "LOAD SILENT": f" {iri} INTO GRAPH <x:g>",
        "CLEAR ALL": "",
        "CLEAR SILENT DEFAULT": "",
        "DROP ALL": "",
        "DROP GRAPH": " <x:g>",
        "CREATE GRAPH": " <x:g>",
        "COPY DEFAULT TO": " <x:g>",
        "MOVE DEFAULT TO": " <x:g>",
        "ADD DEFAULT TO": " <x:g>",
    }
    plain = {
        f"update-{keyword.replace(' ', '-').lower()}-{case}": written + rest
        for keyword, rest in updates.items()
        for case, written in _cased(keyword).items()
    }
    wrapped = {
        "after-prefix": f"PREFIX a: <x:> LOAD {iri}",
        "after-base": f"BASE <x:> LOAD {iri}",
        "after-comment": f"# ASK {{}}\nLOAD {iri}",
        "after-semicolon": f"; LOAD {iri}",
        "after-query": f"ASK {{}} ; LOAD {iri}",
        "split-by-comment": f"LOAD#\n{iri}",
        "split-by-form-feed": f"LOAD\f{iri}",
        "escaped": rf"\u004COAD {iri}",
        "in-group": f"SELECT * {{ LOAD {iri} }}",
        "in-prefixed-iri": f"PREFIX a: {iri} LOAD a:",
        "service-in-delete": f"DELETE {{ ?s ?p ?o }} WHERE {{ SERVICE {iri} {{ ?s ?p ?o }} }}",
        "using": f"DELETE {{ ?s ?p ?o }} USING {iri} WHERE {{ ?s ?p ?o }}",
    }
    return plain | {f"update-{name}": text for name, text in wrapped.items()}


def services(address: str) -> dict[str, str]:
    """Give SERVICE on an address as the grammar, or a careless parser, lets one write it."""
    iri = f"<{address}>"
    call = f"SERVICE {iri} {{ {ALL} }}"
    inside = {
        "plain": call,
        "silent": f"SERVICE SILENT {iri} {{ {ALL} }}",
        "silent-lower": f"service silent {iri} {{ {ALL} }}",
        "lower": f"service {iri} {{ {ALL} }}",
        "mixed": f"SeRvIcE {iri} {{ {ALL} }}",
        "no-space": f"SERVICE{iri}{{{ALL}}}",
        "glued-to-silent": f"SERVICESILENT{iri}{{{ALL}}}",
        "glued-to-prefix": f"SERVICEhere:{{{ALL}}}",
        "glued-to-boolean": f"?a ?b trueSERVICE{iri}{{{ALL}}}",
        "glued-to-name": f"?a ?b here:.SERVICE{iri}{{{ALL}}}",
        "glued-to-name-with-dots": f"?a ?b here:c.dSERVICE.SERVICE{iri}{{{ALL}}}",
        "line-ends": f"SERVICE\r\n\t{iri}\r{{ {ALL} }}",
        "comment": f"SERVICE#<https://query.wikidata.org/sparql>\n{iri} {{ {ALL} }}",
        "comment-with-quote": f"SERVICE # ' ''' \r{iri} {{ {ALL} }}",
        "after-comment-by-return": f"# here\rSERVICE {iri} {{ {ALL} }}",
        "after-hash-in-iri": f"?a <x:#> ?b . SERVICE {iri} {{ {ALL} }}",
        "after-hash-in-string": f"?a ?b '#' . SERVICE {iri} {{ {ALL} }}",
        "after-quote-in-string": f"?a ?b '\\'' . SERVICE {iri} {{ ?s ?p '\\'' }}",
        "after-long-string": f"?a ?b '''a''b'c''' . SERVICE {iri} {{ ?s ?p '''' ''' }}",
        "after-backslash-string": f'?a ?b "\\\\" . SERVICE {iri} {{ ?s ?p "\\\\" }}',
        "after-less-than": f"?a ?b ?c FILTER(?a<?b) SERVICE {iri} {{ {ALL} FILTER(?s>?o) }}",
        "after-less-than-in-quotes": f"FILTER(1<2&&'a'!='x>')SERVICE {iri} {{ {ALL} }}#'\n",
        "after-less-than-in-comment": f'FILTER(1<2)#>"""\nSERVICE {iri} {{ {ALL} }}#"""\n',
        "after-escaped-name": f"?a <x:b> p:c\\' . SERVICE {iri} {{ ?s ?p p:\\' }}",
        "after-name-with-dots": f"?a ?b p:c.SERVICE {iri} {{ {ALL} }}",
        "after-dot": f"?a ?b ?c.SERVICE {iri} {{ {ALL} }}",
        "after-number": f"?a ?b 1.SERVICE {iri} {{ {ALL} }}",
        "after-number-without-dot": f"?a ?b 1SERVICE {iri} {{ {ALL} }}",
        "after-double": f"?a ?b 1e0SERVICE {iri} {{ {ALL} }}",
        "after-boolean": f"?a ?b true.SERVICE {iri} {{ {ALL} }}",
        "after-language": f"?a ?b 'c'@en.SERVICE {iri} {{ {ALL} }}",
        "after-datatype": f"?a ?b 'c'^^<x:d>SERVICE {iri} {{ {ALL} }}",
        "after-variable": f"?a ?b ?c . BIND(1 AS ?d)SERVICE {iri} {{ {ALL} }}",
        "prefixed": f"SERVICE here: {{ {ALL} }}",
        "prefixed-empty": f"SERVICE : {{ {ALL} }}",
        "prefixed-by-escape": f"SERVICE here:\\~ {{ {ALL} }}",
        "relative": f"SERVICE <> {{ {ALL} }}",
        "iri-escaped": f"SERVICE {iri.replace('h', chr(92) + 'u0068', 1)} {{ {ALL} }}",
        "iri-upper": f"SERVICE {iri.replace('http', 'HTTP', 1)} {{ {ALL} }}",
        "iri-with-user": f"SERVICE {iri.replace('://', '://query.wikidata.org@')} {{ {ALL} }}",
        "iri-with-fragment": f"SERVICE <{address}#https://query.wikidata.org/sparql> {{ {ALL} }}",
        "iri-decimal": f"SERVICE {iri.replace('127.0.0.1', '2130706433')} {{ {ALL} }}",
        "iri-hexadecimal": f"SERVICE {iri.replace('127.0.0.1', '0x7f.1')} {{ {ALL} }}",
        "iri-octal": f"SERVICE {iri.replace('127.0.0.1', '0177.0.0.1')} {{ {ALL} }}",
        "iri-any-address": f"SERVICE {iri.replace('127.0.0.1', '0.0.0.0')} {{ {ALL} }}",  # noqa: S104
        "iri-version-6": f"SERVICE {iri.replace('127.0.0.1', '[::ffff:127.0.0.1]')} {{ {ALL} }}",
        "iri-localhost": f"SERVICE {iri.replace('127.0.0.1', 'localhost')} {{ {ALL} }}",
        "iri-localhost-dot": f"SERVICE {iri.replace('127.0.0.1', 'LOCALHOST.')} {{ {ALL} }}",
        "iri-of-file": f"SERVICE <file:///etc/passwd> {{ {ALL} }}",
        "keyword-escaped": f"\\u0053ERVICE {iri} {{ {ALL} }}",
        "keyword-escaped-long": f"\\U00000053ERVICE {iri} {{ {ALL} }}",
        "keyword-escaped-whole": "".join(f"\\u{ord(c):04X}" for c in "SERVICE")
        + f" {iri} {{ {ALL} }}",
        "variable": f"SERVICE ?where {{ {ALL} }}",
        "variable-silent": f"SERVICE SILENT $where {{ {ALL} }}",
        "variable-by-bind": f"BIND({iri} AS ?w) SERVICE ?w {{ {ALL} }}",
        "variable-by-bind-of-iri": f"BIND(IRI('{address}') AS ?w) SERVICE ?w {{ {ALL} }}",
        "variable-by-values": f"VALUES ?w {{ {iri} }} SERVICE ?w {{ {ALL} }}",
        "variable-by-values-after": f"SERVICE ?w {{ {ALL} }} VALUES ?w {{ {iri} }}",
        "in-exists": f"{ALL} FILTER EXISTS {{ {call} }}",
        "in-not-exists": f"{ALL} FILTER NOT EXISTS {{ {call} }}",
        "in-exists-in-bind": f"BIND(EXISTS {{ {call} }} AS ?x)",
        "in-exists-in-if": f"BIND(IF(EXISTS {{ {call} }}, 1, 2) AS ?x)",
        "in-sub-select": f"{{ SELECT * {{ {call} }} }}",
        "in-sub-select-in-sub-select": f"{{ SELECT ?s {{ {{ SELECT * {{ {call} }} }} }} }}",
        "in-graph": f"GRAPH ?g {{ {call} }}",
        "in-union": f"{{ {ALL} }} UNION {{ {call} }}",
        "in-optional": f"OPTIONAL {{ {call} }}",
        "in-minus": f"{ALL} MINUS {{ {call} }}",
        "in-groups": nest("{ ", " }", 20, call),
    }
    inside |= {f"beside-allowed-{name}": f"{ALLOWED} {inside[name]}" for name in HIDDEN}
    inside |= {f"in-allowed-{name}": ALLOWED.replace(ALL, inside[name]) for name in HIDDEN}
    prologue = f"PREFIX : {iri} PREFIX here: {iri} PREFIX p: <x:>\n"
    written = {name: f"{prologue}SELECT * {{ {text} }}" for name, text in inside.items()}
    forms = {
        "of-ask": f"ASK {{ {call} }}",
        "of-construct": f"CONSTRUCT {{ {ALL} }} WHERE {{ {call} }}",
        "of-describe": f"DESCRIBE ?s WHERE {{ {call} }}",
        "of-describe-all": f"DESCRIBE * {{ {call} }}",
        "in-having": f"SELECT ?s {{ {ALL} }} GROUP BY ?s HAVING(EXISTS {{ {call} }})",
        "in-order-by": f"SELECT ?s {{ {ALL} }} ORDER BY (EXISTS {{ {call} }})",
        "in-projection": f"SELECT (EXISTS {{ {call} }} AS ?x) {{}}",
        "in-group-by": f"SELECT ?x {{ {ALL} }} GROUP BY (EXISTS {{ {call} }} AS ?x)",
        "in-aggregate": f"SELECT (SUM(IF(EXISTS {{ {call} }}, 1, 0)) AS ?x) {{ {ALL} }}",
        "relative-to-base": f"BASE {iri} SELECT * {{ SERVICE <> {{ {ALL} }} }}",
        "prefix-without-space": f"PREFIX service:{iri}SELECT * {{ SERVICE service:{{ {ALL} }} }}",
        "prefix-in-lower": f"prefix Service: {iri} select*{{service Service: {{ {ALL} }}}}",
        "after-bom": f"\ufeffSELECT * {{ {call} }}",
    }
    return {f"service-{name}": text for name, text in (written | forms).items()}


def _datasets(address: str) -> dict[str, str]:
    iris = {
        "file": "file:///etc/passwd",
        "file-without-slashes": "file:/etc/passwd",
        "local": address,
        "closed-port": "http://127.0.0.1:1/",
        "data": "data:text/turtle,<x:a>%20<x:b>%20<x:c>".replace("<", "%3C").replace(">", "%3E"),
    }
    forms = {
        "from": "SELECT * FROM <{}> {{ ?s ?p ?o }} LIMIT 5",
        "from-named": "SELECT * FROM NAMED <{}> {{ GRAPH ?g {{ ?s ?p ?o }} }} LIMIT 5",
        "from-lower": "select * from <{}> {{ ?s ?p ?o }} limit 5",
        "from-of-ask": "ASK FROM <{}> {{ ?s ?p ?o }}",
        "from-of-describe": "DESCRIBE <{0}> FROM <{0}>",
        "from-of-construct": "CONSTRUCT {{ ?s ?p ?o }} FROM <{}> WHERE {{ ?s ?p ?o }}",
        "graph": "SELECT * {{ GRAPH <{}> {{ ?s ?p ?o }} }} LIMIT 5",
        "from-based": "BASE <{}> SELECT * FROM <> {{ ?s ?p ?o }} LIMIT 5",
    }
    return {
        f"dataset-{form}-{name}": text.format(iri)
        for form, text in forms.items()
        for name, iri in iris.items()
    }
