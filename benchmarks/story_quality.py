"""How well stories are found: precision and recall of pairs and B³ on labelled articles.

    nightwire backfill SHARED/corpus/stream/articles.jsonl --lake LAKE       # once, to have a loaded lake
    .venv/bin/python benchmarks/story_quality.py LAKE [--shared ../shared]   # a real stream
    .venv/bin/python benchmarks/story_quality.py --pages                     # pages of the shared corpus
    .venv/bin/python benchmarks/story_quality.py --sample-web demo-lake      # as `make demo` left it

*A real stream*: a copy of the lake is made, every story in it is forgotten, and found anew; the lake itself is left alone.
Labels are in story_labels.toml, which says how they were made; the `D` (one event in own words) and `T` (formula only) pairs of
the stream's own pairs.json are a set of their own. Beside ours, in the same run: likeness of headlines (shared folded words over
all) and plain TF-IDF cosine of headline and text, both at most three days apart and both with the threshold that keeps
a precision of .90 on the tuning pairs. B³ is over the articles of the topics; the peers' groups are what their pairs connect.

*Pages*: 850 real pages, most of them English or German, of many years; put into a lake twice, on their own days and all on one
day. Nearly none tell of one happening, while many guides are about one topic: what is counted is who is joined wrongly.

*The sample web*: pairs of its pages in one language, by the happening that its own files name; copies are no question.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import combinations
from pathlib import Path

from articles.fingerprints import words
from articles.stories import DAYS_APART
from flows.backfill import backfill
from newsroom import truth
from warehouse import Lake, find_stories, query

LABELS = Path(__file__).with_name("story_labels.toml")
PRECISION = 0.90
NOW = datetime(2026, 11, 21, tzinfo=UTC)

Pair = tuple[str, str]
Likeness = Callable[[str, str], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lake", type=Path, nargs="?")
    parser.add_argument("--pages", action="store_true")
    parser.add_argument("--sample-web", type=Path, metavar="LAKE")
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("NIGHTWIRE_SHARED", "../shared")))
    parser.add_argument("--as-found", action="store_true", help="judge the stories that the lake holds")
    given = parser.parse_args()
    labels = tomllib.loads(LABELS.read_text("utf-8"))
    if given.pages:
        _judge_pages(given.shared / "corpus", {frozenset(pair) for pair in labels["pages"]["same"]})
    if given.sample_web:
        _judge_sample_web(given.sample_web)
    if given.lake is not None:
        _judge_stream(given, labels)


def _judge_pages(corpus: Path, same: set[frozenset[str]]) -> None:
    """How many real pages are joined, and how many of these pairs are labelled as one happening."""
    rows = [
        (f"{folder}/{file.stem}", json.loads(file.read_text("utf-8")))
        for folder in ("publishers", "wide", "snippets")
        for file in sorted((corpus / folder).glob("*.json"))
    ]
    for what, day in (("on their own days", None), ("all on one day", "2026-01-15")):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "pages.jsonl")
            lines = [
                json.dumps(
                    {
                        "source": f"zz_page{number}",
                        "url": f"http://pages.example/{name}",
                        "title": page.get("title"),
                        "text": page.get("text") or "\n".join(page.get("with") or []),
                        "published": day or page.get("date"),
                    }
                )
                for number, (name, page) in enumerate(rows)
            ]
            file.write_text("\n".join(lines), "utf-8")
            backfill.fn([str(file)], lake=f"{folder}/lake")
            with query(Path(folder, "lake"), _MEMBERS, timeout_s=600) as answer:
                stories = [
                    [url.removeprefix("http://pages.example/") for url in urls] for (urls,) in answer.rows()
                ]
        joined = [frozenset(pair) for urls in stories for pair in combinations(urls, 2)]
        print(
            f"pages, {what}: {sum(map(len, stories))} texts, {len(joined)} pairs joined, {sum(pair in same for pair in joined)} "
            f"of them right, of {len(same)}; wrong: {[sorted(pair) for pair in joined if pair not in same]}"
        )


def _judge_sample_web(lake: Path) -> None:
    happening = {(page.source, page.title): (page.language, page.happening) for page in truth()}
    with query(lake, _TOLD, timeout_s=600) as answer:
        told = {
            (source, title): story for source, title, story in answer.rows() if (source, title) in happening
        }
    pairs = {
        pair: happening[pair[0]] == happening[pair[1]] and happening[pair[0]][1] is not None
        for pair in combinations(told, 2)
        if happening[pair[0]][0] == happening[pair[1]][0]
    }
    print(
        f"sample web: {sum(pairs.values())} pairs of one happening, {len(pairs) - sum(pairs.values())} of two"
    )
    print(f"  stories {_score(pairs, lambda a, b: told[a] == told[b])}")


_MEMBERS = "select list(url) from story_members join articles on copy_group_id = article_id group by story_id"
_TOLD = "select source, title, story_id from story_members join articles on copy_group_id = article_id"


def _judge_stream(given: argparse.Namespace, labels: Mapping) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = Lake.open(given.lake) if given.as_found else _find_anew(given.lake, Path(folder, "lake"))
        with lake.connection() as connection:
            rows = connection.execute(
                "select url, title, text, coalesce(published_date, cast(first_seen_at as date)), story_id, copy_group_id "
                "from articles join copy_members using (article_id) join story_members using (copy_group_id)"
            ).fetchall()
            largest = connection.execute(
                "select max(group_count), max(article_count), max(last_day - first_day) + 1, "
                "count(*) filter (where group_count > 1) from stories"
            ).fetchone()
        lake.close()
    print(
        "stories of two texts or more: {3:,}; the largest has {0} texts, another {1} articles; the longest spans {2} days".format(
            *largest
        )
    )
    story = {row[0]: row[4] for row in rows}
    group = {row[0]: row[5] for row in rows}
    peers = _peers(rows)

    sets = _labelled(labels, given.shared, group)
    topics = [
        [url for url in happening if url in group]
        for topic in labels["topic"]
        for happening in topic["happenings"]
    ]
    deciders: dict[str, Callable[[str, str], bool]] = {"stories": lambda a, b: story[a] == story[b]}
    for name, likeness in peers.items():
        threshold = _threshold(sets["tuning"], likeness)
        deciders[f"{name} ≥ {threshold:.2f}"] = lambda a, b, like=likeness, least=threshold: (
            like(a, b) >= least
        )
    for name, pairs in sets.items():
        print(
            f"\n{name}: {sum(pairs.values())} pairs of one happening, {len(pairs) - sum(pairs.values())} of two"
        )
        for who, decides in deciders.items():
            print(f"  {who:28} {_score(pairs, decides)}")
    print(f"\nB³ over the {sum(map(len, topics))} articles of the topics, {len(topics)} happenings")
    for who, decides in deciders.items():
        print(f"  {who:28} {_b_cubed(topics, decides)}")


def _find_anew(home: Path, copy: Path) -> Lake:
    shutil.copytree(home, copy)
    lake = Lake.create_or_open(copy)
    lake.transact(_forget, message="forget stories")
    began, used = time.monotonic(), time.process_time()
    counts = find_stories(lake, run_id="bench", now=NOW)
    print(
        f"{counts.groups:,} copy groups placed, {counts.joined:,} joined others, {counts.merged} stories merged: "
        f"{time.process_time() - used:.0f} s CPU, {time.monotonic() - began:.0f} s"
    )
    return lake


def _forget(connection) -> None:
    for table in ("story_members", "story_terms", "stories"):
        connection.execute(f"delete from {table}")
    connection.execute("update claim set stories_method = null")


def _labelled(labels: Mapping, shared: Path, group: Mapping[str, str]) -> dict[str, dict[Pair, bool]]:
    """Each set's pairs; copies of one text are no question for stories and are left out."""
    sets: dict[str, dict[Pair, bool]] = {}
    for name in ("tuning", "joined", "joined_later"):
        if name in labels:
            sets[name] = {
                (a, b): is_same
                for key, is_same in (("same", True), ("different", False))
                for a, b in labels[name][key]
            }
    for name, key in (("topics", "topic"), ("held", "held")):
        sets[name] = {
            pair: True
            for topic in labels[key]
            for happening in topic["happenings"]
            for pair in combinations(happening, 2)
        } | {
            (a, b): False
            for topic in labels[key]
            for one, other in combinations(topic["happenings"], 2)
            for a in one
            for b in other
        }
    own = json.loads((shared / "corpus/stream/pairs.json").read_text("utf-8"))
    sets["pairs.json, D and T"] = {
        (row["a"], row["b"]): row["label"] == "D" for row in own if row["label"] in "DT"
    }
    return {
        name: {
            pair: same
            for pair, same in pairs.items()
            if all(url in group for url in pair) and group[pair[0]] != group[pair[1]]
        }
        for name, pairs in sets.items()
    }


def _peers(rows: Sequence[tuple]) -> dict[str, Likeness]:
    day: dict[str, date] = {row[0]: row[3] for row in rows}
    titles = {row[0]: frozenset(words(row[1] or "")) for row in rows}
    texts = {row[0]: Counter(words(f"{row[1] or ''} {row[2]}")) for row in rows}
    frequency = Counter(word for text in texts.values() for word in text)
    vectors: dict[str, dict[str, float]] = {}

    def vector(url: str) -> dict[str, float]:
        if url not in vectors:
            raw = {
                word: (1 + math.log(count)) * math.log(len(texts) / frequency[word])
                for word, count in texts[url].items()
            }
            length = math.sqrt(sum(value * value for value in raw.values())) or 1.0
            vectors[url] = {word: value / length for word, value in raw.items()}
        return vectors[url]

    def is_near(a: str, b: str) -> bool:
        return abs((day[a] - day[b]).days) <= DAYS_APART

    def by_title(a: str, b: str) -> float:
        return len(titles[a] & titles[b]) / max(1, len(titles[a] | titles[b])) if is_near(a, b) else 0.0

    def by_cosine(a: str, b: str) -> float:
        one, other = vector(a), vector(b)
        return sum(value * other.get(word, 0.0) for word, value in one.items()) if is_near(a, b) else 0.0

    return {"headlines alike": by_title, "TF-IDF cosine": by_cosine}


def _threshold(pairs: Mapping[Pair, bool], likeness: Likeness) -> float:
    """The lowest at which a peer is right on `PRECISION` of the tuning pairs that it joins."""
    ranked = sorted(((likeness(*pair), same) for pair, same in pairs.items()), reverse=True)
    right, best = 0, 1.0
    for taken, (value, same) in enumerate(ranked, start=1):
        right += same
        if right / taken >= PRECISION:
            best = value
    return best


def _score(pairs: Mapping[Pair, bool], decides: Callable[[str, str], bool]) -> str:
    joined = {pair for pair in pairs if decides(*pair)}
    right = sum(pairs[pair] for pair in joined)
    wanted = sum(pairs.values())
    precision = f"{right / len(joined):.2f}" if joined else "none joined"
    recall = f"{right / wanted:.2f}" if wanted else "-"
    return f"precision {precision}  recall {recall}  ({right} of {len(joined)} joined are right)"


def _b_cubed(happenings: Sequence[Sequence[str]], decides: Callable[[str, str], bool]) -> str:
    truth = {url: number for number, happening in enumerate(happenings) for url in happening}
    found = _connect(list(truth), decides)
    sizes, true_sizes = Counter(found.values()), Counter(truth.values())
    both = Counter((found[url], truth[url]) for url in truth)
    precision = sum(both[found[url], truth[url]] / sizes[found[url]] for url in truth) / len(truth)
    recall = sum(both[found[url], truth[url]] / true_sizes[truth[url]] for url in truth) / len(truth)
    return f"precision {precision:.2f}  recall {recall:.2f}  F1 {2 * precision * recall / (precision + recall):.2f}"


def _connect(urls: Iterable[str], decides: Callable[[str, str], bool]) -> dict[str, str]:
    parent = {url: url for url in urls}

    def root(url: str) -> str:
        while parent[url] != url:
            url = parent[url]
        return url

    for a, b in combinations(parent, 2):
        if decides(a, b):
            parent[root(a)] = root(b)
    return {url: root(url) for url in parent}


if __name__ == "__main__":
    main()
