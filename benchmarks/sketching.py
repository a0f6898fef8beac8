"""How fast texts are sketched: articles of 450 words a second on one core, beside MinHash libraries.

    .venv/bin/python benchmarks/sketching.py [--articles 4000] [--rounds 3]

Texts are made here from a fixed seed, half in Latin and half in Arabic script, with a curly quote in every fifth
paragraph as real pages have. Times are CPU time of the process, the best of the rounds; datasketch and rensa take
part where they are installed, fed with five-word shingles of the same words at 112 permutations, and pay for
their own words as we do. Compare ratios, not rates: these differ between machines. Memory is the peak of the process, after
each of our rounds over the same texts.
"""

from __future__ import annotations

import argparse
import random
import re
import resource
import time
from collections.abc import Callable, Sequence

from articles import fingerprints

WORDS = 450
BATCH = 64
PERMUTATIONS = 112  # 14 bands of 8, the setting of the large web corpora

Job = Callable[[Sequence[str]], object]


def make_texts(count: int) -> list[str]:
    rng = random.Random(1)
    latin, arabic = "etaoinshrdlucmfwypvbgk", "ابتثجحخدذرزسشصضطعغفقكلمنهويىةأ"
    vocabularies = [
        ["".join(rng.choices(letters, k=rng.randint(2, 9))) for _ in range(20_000)]
        for letters in (latin, arabic)
    ]
    texts = []
    for n in range(count):
        chosen = rng.choices(vocabularies[n % 2], k=WORDS)
        paragraphs = [
            " ".join(chosen[start : start + 50]).capitalize() + "." for start in range(0, WORDS, 50)
        ]
        paragraphs[::5] = [f"“{paragraph}”" for paragraph in paragraphs[::5]]
        texts.append("\n".join(paragraphs))
    return texts


def ours(texts: Sequence[str]) -> None:
    for start in range(0, len(texts), BATCH):
        fingerprints.sketches(texts[start : start + BATCH])


def shingles(text: str) -> list[str]:
    found = re.findall(r"\w+", text.lower())
    return [
        " ".join(found[n : n + fingerprints.SHINGLE_WORDS])
        for n in range(len(found) - fingerprints.SHINGLE_WORDS + 1)
    ]


def peers() -> dict[str, Job]:
    """The libraries that are installed, each as a function over all texts."""
    jobs: dict[str, Job] = {}
    try:
        import xxhash
        from datasketch import MinHash

        def datasketch(texts: Sequence[str]) -> None:
            tokens = ([piece.encode() for piece in shingles(text)] for text in texts)
            MinHash.bulk(tokens, num_perm=PERMUTATIONS, hashfunc=xxhash.xxh32_intdigest)

        jobs["datasketch MinHash.bulk"] = datasketch
    except ImportError:
        print("datasketch is not installed: left out")
    try:
        from rensa import RMinHash

        def rensa(texts: Sequence[str]) -> None:
            for text in texts:
                minhash = RMinHash(num_perm=PERMUTATIONS, seed=1)
                minhash.update(shingles(text))
                minhash.digest()

        jobs["rensa RMinHash"] = rensa
    except ImportError:
        print("rensa is not installed: left out")
    return jobs


def rate(job: Job, texts: Sequence[str], rounds: int) -> float:
    """Articles a second of CPU time, best of the rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        job(texts)
        best = min(best, time.process_time() - start)
    return len(texts) / best


def peak_memory() -> int:
    """The most this process ever held, in MiB; it does not rise where memory is flat."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--articles", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = make_texts(options.articles)
    fingerprints.sketch(texts[0])  # the folding table is made once a process
    peaks = [peak_memory()]
    rates = []
    for _ in range(options.rounds):
        rates.append(rate(ours, texts, 1))
        peaks.append(peak_memory())
    mine = max(rates)
    print(f"nightwire sketches       {mine:8,.0f} articles/s/core   1.00")
    print(
        f"  memory at most {peaks[0]} MiB before, "
        + ", ".join(f"{peak} after {n * len(texts):,} articles" for n, peak in enumerate(peaks[1:], 1))
    )
    for name, job in peers().items():
        speed = rate(job, texts, options.rounds)
        print(f"{name:24s} {speed:8,.0f} articles/s/core   {speed / mine:.2f}")


if __name__ == "__main__":
    main()
