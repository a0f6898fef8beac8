"""Put noise in ten languages and many kinds of markup into real pages, and see whether it comes out.

    python benchmarks/inject_languages.py [--corpus ../shared/corpus/publishers] [--set train|held|all]
        [--limit 40] [--languages fa,ru] [--places mid,end] [--seed 1] [--markup] [--wrong 20]

The phrases are those of noise_lines.toml, all invented, half of them marked `train` and half `held`: what is tuned
or trained on the first is judged by the second. A page of the corpus is the host. For a language that is not its
own, its paragraphs give way to paragraphs of that language (Arabic ones from stream/, the others made of invented
sentences) and everything else on the page stays. Each host is read undamaged and then with its damage: at most
MOST_PIECES pieces of noise to a page, in the middle (each after another paragraph), after the last paragraph, or as
a next article behind the first; in the middle also lines that look like noise and are part of the story.

Prints, by kind and language, the share of noise left in the text of the page's first article and the share of
the story's own lines lost, then how many articles were lost and how many true words beside the undamaged page.
`damaged_pages` gives the same pages to a training script.
"""

from __future__ import annotations

import argparse
import copy
import gzip
import html
import json
import os
import random
import re
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path
from zlib import crc32

import lxml.html

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from articles import read_page
from articles.fingerprints import words
from articles.languages import identify

SHARED = Path(os.environ.get("NIGHTWIRE_SHARED", Path(__file__).resolve().parent.parent.parent / "shared"))
LINES = Path(__file__).with_name("noise_lines.toml")
SETS: dict[str, tuple[str, ...]] = {"train": ("train",), "held": ("held",), "all": ("train", "held")}
LANGUAGES = ("en", "ar", "fa", "ur", "fr", "tr", "ru", "de", "es", "he")

# Kind of noise -> where it stands, and which lines of a language it is made of. "own" are words of the page itself,
# "story" a whole article. The kinds are those of the `inject` measurement of tools/score_extraction.py.
KINDS = {
    "read-more line": ("mid", "read_more"),
    "also-read link": ("mid", "also_read"),
    "related list": ("mid", "related"),
    "free-articles appeal": ("mid", "metering"),
    "newsletter box": ("mid", "newsletter"),
    "caption, figcaption": ("mid", "caption"),
    "caption, caption class": ("mid", "caption"),
    "caption, bare": ("mid", "caption"),
    "photo credit": ("mid", "credit"),
    "pull quote, aside": ("mid", "own"),
    "pull quote, blockquote": ("mid", "own"),
    "ad label": ("mid", "ad"),
    "author bio": ("end", "bio"),
    "author box": ("end", "author_box"),
    "published-in line": ("end", "published_in"),
    "source link": ("end", "source_link"),
    "leave a comment": ("end", "comment"),
    "share line": ("end", "share"),
    "scroll to top": ("end", "top"),
    "rights line": ("end", "rights"),
    "next article, article": ("after", "story"),
    "next article, scroll box": ("after", "story"),
    "next article, plain div": ("after", "story"),
}
# Lines of a story that look like furniture.
STAYING = {
    "sentence": "stay_sentence",
    "sentence with a link": "stay_sentence",
    "person": "stay_person",
    "quotation": "stay_quote",
    "question and answer": "stay_question",
    "one short line": "stay_short",
    "subhead": "stay_subhead",
    "list": "stay_list",
}
MOST_PIECES = 3  # of noise on one page, so that what stands around a piece is the story
STAYING_PIECES = 2
EDITORS_SHARE = 0.5  # of noise in <p> is typed into the story, so that it has the class of its paragraphs
LEAST_WORDS = 12  # of a line of the truth to be known as a paragraph of the page
LEAST_PARAGRAPHS = 5
REPLACED_SHARE = 0.9  # of the truth's words that have to give way before a page counts as in another language
PULLED_WORDS = 14
SUBHEAD_WORDS = 5
HEADLINE_WORDS = 4
STATED_BODY = re.compile(r"(\"articleBody\"\s*:\s*)\"(?:[^\"\\]|\\.)*\"")
ANCHOR_WORDS = 8
STREAM_ARTICLES = 400


@dataclass(frozen=True, slots=True)
class Probe:
    """Words that betray whether a line that was put in is in the text."""

    kind: str  # of KINDS, or of STAYING where it must stay
    language: str
    phrase: str
    must_stay: bool
    shell: str  # the markup around it


@dataclass(frozen=True, slots=True)
class Damaged:
    """A page with what was put into it."""

    place: str  # "none" "mid" "end" "after"
    markup: bytes  # UTF-8
    truth: str  # what a reader should find, a paragraph a line
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Host:
    """A page whose paragraphs are known in its tree."""

    tree: lxml.html.HtmlElement
    language: str  # "und" where it is not known
    lines: tuple[str, ...]  # the truth
    paragraphs: tuple[int, ...]  # elements of the article's box, as positions in the tree's order
    line_of: Mapping[int, int]  # position of an element -> its line of the truth


def squeeze(text: str) -> str:
    return " ".join(text.split())


def plain(text: str) -> str:
    """Words alone, with a space on either side, so that phrases are found as whole words."""
    return f" {' '.join(words(text))} "


# -- what is put in -----------------------------------------------------------------------------------------


@cache
def noise() -> Mapping[str, Mapping[str, Mapping[str, list[str]]]]:
    """The tables of noise_lines.toml: `shells` and one per language."""
    return tomllib.loads(LINES.read_text("utf-8"))


def choose(table: Mapping[str, Sequence[str]], set_name: str, rng: random.Random) -> str:
    return rng.choice([text for name in SETS[set_name] for text in table[name]])


def choose_lines(language: str, name: str, set_name: str, rng: random.Random) -> list[str]:
    """A variant's lines with its open places filled, no two alike; what stands in square brackets is a link."""
    tables = noise()[language]
    text = choose(tables[name], set_name, rng)
    used: set[str] = set()
    while match := re.search(r"\{(\w+)\}", text):
        filling = choose(tables[match[1]], set_name, rng)
        if filling not in used:
            used.add(filling)
            text = f"{text[: match.start()]}{filling}{text[match.end() :]}"
    return text.split("\n")


def telling(lines: Iterable[str]) -> str:
    """The longest run of words inside one link or outside all of them: a headline rather than its label."""
    return max(
        (part for line in lines for part in re.split(r"[\[\]]", line)), key=lambda part: len(plain(part))
    )


def dress(shell: str, lines: Sequence[str], *, is_source: bool) -> list[lxml.html.HtmlElement]:
    """Put lines into a shell: `{0}` is a line with its links, `{0-}` the same without, `{lines}` the rest as <p>."""
    markup = shell
    for n, line in enumerate(lines):
        text = html.escape(line, quote=False)
        linked = re.sub(r"\[(.+?)\]", lambda match: link(match[1], is_source=is_source), text)
        markup = markup.replace(f"{{{n}-}}", re.sub(r"[\[\]]", "", text)).replace(f"{{{n}}}", linked)
    rest = "".join(f"<p>{html.escape(line, quote=False)}</p>" for line in lines[1:])
    return lxml.html.fragments_fromstring(markup.replace("{lines}", rest))


def link(label: str, *, is_source: bool) -> str:
    """A link as pages have it: to a story where a headline is its label, to a script where a word or two are."""
    address = f"/n/{crc32(label.encode())}" if len(words(label)) >= HEADLINE_WORDS else "#"
    return f"<a href='{'https://source.example/o' if is_source else address}'>{label}</a>"


def make_noise(
    kind: str, own: str, language: str, set_name: str, rng: random.Random
) -> tuple[list[lxml.html.HtmlElement], Probe]:
    _, name = KINDS[kind]
    lines = [own] if name == "own" else choose_lines(language, name, set_name, rng)
    shell = choose(noise()["shells"][kind], set_name, rng)
    phrase = lines[-2] if name == "story" else telling(lines)
    return (
        dress(shell, lines, is_source=kind == "source link"),
        Probe(kind, language, phrase, must_stay=False, shell=shell),
    )


# -- hosts --------------------------------------------------------------------------------------------------


def parse(markup: bytes) -> lxml.html.HtmlElement:
    """The page's tree, declared as UTF-8 whatever it was, so that it can be written out again."""
    try:
        text = markup.decode("utf-8")
    except UnicodeDecodeError:
        tree = lxml.html.document_fromstring(markup)  # libxml2 follows the page's own <meta>
    else:
        tree = lxml.html.document_fromstring(
            text.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8")
        )
    for meta in tree.iter("meta"):
        if "charset" in meta.attrib:
            meta.set("charset", "utf-8")
    return tree


def write(tree: lxml.html.HtmlElement) -> bytes:
    return lxml.html.tostring(tree, encoding="utf-8", doctype="<!DOCTYPE html>")


def elements_of(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    """The innermost elements that may hold a line of an article; a Host's positions count them."""
    tags = ("p", "h2", "h3", "h4", "li")
    return [element for element in tree.iter(*tags) if next(element.iterdescendants(*tags), None) is None]


def find_host(markup: bytes, truth: str) -> Host | None:
    """Find the article's lines in the page; None where too few stand as <p> in one box."""
    tree = parse(markup)
    lines = tuple(line for text in truth.split("\n") if (line := squeeze(text)))
    waiting = defaultdict(list)
    for n, line in enumerate(lines):
        waiting[line.casefold()].append(n)
    line_of: dict[int, int] = {}
    boxes = defaultdict(list)
    for n, element in enumerate(elements_of(tree)):
        text = squeeze(element.text_content()).casefold()
        if waiting[text]:
            line_of[n] = waiting[text].pop(0)
            if element.tag == "p" and len(words(text)) >= LEAST_WORDS:
                boxes[element.getparent()].append(n)
    if not boxes or len(paragraphs := max(boxes.values(), key=len)) < LEAST_PARAGRAPHS:
        return None
    return Host(tree, identify("\n".join(lines)) or "und", lines, tuple(paragraphs), line_of)


def translate(host: Host, language: str, rng: random.Random) -> Host | None:
    """The page with its article in another language; None where too much of it would stay in its own."""
    total = sum(len(words(line)) for line in host.lines)
    if sum(len(words(host.lines[n])) for n in host.line_of.values()) < REPLACED_SHARE * total:
        return None
    tree, lines = copy.deepcopy(host.tree), list(host.lines)
    tree.set("lang", language)
    for script in tree.iter("script"):
        if (
            script.get("type") == "application/ld+json"
        ):  # else it would state the article that is no longer there
            script.text = STATED_BODY.sub(r"\1\"\"", script.text or "")
    elements = elements_of(tree)
    for position, n in host.line_of.items():
        element = elements[position]
        is_paragraph = len(words(lines[n])) >= LEAST_WORDS
        lines[n] = write_paragraph(language, rng) if is_paragraph else write_short(language, element.tag, rng)
        link_count = len(element.findall(".//a"))
        for child in list(element):
            element.remove(child)
        fill(element, lines[n], link_count, rng)
    return Host(tree, language, tuple(lines), host.paragraphs, host.line_of)


def fill(element: lxml.html.HtmlElement, text: str, link_count: int, rng: random.Random) -> None:
    """Write a text into an element with as many links in it as the one before had."""
    parts = text.split()
    element.text = text
    if 0 < link_count < len(parts) // 2:
        starts = sorted(rng.sample(range(0, len(parts) - 1, 2), link_count))
        element.text = " ".join(parts[: starts[0]]) + " "
        for start, end in zip(starts, [*starts[1:], len(parts)], strict=True):
            link = lxml.html.Element("a", href="/t/harbour")
            link.text = " ".join(parts[start : start + 2])
            link.tail = " " + " ".join(parts[start + 2 : end]) + " "
            element.append(link)


def write_paragraph(language: str, rng: random.Random) -> str:
    """A paragraph of news of two to four sentences."""
    if language == "ar":
        return rng.choice(arabic_lines(25, 90))
    table = noise()[language]["host"]
    texts = rng.sample(table["sentences"], rng.randint(2, 4))
    return " ".join(text.replace("{place}", rng.choice(table["places"])) for text in texts)


def write_short(language: str, tag: str, rng: random.Random) -> str:
    """A paragraph of one sentence, or a subhead: the words that one begins with."""
    if language == "ar":
        text = rng.choice(arabic_lines(8, 24))
    else:
        table = noise()[language]["host"]
        text = rng.choice(table["sentences"]).replace("{place}", rng.choice(table["places"]))
    return " ".join(text.split()[:SUBHEAD_WORDS]) if tag in ("h2", "h3", "h4") else text


@cache
def arabic_lines(least_words: int, most_words: int) -> list[str]:
    """Paragraphs of real articles of the stream, read where they lie."""
    found: list[str] = []
    with gzip.open(SHARED / "corpus" / "stream" / "articles.jsonl.gz", "rt", encoding="utf-8") as rows:
        for row in islice(rows, STREAM_ARTICLES):
            found += [squeeze(text) for text in json.loads(row)["text"].split("\n")]
    return [
        text
        for text in dict.fromkeys(found)
        if text.endswith(".") and least_words <= len(words(text)) <= most_words
    ]


# -- damage -------------------------------------------------------------------------------------------------


def damage(host: Host, set_name: str, rng: random.Random) -> Iterator[Damaged]:
    """The undamaged page, then damaged ones until every kind was put in once, the places in turn."""
    yield Damaged("none", write(host.tree), "\n".join(host.lines), ())
    kinds = defaultdict(list)
    for kind, (place, _) in KINDS.items():
        kinds[place].append(kind)
    for place in kinds:
        rng.shuffle(kinds[place])
    staying: list[str] = []
    while any(kinds.values()):
        for place in (place for place in ("mid", "end", "after") if kinds[place]):
            count = 1 if place == "after" else MOST_PIECES
            chosen, kinds[place] = kinds[place][:count], kinds[place][count:]
            if len(staying) < STAYING_PIECES:
                staying = rng.sample(list(STAYING), len(STAYING))
            kept = staying[:STAYING_PIECES] if place != "after" else []
            staying = staying[len(kept) :]
            yield put_in(host, place, chosen, kept, set_name, rng)


def put_in(
    host: Host, place: str, kinds: Sequence[str], staying: Sequence[str], set_name: str, rng: random.Random
) -> Damaged:
    """One page with pieces of noise at a place, and lines of the story that look like noise in its middle."""
    tree = copy.deepcopy(host.tree)
    elements = elements_of(tree)
    paragraphs = [elements[n] for n in host.paragraphs]
    added: dict[int, list[str]] = {}
    probes: list[Probe] = []
    own = [" ".join(squeeze(p.text_content()).split()[:PULLED_WORDS]) for p in paragraphs[1:3]]
    gaps = rng.sample(range(len(paragraphs) - 1), min(len(paragraphs) - 1, MOST_PIECES + STAYING_PIECES))
    for kind in kinds:
        nodes, probe = make_noise(kind, rng.choice(own), host.language, set_name, rng)
        probes.append(probe)
        if place == "mid":
            style_alike(nodes, paragraphs[0], is_alike=rng.random() < EDITORS_SHARE)
            put_after(paragraphs[gaps.pop()], nodes)
        elif place == "end":
            style_alike(nodes, paragraphs[0], is_alike=rng.random() < EDITORS_SHARE)
            put_after(paragraphs[-1], nodes)
        else:
            box = paragraphs[-1].getparent()
            put_after(paragraphs[-1] if box.tag == "body" else box, nodes)
    for kind in staying[: len(gaps)]:
        gap = gaps.pop()
        nodes, texts, probe = make_staying(kind, host.language, set_name, rng)
        probes.append(probe)
        style_alike(nodes, paragraphs[gap], is_alike=True)
        put_after(paragraphs[gap], nodes)
        added[host.line_of[host.paragraphs[gap]]] = texts
    truth = [text for n, line in enumerate(host.lines) for text in (line, *added.get(n, ()))]
    return Damaged(place, write(tree), "\n".join(truth), tuple(probes))


def style_alike(
    nodes: Sequence[lxml.html.HtmlElement], paragraph: lxml.html.HtmlElement, *, is_alike: bool
) -> None:
    """Give the <p> among the nodes the class of the page's own paragraphs."""
    for node in nodes:
        if is_alike and node.tag == "p" and not node.attrib and "class" in paragraph.attrib:
            node.set("class", paragraph.get("class", ""))


def put_after(element: lxml.html.HtmlElement, nodes: Sequence[lxml.html.HtmlElement]) -> None:
    """Put nodes, in their order, between an element and the text that follows it."""
    nodes[-1].tail, element.tail = element.tail, None
    for node in reversed(nodes):
        element.addnext(node)


def make_staying(
    kind: str, language: str, set_name: str, rng: random.Random
) -> tuple[list[lxml.html.HtmlElement], list[str], Probe]:
    """Elements of the story with their lines, and the line to look for."""
    lines = choose_lines(language, STAYING[kind], set_name, rng)
    shell = choose(noise()["shells"][kind], set_name, rng)
    nodes = dress(shell, lines, is_source=False)
    if kind == "sentence with a link":
        fill(nodes[0], lines[0], 1, rng)
    return nodes, lines, Probe(kind, language, max(lines, key=len), must_stay=True, shell=shell)


def hosts_for(host: Host, language: str, rng: random.Random) -> Host | None:
    """The host itself where it is in that language, else the same page with its article in it."""
    return host if host.language == language else translate(host, language, rng)


def damaged_pages(
    page_markup: bytes,
    truth_text: str,
    rng: random.Random,
    *,
    set_name: str,
    languages: Sequence[str] | None = None,
) -> Iterator[tuple[bytes, str, tuple[Probe, ...]]]:
    """Make damaged pages of one page, in one language, for training; about a dozen at most.

    Args:
        page_markup: the page's bytes.
        truth_text: its article, a paragraph a line.
        rng: what is drawn from; the same state gives the same pages.
        set_name: "train" "held" "all": which phrases and markup are put in.
        languages: to draw from, LANGUAGES where None. A page in one of them other than English keeps its own.

    Yields:
        A page (UTF-8), the text that a reader should find on it, a paragraph a line, and what was put in. Nothing
        where the article's paragraphs are not found on the page.
    """
    host = find_host(page_markup, truth_text)
    if host is None:
        return
    wanted = list(languages or LANGUAGES)
    is_own = host.language in wanted and host.language != "en"
    host = hosts_for(host, host.language if is_own else rng.choice(wanted), rng)
    if host is not None:
        for page in damage(host, set_name, rng):
            if page.probes:
                yield page.markup, page.truth, page.probes


# -- measuring ----------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What came out, counted."""

    left: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind, language -> probes in the text
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    left_in: Counter[tuple[str, str]] = field(default_factory=Counter)  # kind, markup
    tried_in: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)  # noise that was left, lines of the story that were lost
    lost_articles: int = 0
    pages: int = 0
    true_words: int = 0
    lost_words: int = 0


def read_text(markup: bytes) -> str:
    """The text of the page's first article, as words; empty where the page gives none."""
    articles = read_page(markup, url=None, content_type="text/html; charset=utf-8").articles
    return plain(articles[0].text) if articles else plain("")


def measure(host: Host, places: Sequence[str], set_name: str, rng: random.Random, tally: Tally) -> None:
    """Read a host undamaged and damaged, and count; nothing where its article is not read undamaged."""
    anchor = " ".join(words(host.lines[host.line_of[host.paragraphs[0]]])[:ANCHOR_WORDS])
    sound: Counter[str] = Counter()
    for page in damage(host, set_name, rng):
        if page.place not in (*places, "none"):
            continue
        text = read_text(page.markup)
        if page.place == "none":
            if anchor not in text:
                return
            sound = Counter(text.split()) & Counter(words(page.truth))
            continue
        tally.pages += 1
        if anchor not in text:
            tally.lost_articles += 1
            continue
        tally.true_words += sound.total()
        tally.lost_words += (sound - Counter(text.split())).total()
        truth = plain("\n".join(host.lines))
        for probe in page.probes:
            phrase = plain(probe.phrase)
            is_left = text.count(phrase) > truth.count(phrase)
            tally.tried[probe.kind, probe.language] += 1
            tally.left[probe.kind, probe.language] += is_left
            tally.tried_in[probe.kind, probe.shell] += 1
            tally.left_in[probe.kind, probe.shell] += is_left
            if is_left is not probe.must_stay:
                tally.wrong.append(f"{probe.language} {probe.kind}: {probe.phrase}")


def read_hosts(folders: Sequence[Path], languages: Sequence[str], limit: int, seed: int) -> Iterator[Host]:
    """Up to `limit` hosts, the languages in turn; a page keeps its own language where it is not English."""
    files = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    random.Random(seed).shuffle(files)
    count = 0
    for path in files:
        if count == limit:
            return
        page = json.loads(path.read_text("utf-8"))
        truth = page.get("text") or "\n".join(page.get("paragraphs") or ())
        host = find_host(gzip.decompress(path.with_suffix(".html.gz").read_bytes()), truth)
        if host is None:
            continue
        own = host.language if host.language in languages and host.language != "en" else None
        host = hosts_for(host, own or languages[count % len(languages)], random.Random(f"{seed} {path.name}"))
        if host is not None:
            count += 1
            yield host


def share(count: int, of: int) -> str:
    return f"{100 * count / of:.0f}" if of else "-"


def print_table(
    name: str,
    kinds: Iterable[str],
    languages: Sequence[str],
    count: Callable[[str, str], int],
    tried: Counter[tuple[str, str]],
) -> None:
    print(f"\n| {name} | {' | '.join(languages)} | all | of |\n|---|{'---|' * (len(languages) + 2)}")
    shares: list[float] = []
    for kind in kinds:
        cells = [(count(kind, x), tried[kind, x]) for x in languages]
        found, of = sum(n for n, _ in cells), sum(n for _, n in cells)
        shares += [found / of] if of else []
        print(f"| {kind} | {' | '.join(share(*cell) for cell in cells)} | {share(found, of)} | {of} |")
    totals = [(sum(count(k, x) for k in kinds), sum(tried[k, x] for k in kinds)) for x in languages]
    mean = f"{100 * sum(shares) / len(shares):.1f}" if shares else "-"
    print(
        f"| **all; last: mean of the kinds** | {' | '.join(share(*cell) for cell in totals)} | {mean} | {sum(n for _, n in totals)} |"
    )


def print_markup(tally: Tally) -> None:
    print("\n| markup | left in the text, % | of |\n|---|---|---|")
    cells = list(tally.tried_in)
    for cell in sorted(cells, key=lambda cell: -tally.left_in[cell] / tally.tried_in[cell]):
        left, tried = tally.left_in[cell], tally.tried_in[cell]
        print(f"| {cell[0]}: `{cell[1]}` | {share(left, tried)} | {tried} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--corpus", action="append", type=Path, help="folder of pages; publishers and wide where not given"
    )
    parser.add_argument("--set", choices=SETS, default="train", dest="set_name")
    parser.add_argument("--limit", type=int, default=40, help="pages in all")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--places", default="mid,end,after")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--markup", action="store_true", help="say how much is left of each kind of markup")
    parser.add_argument("--wrong", type=int, default=0, help="how many of the lines that went wrong to print")
    args = parser.parse_args()
    folders = args.corpus or [SHARED / "corpus" / "publishers", SHARED / "corpus" / "wide"]
    languages = args.languages.split(",")
    if unknown := set(languages) - set(LANGUAGES):
        parser.error(f"no noise in {', '.join(sorted(unknown))}; there is some in {', '.join(LANGUAGES)}")
    tally, host_count, started = Tally(), 0, time.monotonic()
    for host_count, host in enumerate(read_hosts(folders, languages, args.limit, args.seed), start=1):
        # A state of its own for each host, so that two readers are asked the same whatever they make of it.
        rng = random.Random(f"{args.seed} {host_count}")
        measure(host, args.places.split(","), args.set_name, rng, tally)
    left, tried, seconds = tally.left, tally.tried, time.monotonic() - started
    print(f"{host_count} hosts, {tally.pages} damaged pages, phrases: {args.set_name}, {seconds:.0f} s")
    print_table("noise left, %", KINDS, languages, lambda k, x: left[k, x], tried)
    print_table("true lines lost, %", STAYING, languages, lambda k, x: tried[k, x] - left[k, x], tried)
    print(f"\narticles lost: {tally.lost_articles} of {tally.pages}")
    lost_share = tally.lost_words / max(1, tally.true_words)
    print(f"true words lost beside the undamaged page: {100 * lost_share:.2f} %")
    if args.markup:
        print_markup(tally)
    for line in random.Random(args.seed).sample(tally.wrong, min(args.wrong, len(tally.wrong))):
        print(f"  {line}")


if __name__ == "__main__":
    main()
