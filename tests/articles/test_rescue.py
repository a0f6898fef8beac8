"""Pages drawn by scripts keep their story as data; it is read where the page itself shows none."""

from __future__ import annotations

import json

import pytest

from articles import read_page

LINES = (
    "The harbour of Verne was closed on Monday after a barge struck the eastern pier, the port authority said.",
    "Divers found a hole of two metres in the hull and pumps were brought from the neighbouring town.",
    "Nobody was hurt, but forty trucks with grain waited before the gates until late in the evening.",
)
MARKUP = "".join(f"<p class='t'>{line}</p>" for line in LINES)
ESCAPED = json.dumps(MARKUP).replace("<", "\\u003c").replace(">", "\\u003e")
SHELL = "<html><head><title>Harbour closed</title></head><body><div id='app'></div>{}</body></html>"


@pytest.mark.parametrize(
    "script",
    [
        f'<script>window.state = {{"article": {{"body": {ESCAPED}}}}}</script>',
        f"<script>self.push([1, {json.dumps(json.dumps({'html': MARKUP}))}])</script>",
        f"<script>self.push([1,{ESCAPED}])</script>",
        '<script type="application/ld+json">'
        + json.dumps({"@type": "NewsArticle", "headline": "Harbour closed", "articleBody": "\n".join(LINES)})
        + "</script>",
    ],
    ids=["state", "string within a string", "markup alone", "json-ld"],
)
def test_a_story_kept_in_a_script_is_read(script: str) -> None:
    (article,) = read_page(SHELL.format(script).encode(), url=None, content_type="text/html").articles
    assert article.text.split("\n") == list(LINES)


@pytest.mark.parametrize(
    "script",
    [
        "",
        "<script>var a = 1;</script>",
        '<script>var s = "never closed</script>',
        "<script>x = {}</script>".format("[" * 5000),
    ],
)
def test_scripts_without_a_story_leave_the_page_without_an_article(script: str) -> None:
    reading = read_page(SHELL.format(script).encode(), url=None, content_type="text/html")
    assert reading.articles == ()
    assert len(reading.rejected) == 1


def test_a_page_that_shows_its_story_is_not_read_from_its_scripts() -> None:
    other = json.dumps(
        "".join(
            f"<p>Another tale, number {n}, that is told nowhere on this page at all.</p>" for n in range(9)
        )
    )
    markup = f"<html><body><article><h1>Harbour closed</h1>{MARKUP * 2}</article><script>s={other}</script></body></html>"
    (article,) = read_page(markup.encode(), url=None, content_type="text/html").articles
    assert "Another tale" not in article.text
