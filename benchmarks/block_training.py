"""Train and measure the network with which `articles.judge` tells an article's text from the page around it.

    python benchmarks/block_training.py [../shared/corpus] [--folds 3] [--write]

Needs torch, which is no dependency of the project (`pip install torch==2.13.0` beside the project's packages). Pages
are those of publishers/ and wide/, whose text is known, and of snippets/, of which only the blocks that a snippet
speaks of count. Each page of the first two is used again with invented noise in ten languages put in
(inject_languages.py, its `train` phrases alone), so that what is learnt of furniture is not the furniture of some
sites. Each fold trains on two thirds of the sites and measures on the others: precision, recall and F1 over bags of word
4-grams and the share of exact pages, of the blocks believed in, before any rule. --write trains on everything
and replaces articles/rules/text_model.npz. Half an hour on one core.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import statistics
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent))

import inject_languages

from articles import extract, judge
from articles.decoding import Decoded, decode
from articles.facts import facts_of
from articles.lines import fold, squeeze
from articles.metadata import read_metadata
from articles.parsing import Parsed, parse

Floats = npt.NDArray[np.float32]

MODEL = Path(judge.__file__).with_name("rules") / judge.MODEL_FILE
HTML = "text/html; charset=utf-8"
UNITS, TAPS = 64, 5
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 13, 8, 3e-3, 1e-2, 0.2
DRAWS, DAMAGED_PAGES = 2, 3  # with noise, for each page with truth
PUT_IN, STAYING = 1.5, 4.0  # weights of what is put in
LONGEST_PROBE = 400  # characters of a block that one may make up
SNIPPET_WEIGHT = 0.5
LEAST_SPREAD = 0.05  # facts that hardly vary are not blown up
GRAM, LEAST_GRAM_WORDS, LEAST_GRAMS = 4, 8, 0.3
LONGEST_UNSURE = 12  # letters: shorter ones may stand in a text by chance
MOST_PLACES = 30  # where a short line may stand in a text


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A page's blocks worth judging, measured, with what is known of each."""

    corpus: str
    site: str
    facts: Floats
    truth: Floats  # share of each block that is text
    weight: Floats  # 0 where nothing is known
    texts: tuple[str, ...]
    page_text: str | None


# -- examples -----------------------------------------------------------------------------------------------


def read_examples(corpus: Path, name: str, *, is_damaged: bool) -> Iterator[Example]:
    for file in sorted((corpus / name).glob("*.json")):
        page = json.loads(file.read_text("utf-8"))
        markup = gzip.decompress(file.with_suffix(".html.gz").read_bytes())
        text = page.get("text") or "\n".join(page.get("paragraphs") or ())
        host = urlsplit(page.get("url") or "").hostname
        site = "_".join(file.stem.split("_")[:2]) if name == "publishers" else host or file.stem
        if not is_damaged:
            example = make_example(markup, page, text, corpus=name, site=site)
            if example is not None:
                yield example
            continue
        for draw in range(DRAWS):  # each in one language
            rng = random.Random(f"{file.stem} {draw}")
            pages = list(inject_languages.damaged_pages(markup, text, rng, set_name="train"))
            for damaged, truth, probes in rng.sample(pages, min(DAMAGED_PAGES, len(pages))):
                example = make_example(
                    damaged, {"url": page.get("url")}, truth, corpus="damaged", site=site, probes=probes
                )
                if example is not None:
                    yield example


def make_example(
    markup: bytes,
    page: Mapping[str, Any],
    text: str,
    *,
    corpus: str,
    site: str,
    probes: Sequence[inject_languages.Probe] = (),
) -> Example | None:
    decoded = decode(markup, content_type=HTML)
    parsed = parse(markup, decoded) if isinstance(decoded, Decoded) else None
    if not isinstance(parsed, Parsed):
        return None
    stated = read_metadata(parsed.tree, url=page.get("url"))
    facts = [facts_of(piece) for piece in extract.read_blocks(parsed.tree)]
    places = judge.find_places(facts)
    if not places:
        return None
    texts = [found.piece.text for found in facts]
    if corpus == "snippets":
        truth, is_known = know_snippets(texts, page)
    else:
        truth, is_known = know_text(texts, page, text)
    words = np.array([found.words for found in facts], np.float32)
    weight = np.where(is_known, 1 + np.sqrt(words) / 2, 0) * probe_weights(texts, probes)
    weight = weight[places]
    if not weight.any():
        return None
    weight /= np.sqrt(weight.sum())  # long pages count more, but not as many times as they are longer
    return Example(
        corpus=corpus,
        site=site,
        facts=judge.measure(
            [facts[n] for n in places], title=stated.heading or stated.title, authors=stated.authors
        ),
        truth=np.array(truth, np.float32)[places],
        weight=(weight * (SNIPPET_WEIGHT if corpus == "snippets" else 1)).astype(np.float32),
        texts=tuple(texts[n] for n in places),
        page_text=text or None,
    )


def probe_weights(texts: Sequence[str], probes: Sequence[inject_languages.Probe]) -> Floats:
    """What was put in counts more than other blocks, and most of all what is text and looks like noise."""
    weights = np.ones(len(texts), np.float32)
    keys = [(fold(probe.phrase), STAYING if probe.must_stay else PUT_IN) for probe in probes]
    for n, text in enumerate(texts):
        key = fold(text) if len(text) < LONGEST_PROBE else ""
        weights[n] = next((weight for phrase, weight in keys if phrase and phrase in key), 1.0)
    return weights


def know_text(texts: Sequence[str], page: Mapping[str, Any], text: str) -> tuple[list[float], list[bool]]:
    """What share of each block is text; nothing is known of a standfirst, which may be in or out."""
    shares = share_of_text(texts, text)
    decks = [fold(line) for line in page.get("summary") or ()]
    other = share_of_text(texts, page["text_alt"]) if page.get("text_alt") else shares
    is_known = [
        not any(
            fold(line) == deck or (len(fold(line)) > LONGEST_UNSURE and fold(line) in deck) for deck in decks
        )
        and abs(share - other_share) < LEAST_GRAMS
        for line, share, other_share in zip(texts, shares, other, strict=True)
    ]
    return shares, is_known


def know_snippets(texts: Sequence[str], page: Mapping[str, Any]) -> tuple[list[float], list[bool]]:
    wanted = [squeeze(text) for text in page.get("with") or ()]
    unwanted = [squeeze(text) for text in page.get("without") or ()]
    is_text = [
        any(snippet in line or (len(line) > 25 and line in snippet) for snippet in wanted) for line in texts
    ]
    is_noise = [
        any(snippet in line or (len(line) > 8 and line in snippet) for snippet in unwanted) for line in texts
    ]
    pairs = list(zip(is_text, is_noise, strict=True))
    return [float(text and not noise) for text, noise in pairs], [text != noise for text, noise in pairs]


def share_of_text(texts: Sequence[str], truth: str) -> list[float]:
    """Lay the blocks into the truth: the chain of blocks, in both orders, that covers most of it; then by 4-grams."""
    keys, whole = [fold(text) for text in texts], fold(truth)
    lines = {fold(line) for line in truth.split("\n")}
    shares = [0.0] * len(texts)
    for n in longest_chain(keys, whole):
        shares[n] = 1.0 if len(keys[n]) >= LONGEST_UNSURE or keys[n] in lines else 0.5
    laid = {keys[n] for n, share in enumerate(shares) if share}
    known = set(grams(truth))
    for n, text in enumerate(texts):
        own = list(grams(text))
        if not shares[n] and len(own) > LEAST_GRAM_WORDS - GRAM and keys[n] not in laid:
            share = sum(gram in known for gram in own) / len(own)
            shares[n] = share if share >= LEAST_GRAMS else 0.0
    return shares


def longest_chain(keys: Sequence[str], whole: str) -> list[int]:
    places = sorted(
        (n, start, start + len(key)) for n, key in enumerate(keys) if key for start in find_all(key, whole)
    )
    best = [0.0] * len(places)
    before = [-1] * len(places)
    for j, (n, start, end) in enumerate(places):
        for i in range(max(0, j - 800), j):
            reach = best[i] + 0.5 * (places[i][2] == start)
            if places[i][0] < n and places[i][2] <= start and reach > best[j]:
                best[j], before[j] = reach, i
        best[j] += end - start
    chain = []
    j = max(range(len(places)), key=best.__getitem__, default=-1)
    while j >= 0:
        chain.append(places[j][0])
        j = before[j]
    return chain


def find_all(key: str, whole: str) -> Iterator[int]:
    start = whole.find(key)
    for _ in range(MOST_PLACES):
        if start < 0:
            return
        yield start
        start = whole.find(key, start + 1)


def grams(text: str) -> Iterator[tuple[str, ...]]:
    tokens = inject_languages.words(text)
    return zip(*(tokens[n:] for n in range(GRAM)), strict=False)


# -- network ------------------------------------------------------------------------------------------------


class Network(nn.Module):
    """The network of judge.Model, as torch trains it; a mask keeps what pads a batch out of the convolutions."""

    def __init__(self, facts: int) -> None:
        super().__init__()
        self.dense = nn.Linear(facts, UNITS)
        self.near = nn.Conv1d(UNITS, UNITS, TAPS, padding=TAPS // 2)
        self.far = nn.Conv1d(UNITS, UNITS, TAPS, padding=2 * (TAPS // 2), dilation=2)
        self.answer = nn.Linear(3 * UNITS, 1)
        self.drop = nn.Dropout(DROPOUT)

    def forward(self, facts: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        own = self.drop(torch.relu(self.dense(facts)) * mask).transpose(1, 2)
        near = torch.relu(self.near(own)) * mask.transpose(1, 2)
        far = torch.relu(self.far(self.drop(near))) * mask.transpose(1, 2)
        return self.answer(self.drop(torch.cat([own, near, far], 1).transpose(1, 2)))[..., 0]


def train(examples: Sequence[Example], *, seed: int) -> judge.Model:
    torch.manual_seed(seed)
    rng = random.Random(seed)
    rows = np.concatenate([example.facts for example in examples])
    mean, spread = rows.mean(axis=0), np.maximum(rows.std(axis=0), LEAST_SPREAD)
    network = Network(rows.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(examples) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    order = list(examples)
    for _ in range(EPOCHS):
        rng.shuffle(order)
        for first in range(0, len(order), BATCH):
            batch = order[first : first + BATCH]
            facts = pad([(example.facts - mean) / spread for example in batch])
            truth, weight = (
                pad([getattr(example, name)[:, None] for example in batch])[..., 0]
                for name in ("truth", "weight")
            )
            mask = pad([np.ones((len(example.facts), 1), np.float32) for example in batch])
            losses = nn.functional.binary_cross_entropy_with_logits(
                network(facts, mask), truth, reduction="none"
            )
            loss = (losses * weight).sum() / len(batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return to_model(network, mean, spread)


def pad(arrays: Sequence[Floats]) -> torch.Tensor:
    padded = np.zeros((len(arrays), max(map(len, arrays)), arrays[0].shape[1]), np.float32)
    for n, array in enumerate(arrays):
        padded[n, : len(array)] = array
    return torch.from_numpy(padded)


def to_model(network: Network, mean: Floats, spread: Floats) -> judge.Model:
    """The weights as `articles.judge` has them: the scaling of the facts goes into the first layer."""

    def weights(layer: nn.Module) -> tuple[Floats, Floats]:
        return layer.weight.detach().numpy(), layer.bias.detach().numpy()

    dense, bias = weights(network.dense)
    scaled = dense / spread
    convolutions = [weights(layer) for layer in (network.near, network.far)]
    answer, answer_bias = weights(network.answer)
    return judge.Model(
        dense=(scaled.T, bias - scaled @ mean),
        near=(convolutions[0][0].transpose(2, 1, 0), convolutions[0][1]),
        far=(convolutions[1][0].transpose(2, 1, 0), convolutions[1][1]),
        answer=(answer.T, answer_bias),
    )


def write_model(model: judge.Model, path: Path) -> None:
    layers = {name: getattr(model, name) for name in ("dense", "near", "far", "answer")}
    np.savez_compressed(
        path,
        facts=np.array(judge.fact_names()),
        **{f"{name}_weights": weights.astype(np.float16) for name, (weights, _) in layers.items()},
        **{f"{name}_bias": bias.astype(np.float32) for name, (_, bias) in layers.items()},
    )


# -- measuring ----------------------------------------------------------------------------------------------


def measure(examples: Sequence[Example], model: judge.Model) -> list[tuple[str, float, float, bool]]:
    """Corpus, precision, recall and whether it is exact, of each page with truth."""
    found = []
    for example in examples:
        if example.corpus not in {"publishers", "wide"} or example.page_text is None:
            continue
        belief = model.ask(example.facts)
        text = "\n".join(
            line for line, share in zip(example.texts, belief, strict=True) if share >= judge.TEXT
        )
        wanted, got = list(grams(example.page_text)), list(grams(text))
        common = sum(gram in set(wanted) for gram in got)
        covered = len(set(wanted) & set(got)) / max(1, len(set(wanted)))
        is_exact = inject_languages.words(text) == inject_languages.words(example.page_text)
        found.append((example.corpus, common / max(1, len(got)), covered, is_exact))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("corpus", nargs="?", type=Path, default=Path("../shared/corpus"))
    parser.add_argument("--folds", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    args = parser.parse_args()
    torch.set_num_threads(1)
    examples = [
        example
        for name in ("publishers", "wide", "snippets")
        for is_damaged in ((False,) if name == "snippets" else (False, True))
        for example in read_examples(args.corpus, name, is_damaged=is_damaged)
    ]
    print(f"{len(examples)} pages of {len({example.site for example in examples})} sites", flush=True)
    sites = sorted({example.site for example in examples})
    random.Random(0).shuffle(sites)
    fold_of = {site: n % max(1, args.folds) for n, site in enumerate(sites)}
    rows = []
    for n in range(args.folds):
        model = train([example for example in examples if fold_of[example.site] != n], seed=n)
        rows += measure([example for example in examples if fold_of[example.site] == n], model)
    for name in ("publishers", "wide") if rows else ():
        own = [row for row in rows if row[0] == name]
        precision, recall = (statistics.mean(row[k] for row in own) for k in (1, 2))
        f1 = 2 * precision * recall / (precision + recall)
        exact = statistics.mean(row[3] for row in own)
        print(
            f"{name}: {len(own)} pages held out, P {precision:.4f} R {recall:.4f} F1 {f1:.4f} exact {exact:.3f}"
        )
    if args.write:
        write_model(train(examples, seed=0), MODEL)
        print(f"{MODEL.name}: {MODEL.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
