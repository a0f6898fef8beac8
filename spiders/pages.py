"""A page that a person names: fetched with all the manners of a night, and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

from articles.errors import NightwireError
from articles.records import Capture
from articles.urls import capture_id
from spiders.looking import Answer, Ask, look
from spiders.source import SourceFile, source_for_url, unlisted_source


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
    visited = source_for_url(url, sources) or unlisted_source(url)
    asks = {visited.name: [Ask(url=url, via="article")]}
    (looked,) = look(asks, [visited], plan="page", most=2, newsroom=newsroom)
    answer = looked.answers[-1] if looked.answers else None
    if answer is None or answer.via == "robots":
        raise NightwireError(f"could not get {url}: the look was stopped before it was asked for")
    if answer.status != 200 or answer.body_sha256 is None:
        raise NightwireError(f"could not get {url}: {why_not(answer)}")
    return Capture(
        capture_id=capture_id(
            source=visited.lake_id,
            url=answer.final_url,
            body_sha256=answer.body_sha256,
            captured_at=answer.answered_at,
        ),
        run_id="read",
        source=visited.lake_id,
        url=answer.final_url,
        requested_url=url,
        discovered_via="asked",
        status=answer.status,
        headers=answer.headers,
        media_type=answer.content_type,
        body=answer.body,
        body_sha256=answer.body_sha256,
        captured_at=answer.answered_at,
        fetch_ms=answer.fetch_ms,
    )


# Why an address was not asked for, as a person is told; by the reasons of an Answer.
_REASONS = {
    "robots": "its robots.txt asks us not to fetch it",
    "robots_unreachable": "its host gave no robots.txt, so nothing is fetched there",
    "sample_web_not_given": "it lives in the sample web; start `nightwire newsroom` and give its address with --newsroom",
}


def why_not(answer: Answer) -> str:
    """Why an address gave no page."""
    if answer.reason is None:
        return f"the server answers HTTP {answer.status}"
    said = _REASONS.get(answer.reason)
    if said is None:
        return answer.detail or answer.reason
    return f"{said} ({answer.detail})" if answer.reason == "robots_unreachable" else said
