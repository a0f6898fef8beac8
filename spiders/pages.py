"""A page that a person names: fetched with all the manners of a night, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from articles.errors import NightwireError
from articles.records import Capture
from spiders.discovery import Found, candidates
from spiders.frontier import Frontier
from spiders.launch import crawl
from spiders.records import CrawlJob, CrawlResult
from spiders.source import SourceFile, source_for_url, unlisted_source
from warehouse.spool import read_spooled


def fetch_page(url: str, sources: Sequence[SourceFile], *, newsroom: str | None = None) -> Capture:
    """Ask for one page, robots.txt first; what comes is given back and kept nowhere.

    Args:
        url: an http or https address.
        sources: whose manners to keep (delay, TLS) when the address is one of theirs.
        newsroom: address of the sample web, for pages that live there.

    Returns:
        The capture; its source is None where no source is at home at the address.

    Raises:
        NightwireError: the page was not had; the message says why.
    """
    owner = source_for_url(url, sources)
    visited = (owner or unlisted_source(url)).model_copy(update={"article_url": None, "section_links": "."})
    moment = datetime.now(UTC)
    with TemporaryDirectory(prefix="nightwire-") as folder:
        lake = Path(folder)
        with Frontier.open(lake / "frontier.sqlite") as frontier:
            frontier.record(
                visited.name,
                list(candidates([Found(url=url)], visited, "asked")),
                night=moment.date(),
                at=moment,
            )
        job = CrawlJob(
            lake=lake,
            run_id="read",
            night=moment.date(),
            sources=(visited,),
            newsroom=newsroom,
            is_waiting_only=True,
        )
        result = crawl(job, timeout_s=120)
        for _, found in read_spooled(lake / "spool"):
            if isinstance(found, Capture):
                return found
    raise NightwireError(f"could not get {url}: {_why(result)}")


# Why an address was not asked for, as a person is told; by the reasons of `SourceStats.skipped`.
_REASONS = {
    "robots": "its robots.txt asks us not to fetch it",
    "robots_unreachable": "its host gave no robots.txt, so nothing is fetched there; see whether it answers at all",
    "sample_web_not_given": "it lives in the sample web; start `nightwire newsroom` and give its address with --newsroom",
}


def _why(result: CrawlResult) -> str:
    if result.failures:
        return result.failures[0].detail
    reasons = [reason for one in result.stats.values() for reason, count in one.skipped.items() if count]
    return "; ".join(_REASONS.get(one, one) for one in reasons) or f"the crawl ended with {result.outcome}"
