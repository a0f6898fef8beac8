"""Copies in a real stream: the labelled pairs, the groups, and what glued pages do to them.

    .venv/bin/python benchmarks/stream_copies.py ../shared/corpus/stream [--glued 300] [--keep LAKE]

Loads the stream (24,724 articles of 14 outlets, `articles.jsonl.gz`) by `nightwire backfill` into a fresh lake and
prints, for the pairs labelled by hand (`pairs.json`: S and P are copies, D and T are not), how many are found as a pair
and how many share a group; then how many of the pairs that were read after the thresholds were set (`copy_labels.toml`)
unite; then the largest group and the longest. Then pages are added, each two to six articles of
one day glued together, and it is counted which groups they welded. The texts stay where they are; the lake is
temporary unless it is kept.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from articles.urls import fetch_url
from flows.backfill import backfill
from warehouse import query

COPIES, STRANGERS = "SP", "DT"
LABELS = Path(__file__).with_name("copy_labels.toml")


def ask(lake: Path, sql: str) -> list[tuple]:
    with query(lake, sql, timeout_s=600) as answer:
        return list(answer.rows())


def groups_of(lake: Path) -> dict[str, str]:
    """article_id -> copy_group_id"""
    return dict(ask(lake, "select article_id, copy_group_id from copy_members"))


def show_pairs(lake: Path, folder: Path) -> None:
    by_url = dict(ask(lake, "select url, article_id from articles where part = 0"))
    related = {frozenset(pair) for pair in ask(lake, "select article_id, of_article_id from copies")}
    groups = groups_of(lake)
    found: Counter[tuple[str, str]] = Counter()
    for pair in json.loads((folder / "pairs.json").read_text("utf-8")):
        one, other = (by_url.get(pair[side]) or by_url[fetch_url(pair[side])] for side in "ab")
        found[pair["label"], "all"] += 1
        found[pair["label"], "pair"] += frozenset((one, other)) in related
        found[pair["label"], "group"] += groups[one] == groups[other]
    for what in ("pair", "group"):
        right, wrong = (sum(found[label, what] for label in labels) for labels in (COPIES, STRANGERS))
        total = sum(found[label, "all"] for label in COPIES)
        print(f"as a {what}: precision {right / max(right + wrong, 1):.3f}, recall {right / total:.3f} ({right} of {total}; {wrong} wrong)")  # fmt: skip


def show_read_pairs(lake: Path) -> None:
    by_url = dict(ask(lake, "select url, article_id from articles where part = 0"))
    uniting = {
        frozenset(pair) for pair in ask(lake, "select article_id, of_article_id from copies where is_uniting")
    }
    labels = tomllib.loads(LABELS.read_text("utf-8"))
    for kind, pairs in labels.items():
        united = sum(frozenset(by_url[url] for url in pair) in uniting for pair in pairs)
        print(f"pairs that were read, {kind}: {united} of {len(pairs)} unite")


def show_groups(lake: Path) -> None:
    rows = ask(
        lake,
        "select count(*), max(published_date) - min(published_date) from copy_members join articles using (article_id) "
        "group by copy_group_id having count(*) > 1",
    )
    print(
        f"groups: {len(rows):,} of {sum(size for size, _ in rows):,} articles, largest {max(size for size, _ in rows)}, "
        f"longest {max(days for _, days in rows if days is not None)} days"
    )


def glued(folder: Path, count: int) -> Iterator[str]:
    """Lines of JSON, each a page that holds several articles of one day."""
    days: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(folder / "articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if len(row["text"].split()) >= 80:
                days[row["day"]].append(row)
    chance = random.Random(1)
    for n in range(count):
        rows = chance.sample(days[chance.choice(sorted(days))], chance.randint(2, 6))
        text = "\n".join(row["text"] for row in rows)
        yield json.dumps({"source": "zz_glued", "url": f"http://glued.example/{n}", "title": f"Page {n}", "text": text, "published": rows[0]["day"]})  # fmt: skip


def show_welds(lake: Path, before: dict[str, str]) -> None:
    now = groups_of(lake)
    were: dict[str, set[str]] = defaultdict(set)
    for article, group in before.items():
        were[now[article]].add(group)
    pages = {row[0] for row in ask(lake, "select article_id from articles where source = 'zz_glued'")}
    sizes = Counter(now.values())
    print(
        f"glued pages: {len(pages)} articles, {sum(sizes[now[page]] > 1 for page in pages)} of them in a group with others; "
        f"groups welded: {sum(len(groups) > 1 for groups in were.values())}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Copies in a real stream.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--glued", type=int, default=300)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    with TemporaryDirectory(prefix="nightwire-") as folder:
        lake = asked.keep or Path(folder, "lake")
        stream, pages = Path(folder, "stream.jsonl"), Path(folder, "glued.jsonl")
        stream.write_bytes(gzip.decompress((asked.folder / "articles.jsonl.gz").read_bytes()))
        backfill.fn([str(stream)], lake=str(lake))
        show_pairs(lake, asked.folder)
        show_read_pairs(lake)
        show_groups(lake)
        before = groups_of(lake)
        pages.write_text("\n".join(glued(asked.folder, asked.glued)), encoding="utf-8")
        backfill.fn([str(pages)], lake=str(lake))
        show_welds(lake, before)
        show_groups(lake)


if __name__ == "__main__":
    main()
