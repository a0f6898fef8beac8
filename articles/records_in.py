"""Article records: one JSON object per article, as `nightwire backfill` takes them from other collections.

`text` is required; `source`, `url`, `title`, `dek`, `published`, `modified`, `authors` and `language` are read
where they are given, and whatever else a record holds is left alone. What a record declares wins over what its
text seems to say.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from articles import dates, people
from articles.decoding import readable
from articles.lines import squeeze
from articles.metadata import Stated, date_evidence
from articles.records import Evidence, Published, Reason, Rejected

_TEXT_KEYS = ("source", "url", "title", "dek", "published", "modified", "language")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One article as another collection keeps it."""

    text: str
    source: str | None
    url: str | None
    stated: Stated


def read_record(raw: str, *, zone: ZoneInfo | None, captured_at: datetime | None) -> Record | Rejected:
    """Read one JSON article record.

    Args:
        raw: the JSON text of one object.
        zone: the source's zone, for times given without one.
        captured_at: when the record was taken, for relative dates.

    Returns:
        The record, or a Rejected (unreadable, empty) that names the key to correct.
    """
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return _rejected(Reason.UNREADABLE, f"it is no JSON object ({error}); give one object per record")
    if not isinstance(row, dict):
        return _rejected(
            Reason.UNREADABLE, f"it is a JSON {type(row).__name__}; give an object with the key 'text'"
        )
    if "text" not in row:
        return _rejected(Reason.UNREADABLE, "the key 'text' is missing; give the article's text under it")
    for key in ("text", *_TEXT_KEYS):
        if row.get(key) is not None and not isinstance(row[key], str):
            return _rejected(
                Reason.UNREADABLE, f"the key {key!r} holds {type(row[key]).__name__}; give a string or null"
            )
    if not row["text"] or not readable(row["text"]).strip():
        return _rejected(
            Reason.EMPTY, "the key 'text' holds nothing but white space; give the article's text under it"
        )
    row = {key: readable(value) if isinstance(value, str) else value for key, value in row.items()}
    names = _read_names(row.get("authors"))
    if names is None:
        return _rejected(Reason.UNREADABLE, "the key 'authors' must be a list of strings; correct it")
    given = {key: squeeze(row.get(key) or "") or None for key in _TEXT_KEYS}
    authors = people.clean_authors(names)
    published = _read_date(given["published"], zone, captured_at)
    modified = _read_date(given["modified"], zone, captured_at)
    language = given["language"].lower() if given["language"] else None
    evidence = [
        _claim(field, value, text)
        for field, value, text in (
            ("title", given["title"], given["title"]),
            ("authors", "; ".join(authors), "; ".join(names)),
            ("language", language, given["language"]),
        )
        if value and text
    ]
    evidence += [
        date_evidence(field, found)
        for field, found in (("published", published), ("modified", modified))
        if found is not None
    ]
    return Record(
        text=row["text"],
        source=given["source"],
        url=given["url"],
        stated=Stated(
            title=given["title"],
            dek=given["dek"],
            authors=authors,
            published=(published,) if published else (),
            modified=modified,
            language=language,
            is_article=True,
            evidence=tuple(evidence),
        ),
    )


def _claim(field: str, value: str, text: str) -> Evidence:
    return Evidence(field=field, origin="record", value=value, text=text, is_chosen=False)


def _read_names(value: object) -> list[str] | None:
    """Names given as a list or as one string; None where they are given as anything else."""
    items: list[object] = [] if value is None else value if isinstance(value, list) else [value]
    names = [readable(item) for item in items if isinstance(item, str)]
    return names if len(names) == len(items) else None


def _read_date(text: str | None, zone: ZoneInfo | None, captured_at: datetime | None) -> Published | None:
    if text is None:
        return None
    return dates.parse_machine(
        text, zone=zone, origin="record", captured_at=captured_at
    ) or dates.parse_printed(text, zone=zone, captured_at=captured_at, origin="record")


def _rejected(reason: Reason, detail: str) -> Rejected:
    return Rejected(capture_id=None, stage="read", reason=reason, detail=detail)
