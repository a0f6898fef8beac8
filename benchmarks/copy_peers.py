"""Finding copies, beside MinHash LSH, SimHash and titles: the same edited articles, looked up in the same real archive.

    .venv/bin/python benchmarks/copy_peers.py ../shared [--stream-bases 2000] [--corpus-bases 200] [--seed 1]

The archive is the shared stream (24,724 articles of 14 outlets in two weeks) and the bases of the shared corpus, dated
into the same weeks. Every base gets five edited copies at other outlets; exact, near, wire and excerpt are made by
`tools/score_copies.py` itself, imported; glued is a page of two to four articles, the base among them. Each copy is one
lookup, in the archive and in the copies looked up before it. Of three copies one keeps the headline, one adds its
outlet's name, one makes its own of the second paragraph.

What is wrong is known by construction: bases, and the articles that lend paragraphs, are *alone*: at most 32 of their
distinct five-word shingles stand in all other articles of stream and corpus together. A pair that holds a copy and an
article of which nothing went into it is wrong; two copies that have no article in common likewise. As a group, all pairs
of members count, so that one copy that carries two articles can weld them.

Three sets of the stream's own pairs were labelled by hand: real copies (S and P of pairs.json); formulas and retellings (D
and T there); articles of one kind about different happenings (`story_labels.toml`, chosen by a word of the headline, not by
likeness). Of a fourth, one happening (its `tuning` set), it is not known which pairs are copies in part and which in own
words: it only says who joins more.

CPU is that of the process. Ours is `find_copies` on a lake on disk: sketches, candidates, exact comparison, groups and the
rows of all that, all durable; storing the articles is not in it. The others hold an index in memory, take the same folded
words, and their candidates are not checked afterwards. They take part where they are installed (datasketch, rensa, simhash).
"""

from __future__ import annotations

import argparse
import gzip
import importlib.util
import json
import logging
import math
import random
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

import numpy as np

from articles.fingerprints import SHINGLE_WORDS, shingle_hashes, words
from benchmarks.old_archive import page
from warehouse import Lake, find_copies, store_captures, store_readings

ALONE = 32  # so many shingles of a base may stand elsewhere: 36 words in a row, no excerpt by any measure
KINDS = ("exact", "near", "wire", "excerpt", "glued")
BANDS, ROWS = 14, 8  # the setting of the large web corpora
HAMMING = 3
TITLE_LIKENESS = 0.8
NOW = datetime(2015, 8, 10, tzinfo=UTC)  # the night after the stream's last
AT_ONCE = 2_000  # articles stored in a transaction

Names = frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """An article to be kept or looked up."""

    name: str  # its address, or what it was made of
    source: str
    day: date
    title: str
    text: str
    made_of: frozenset[str]  # names of the articles whose text is in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What everybody is asked."""

    archive: Sequence[Row]
    copies: Sequence[Row]
    sought: dict[Names, str]  # copy and base -> kind of the edit
    labelled: dict[str, list[Names]]


@dataclass(frozen=True, slots=True)
class Found:
    """What one way found: pairs of names, with the CPU seconds of keeping the archive and of the lookups."""

    pairs: set[Names]
    archive_s: float
    lookups_s: float


def shared_tool(shared: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_copies", shared / "tools/score_copies.py")
    if spec is None or spec.loader is None or not (shared / "tools/score_copies.py").is_file():
        raise SystemExit(f"{shared} holds no tools/score_copies.py; name the folder that does")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make_trial(shared: Path, stream_bases: int, corpus_bases: int, seed: int) -> Trial:
    tool, chance = shared_tool(shared), random.Random(seed)
    stream = {row.name: row for row in read_stream(shared / "corpus/stream/articles.jsonl.gz")}
    days = sorted({row.day for row in stream.values()})
    corpus = [
        Row(name=key, source=f"outlet-{n % 7}", day=days[n % len(days)], title=title, text="\n".join(paragraphs), made_of=frozenset({key}))
        for n, (key, title, paragraphs) in enumerate(tool.load(shared / "corpus"))
    ]  # fmt: skip
    alone = lone([*stream.values(), *corpus])

    def pool(rows: Iterable[Row]) -> list[tuple[Row, list[str]]]:
        """Those that can be edited as the tool edits: of six paragraphs and 250 words at least."""
        cut = [(row, tool.paragraphs({"text": row.text})) for row in rows if row.name in alone]
        kept = [
            (row, lines)
            for row, lines in cut
            if len(lines) >= 6 and 250 <= len(" ".join(lines).split()) <= 2500
        ]
        chance.shuffle(kept)
        return kept

    copies, sought, archive = [], {}, list(stream.values())
    for rows, count in ((pool(stream.values()), stream_bases), (pool(corpus), corpus_bases)):
        bases, donors = rows[:count], rows[count:]
        if len(bases) < count or len(donors) < 20:
            raise SystemExit(
                f"{len(rows)} articles are alone and long enough, {count} bases and 20 donors were asked for; ask for fewer"
            )
        archive += [base for base, _ in bases if base.name not in stream]
        for n, (base, lines) in enumerate(bases):
            for place, kind in enumerate(KINDS):
                first = n * len(KINDS) + place  # two copies of a base hardly ever borrow from one article
                lent = [donors[(first + k) % len(donors)] for k in range(3)]
                made = edited(tool, kind, lines, lent, chance)
                copies.append(
                    as_copy(base, lines, made, f"{kind} {base.name}", f"paper-{len(copies) % 40}", chance)
                )
                sought[frozenset({base.name, copies[-1].name})] = kind
    return Trial(
        archive=archive, copies=copies, sought=sought, labelled=labelled_pairs(shared, stream.keys())
    )


def read_stream(file: Path) -> Iterator[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if row["text"].strip():
                yield Row(name=row["url"], source=row["source"], day=date.fromisoformat(row["day"]), title=row["title"] or "", text=row["text"], made_of=frozenset({row["url"]}))  # fmt: skip


def lone(rows: Sequence[Row]) -> set[str]:
    """The names of rows of which at most `ALONE` distinct shingles stand in any others, of all and not of a sample."""
    hashes = [shingle_hashes(row.text) for row in rows]
    _, places, counts = np.unique(np.concatenate(hashes), return_inverse=True, return_counts=True)
    is_elsewhere = counts[places] > 1
    ends = np.cumsum([len(one) for one in hashes])
    return {
        row.name
        for row, one, end in zip(rows, hashes, ends, strict=True)
        if len(one) and is_elsewhere[end - len(one) : end].sum() <= ALONE
    }


def edited(
    tool: ModuleType,
    kind: str,
    lines: list[str],
    donors: Sequence[tuple[Row, list[str]]],
    chance: random.Random,
) -> tuple[list[str], list[Row]]:
    """The paragraphs of a copy, and which other articles lent some."""
    donor, own = donors[0]
    own = chance.sample(own, min(len(own), 8))
    if kind == "glued":
        others = donors[: chance.randint(1, 3)]
        parts = [lines, *(paragraphs for _, paragraphs in others)]
        chance.shuffle(parts)
        return [line for part in parts for line in part], [row for row, _ in others]
    if kind in ("wire", "excerpt"):
        return getattr(tool, kind)(lines, own, chance), [donor]
    return (tool.near(lines, chance) if kind == "near" else lines), []


def as_copy(
    base: Row,
    lines: Sequence[str],
    made: tuple[list[str], list[Row]],
    name: str,
    source: str,
    chance: random.Random,
) -> Row:
    headlines = (base.title, f"{base.title} | {source}", " ".join(lines[1].split()[:8]))
    return Row(
        name=name,
        source=source,
        day=base.day + timedelta(days=chance.randint(0, 1)),
        title=chance.choice(headlines),
        text="\n".join(made[0]),
        made_of=frozenset({base.name, *(row.name for row in made[1])}),
    )


def labelled_pairs(shared: Path, known: Iterable[str]) -> dict[str, list[Names]]:
    read = json.loads((shared / "corpus/stream/pairs.json").read_text("utf-8"))
    stories = tomllib.loads(Path(__file__).with_name("story_labels.toml").read_text("utf-8"))
    different = [
        frozenset({a, b})
        for topic in stories["topic"]
        for one, other in combinations(topic["happenings"], 2)
        for a in one
        for b in other
    ]
    sets = {
        "real copies": [frozenset({row["a"], row["b"]}) for row in read if row["label"] in "SP"],
        "formula, D and T": [frozenset({row["a"], row["b"]}) for row in read if row["label"] in "DT"],
        "other happening": different,
        "one happening": [frozenset(pair) for pair in stories["tuning"]["same"]],
    }
    names = set(known)
    return {what: [pair for pair in pairs if pair <= names] for what, pairs in sets.items()}


def nightwire(trial: Trial) -> tuple[Found, Found]:
    """Everything our lake keeps as a pair; and whoever shares a copy group."""
    name_of: dict[str, str] = {}
    spent = []
    with TemporaryDirectory(prefix="nightwire-") as folder:
        lake = Lake.create_or_open(Path(folder, "lake"))
        for rows in (trial.archive, trial.copies):
            for start in range(0, len(rows), AT_ONCE):
                pages = [
                    page(row.text, str(len(name_of) + n), row.day, row.source, "bench")
                    for n, row in enumerate(rows[start : start + AT_ONCE])
                ]
                name_of |= {
                    reading.articles[0].article_id: row.name
                    for row, (_, reading) in zip(rows[start : start + AT_ONCE], pages, strict=True)
                }
                store_captures(lake, [capture for capture, _ in pages])
                store_readings(lake, pages, run_id="bench", now=NOW)
            began = time.process_time()
            find_copies(lake, run_id="bench", now=NOW)
            spent.append(time.process_time() - began)
        with lake.connection() as connection:
            pairs = connection.execute("select article_id, of_article_id from copies").fetchall()
            groups = connection.execute(
                "select list(article_id) from copy_members group by copy_group_id"
            ).fetchall()
        lake.close()
    together = [pair for (members,) in groups for pair in combinations(members, 2)]
    kept, grouped = (
        {frozenset({name_of[one], name_of[other]}) for one, other in found} for found in (pairs, together)
    )
    return Found(kept, *spent), Found(grouped, *spent)


Index = Callable[[Row], Iterable[str]]  # looks for names of what is like a row, and then keeps the row itself


def asked(index: Index, trial: Trial) -> Found:
    pairs: set[Names] = set()
    spent = []
    for rows in (trial.archive, trial.copies):
        began = time.process_time()
        for row in rows:
            pairs |= {frozenset({row.name, other}) for other in index(row) if other != row.name}
        spent.append(time.process_time() - began)
    return Found(pairs, *spent)


def shingles(text: str) -> list[str]:
    found = words(text)
    return [" ".join(found[n : n + SHINGLE_WORDS]) for n in range(len(found) - SHINGLE_WORDS + 1)]


def datasketch_lsh() -> Index:
    import xxhash
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(num_perm=BANDS * ROWS, params=(BANDS, ROWS))

    def index(row: Row) -> list[str]:
        pieces = [piece.encode() for piece in shingles(row.text)]
        if not pieces:
            return []
        minhash = MinHash(num_perm=BANDS * ROWS, hashfunc=xxhash.xxh32_intdigest)
        minhash.update_batch(pieces)
        found = lsh.query(minhash)
        lsh.insert(row.name, minhash, check_duplication=False)
        return found

    return index


def rensa_lsh() -> Index:
    from rensa import RMinHash, RMinHashLSH

    lsh = RMinHashLSH(0.0, BANDS * ROWS, BANDS)  # the threshold of 0 leaves candidates unchecked
    names: list[str] = []

    def index(row: Row) -> list[str]:
        pieces = shingles(row.text)
        if not pieces:
            return []
        minhash = RMinHash(num_perm=BANDS * ROWS, seed=1)
        minhash.update(pieces)
        found = [names[n] for n in lsh.query(minhash)]
        lsh.insert(len(names), minhash)
        names.append(row.name)
        return found

    return index


def simhash_index() -> Index:
    from simhash import Simhash, SimhashIndex
    from xxhash import xxh3_64_intdigest

    logging.getLogger("simhash").setLevel(logging.ERROR)  # it warns of every full bucket
    kept = SimhashIndex([], k=HAMMING)

    def index(row: Row) -> list[str]:
        pieces = shingles(row.text)
        if not pieces:
            return []
        print_of = Simhash(pieces, hashfunc=xxh3_64_intdigest)
        found = kept.get_near_dups(print_of)
        kept.add(row.name, print_of)
        return found

    return index


def title_index() -> Index:
    """Equal folded headlines, or `TITLE_LIKENESS` of their distinct words in both."""
    kept: dict[str, frozenset[str]] = {}
    holders: dict[str, list[str]] = defaultdict(list)

    def index(row: Row) -> list[str]:
        title = frozenset(words(row.title))
        # whoever has so much of a title has one of its rarest words
        rarest = sorted(title, key=lambda word: len(holders[word]))[: math.floor(len(title) * (1 - TITLE_LIKENESS)) + 1]  # fmt: skip
        likely = {name for word in rarest for name in holders[word]}
        found = [
            name for name in likely if len(title & kept[name]) >= TITLE_LIKENESS * len(title | kept[name])
        ]
        kept[row.name] = title
        for word in title:
            holders[word].append(row.name)
        return found

    return index


PEERS: dict[str, Callable[[], Index]] = {
    f"datasketch LSH {BANDS}x{ROWS}": datasketch_lsh,
    f"rensa LSH {BANDS}x{ROWS}": rensa_lsh,
    f"SimHash 64, <= {HAMMING}": simhash_index,
    "titles": title_index,
}


def show(name: str, found: Found, trial: Trial) -> None:
    """One line of the table."""
    made_of = {row.name: row.made_of for row in (*trial.archive, *trial.copies)}
    copies = {row.name for row in trial.copies}
    total, hit = Counter(trial.sought.values()), Counter(trial.sought[pair] for pair in found.pairs & trial.sought.keys())  # fmt: skip
    wrong = [
        pair
        for pair in found.pairs
        if pair & copies and not frozenset.intersection(*(made_of[one] for one in pair))
    ]
    cells = [f"{hit[kind] / total[kind]:.3f}" for kind in KINDS]
    cells += [f"{sum(pair in found.pairs for pair in pairs)}" for pairs in trial.labelled.values()]
    cells += [f"{len(wrong) / len(copies) * 10_000:.1f} ({len(wrong)})"]
    cells += [f"{found.archive_s:.0f}", f"{found.lookups_s:.0f}"]
    print("| " + " | ".join([name, *cells]) + " |", flush=True)
    for pair in sorted(map(sorted, wrong))[:5]:
        print("    wrong, for example:", *pair)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path)
    parser.add_argument("--stream-bases", type=int, default=2000)
    parser.add_argument("--corpus-bases", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    trial = make_trial(given.shared, given.stream_bases, given.corpus_bases, given.seed)
    print(f"archive {len(trial.archive):,} articles, lookups {len(trial.copies):,}")
    heads = [f"{what} (of {len(pairs)})" for what, pairs in trial.labelled.items()]
    print("| " + " | ".join(["", *KINDS, *heads, "wrong in 10,000 lookups", "archive, s CPU", "lookups, s CPU"]) + " |")  # fmt: skip
    for name, make in PEERS.items():
        try:
            index = make()
        except ImportError as missing:
            print(f"{name}: {missing.name} is not installed, left out")
            continue
        show(name, asked(index, trial), trial)
    kept, grouped = nightwire(trial)
    show("nightwire, as a pair", kept, trial)
    show("nightwire, as a group", grouped, trial)


if __name__ == "__main__":
    main()
