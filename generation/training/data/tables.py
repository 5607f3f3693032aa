"""Claims from the tables of financial reports (TAT-QA), with the mistakes that only tables invite: the value of
another column or row, another year, another row's label, a change read backwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from generation.training.data.drafts import Draft
from generation.training.data.pairs import Label, Pair, read_jsonl
from generation.training.data.words import lowered
from retrieval.text.tables import told

_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_UNIT = re.compile(r"\bin (thousand|million|billion)s?\b", re.I)
_CELL = re.compile(r"(\$|€|£)?\s*(\d[\d,]*(?:\.\d+)?)\s*(%)?")
_SINGLE = re.compile(
    r"per|basic|diluted|EPS|rate|ratio|number|share|%|average|price|margin", re.I
)  # not in the table's unit
PER_TABLE = 10


@dataclass(frozen=True, slots=True)
class Table:
    """Header lines as they stand, labels of the columns with years, the unit of all amounts, and the rows."""

    id: str
    header: tuple[str, ...]
    columns: tuple[str, ...]
    unit: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]

    def value(self, row: int, column: int) -> str:
        """A cell as prose writes it: "$1,496.5 million", "12%"; "" where it is no plain number."""
        cell = self.rows[row][1][column].strip()
        found = _CELL.fullmatch(cell)
        if not found or cell in {"2013", "2014"}:  # dashes that lost their backslash: "\\u2014"
            return ""
        sign, amount, percent = found.groups("")
        single = _SINGLE.search(self.rows[row][0]) or re.fullmatch(r"\d{1,2}\.\d\d", amount)
        unit = f" {self.unit}" if self.unit and not percent and not single else ""
        return f"{sign}{amount}{percent or unit}"


def tables(data: Path) -> Iterator[Table]:
    """The tables whose columns are years or dates, as nearly all of them are."""
    for row in read_jsonl(data / "tatqa" / "corpus.jsonl"):
        table = _table(f"tatqa/{row['_id']}", [[" ".join(cell.split()) for cell in cells] for cells in row["table"]])
        if table:
            yield table


def _table(id_: str, cells: list[list[str]]) -> Table | None:
    at = next((i for i, row in enumerate(cells[:4]) if sum(bool(_YEAR.search(cell)) for cell in row[1:]) >= 2), None)
    if at is None or len(cells[at]) > 6:
        return None
    columns = [cell if _YEAR.search(cell) else "" for cell in cells[at]]
    kept = [i for i in range(1, len(columns)) if columns[i] and columns.count(columns[i]) == 1]
    head = at + 1
    while (
        head < len(cells) and not any(_CELL.fullmatch(cell.strip()) for cell in cells[head][1:]) and not cells[head][0]
    ):
        head += 1
    labels = [row[0] for row in cells]
    rows = tuple(
        (re.sub(r"\s*\(\w{1,2}\)$|[:,]$", "", row[0]).strip(), tuple(row[i] for i in kept))
        for row in cells[head:]
        if re.match(r"[A-Za-z]{3}", row[0])
        and labels.count(row[0]) == 1
        and len(row) == len(columns)
        and len(row[0]) < 70
    )
    rows = tuple(row for row in rows if any(_CELL.fullmatch(cell.strip()) for cell in row[1]))
    unit = _UNIT.search(" ".join(cell for row in cells[:head] for cell in row))
    header = tuple(" | ".join(row) for row in cells[:head])
    shown = tuple(_without_year_noise(columns[i]) for i in kept)
    return (
        Table(id_, header, shown, unit[1].lower() if unit else "", rows) if len(rows) >= 2 and len(kept) >= 2 else None
    )


def _without_year_noise(label: str) -> str:
    return re.sub(r"\s*\(.*?\)|\s*[$€£].*$", "", label).strip() or label


def table_drafts(table: Table, random: Random) -> Iterator[Draft]:
    """Up to PER_TABLE true pairs with their ready corruptions."""
    spots = [(row, column) for row in range(len(table.rows)) for column in range(len(table.columns))]
    random.shuffle(spots)
    made = 0
    for row, column in spots:
        draft = _change(table, row, column, random) if random.random() < 0.35 else _amount(table, row, column, random)
        if draft and made < PER_TABLE:
            made += 1
            yield draft


def _evidence(table: Table, rows: Sequence[int]) -> str:
    lines = (" | ".join((table.rows[row][0], *table.rows[row][1])) for row in sorted(rows))
    return told(_narrowed(table), "\n".join(lines))


def _narrowed(table: Table) -> str:
    """One header row: the unit, if any, over the labels, then the columns that are kept."""
    return " | ".join((f"(in {table.unit}s)" if table.unit else "", *table.columns))


def _rows_around(table: Table, wanted: Sequence[int], random: Random) -> list[int]:
    count = random.choice((1, 1, 2, 3, 4))
    near = sorted(range(len(table.rows)), key=lambda row: (min(abs(row - w) for w in wanted), random.random()))
    return sorted({*wanted, *near[:count]})


_AMOUNT_FORMS = (
    "{label} in {column} {was} {value}.", "In {column}, {small} {was} {value}.",
    "{label} amounted to {value} in {column}.",
    "{label} for {column} {was} {value}.", "The table shows {small} of {value} for {column}.",
    "According to the report, {small} {was} {value} in {column}.",
)  # fmt: skip


def _amount(table: Table, row: int, column: int, random: Random) -> Draft | None:
    value = table.value(row, column)
    if not value:
        return None
    rows = _rows_around(table, [row], random)
    form = random.choice(_AMOUNT_FORMS)
    true = Pair(_evidence(table, rows), _say(form, table, row, column, value), "entailed", "true", "tatqa", table.id)
    ready = {}
    for kind, claim in (
        ("number", _wrong_value(form, table, row, column, value, rows, random)),
        ("date", _wrong_year(form, table, row, column, value, random)),
        ("name", _wrong_label(form, table, row, column, value, rows, random)),
    ):
        if claim and claim != true.claim:
            ready[kind] = _as(true, kind, "contradicted", claim)
    others = [other for other in range(len(table.rows)) if other not in rows]
    if others:
        chosen = random.sample(others, min(len(others), len(rows)))
        if not any(value.strip("$%").split()[0] in " ".join(table.rows[o][1]) for o in chosen):
            wrong = replace(true, evidence=_evidence(table, chosen), label="neutral", kind="wrong_citation")
            ready["wrong_citation"] = wrong
    return Draft(true, ready=ready)


def _say(form: str, table: Table, row: int, column: int, value: str) -> str:
    label = table.rows[row][0]
    was = "were" if label.lower().endswith("s") else "was"
    small = label if label.isupper() else label[:1].lower() + label[1:]
    text = form.format(label=label, small=small, column=table.columns[column], value=value, was=was)
    return text[:1].upper() + text[1:]


def _wrong_value(
    form: str, table: Table, row: int, column: int, value: str, rows: Sequence[int], random: Random
) -> str:
    near = [(row, other) for other in range(len(table.columns)) if other != column]
    near += [(other, column) for other in rows if other != row]
    values = [found for found in (table.value(*spot) for spot in near) if found and _number(found) != _number(value)]
    return _say(form, table, row, column, random.choice(values)) if values else ""


def _wrong_year(form: str, table: Table, row: int, column: int, value: str, random: Random) -> str:
    others = [
        i
        for i in range(len(table.columns))
        if i != column and table.value(row, i) and _number(table.value(row, i)) != _number(value)
    ]
    return _say(form, table, row, random.choice(others), value) if others else ""


def _wrong_label(
    form: str, table: Table, row: int, column: int, value: str, rows: Sequence[int], random: Random
) -> str:
    fitting = [i for i in rows if table.value(i, column) and _number(table.value(i, column)) != _number(value)]
    return _say(form, table, random.choice(fitting), column, value) if fitting else ""


_UP = (
    "{label} increased from {old} in {first} to {new} in {last}.",
    "{label} rose from {old} in {first} to {new} in {last}.",
    "{label} {was} higher in {last} than in {first}.",
    "Between {first} and {last}, {small} grew to {new}.",
)
_DOWN = (
    "{label} decreased from {old} in {first} to {new} in {last}.",
    "{label} fell from {old} in {first} to {new} in {last}.",
    "{label} {was} lower in {last} than in {first}.",
    "Between {first} and {last}, {small} declined to {new}.",
)


def _change(table: Table, row: int, column: int, random: Random) -> Draft | None:
    """A rise or fall between two years; corrupted: turned round (negation), amounts exchanged (role)."""
    years = [_YEAR.search(label) for label in table.columns]
    other = next((i for i in range(len(table.columns)) if i != column and years[i] and years[column]), None)
    if other is None:
        return None
    first, last = sorted((column, other), key=lambda i: years[i].group())  # type: ignore[union-attr]
    old, new = table.value(row, first), table.value(row, last)
    if not old or not new or _number(old) == _number(new) or years[first].group() == years[last].group():  # type: ignore[union-attr]
        return None
    rising = _number(new) > _number(old)
    at = random.randrange(len(_UP))
    form, turned = (_UP[at], _DOWN[at]) if rising else (_DOWN[at], _UP[at])

    def said(form: str, old: str, new: str, row: int = row) -> str:
        label = table.rows[row][0]
        return form.format(
            label=label, small=lowered(label) if label.isupper() else label[:1].lower() + label[1:], old=old, new=new,
            was="were" if label.lower().endswith("s") else "was", first=table.columns[first], last=table.columns[last],
        )  # fmt: skip

    rows = _rows_around(table, [row], random)
    true = Pair(_evidence(table, rows), said(form, old, new), "entailed", "true", "tatqa", table.id)
    ready = {"negation": _as(true, "negation", "contradicted", said(turned, old, new))}
    if "{old}" in form:
        ready["role"] = _as(true, "role", "contradicted", said(form, new, old))
    return Draft(true, ready=ready)


def _as(true: Pair, kind: str, label: Label, claim: str) -> Pair:
    return replace(true, claim=claim, label=label, kind=kind)


def _number(value: str) -> float:
    found = re.search(r"\d[\d,]*(?:\.\d+)?", value)
    return float(found.group().replace(",", "")) if found else 0.0
