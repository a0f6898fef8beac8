"""The headline is the one that two places agree on, without the site's name, sections and kickers."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from articles.metadata import read_metadata
from articles.titles import cut_site_name

URL = "https://www.valley-post.example/world/bridge-reopens"


def stated(
    *,
    json_ld: str | None = None,
    og: str | None = None,
    element: str | None = None,
    headings: tuple[str, ...] = (),
    site: str | None = "Valley Post",
):
    """What a page states whose head and headings are these."""
    head = [f"<title>{element}</title>" if element else ""]
    head += [f'<meta property="og:title" content="{og}">' if og else ""]
    head += [f'<meta property="og:site_name" content="{site}">' if site else ""]
    if json_ld:
        node = {"@type": "NewsArticle", "headline": json_ld}
        head.append(f'<script type="application/ld+json">{json.dumps(node)}</script>')
    body = "".join(f"<h1>{heading}</h1>" for heading in headings)
    return read_metadata(
        html.document_fromstring(f"<html><head>{''.join(head)}</head><body>{body}<p>Text</p></body></html>"),
        url=URL,
    )


@pytest.mark.parametrize(
    ("dressed", "expected"),
    [
        ("Bridge reopens after a week - World - Valley Post", "Bridge reopens after a week"),
        ("Bridge reopens | Valley Post", "Bridge reopens"),
        ("Bridge reopens｜Valley Post", "Bridge reopens"),
        ("Bridge reopens-Valley Post", "Bridge reopens"),
        ("Valley Post: Bridge reopens", "Bridge reopens"),
        ("Valley Post | Bridge reopens", "Bridge reopens"),
        ("Bridge reopens | Valley Post | Valley Post Online", "Bridge reopens"),
        ("Bridge reopens-Politics-Valley Post", "Bridge reopens"),
        ("橋が再開：Valley Post", "橋が再開"),
        ("Bridge reopens - after a week", "Bridge reopens - after a week"),
        ("Bridge: reopened after a week", "Bridge: reopened after a week"),
        ("Bridge reopens", "Bridge reopens"),
    ],
)
def test_the_sites_name_and_its_sections_are_cut_off(dressed, expected):
    assert cut_site_name(dressed, ["Valley Post"], ["Politics"]) == expected
    assert cut_site_name(dressed, []) == dressed


@given(st.text(max_size=60), st.text(max_size=20))
def test_what_is_cut_off_stood_at_an_end(title, site):
    kept = cut_site_name(title, [site])
    assert kept in title


TITLES = [
    # JSON-LD and one other place agree
    ({"json_ld": "Bridge reopens", "og": "The bridge is back", "headings": ("Bridge reopens",)}, "Bridge reopens"),
    ({"json_ld": "Bridge reopens at last", "og": "Bridge reopens at last | Valley Post", "headings": ("Back",)}, "Bridge reopens at last"),
    ({"json_ld": "Bridge reopens at last", "element": "World: Bridge reopens at last - Valley Post", "og": "Back", "headings": ("Back",)}, "Bridge reopens at last"),
    # it stands alone: what is printed
    ({"json_ld": "SEO: bridge, valley, traffic", "og": "Bridge reopens", "headings": ("Bridge reopens",)}, "Bridge reopens"),
    ({"og": "Why this bridge matters", "element": "Why this bridge matters", "headings": ("Bridge reopens",)}, "Bridge reopens"),
    # of several headings the one that is repeated
    ({"og": "Bridge reopens", "headings": ("Most read", "Bridge reopens", "Weather")}, "Bridge reopens"),
    ({"og": "Bridge reopens", "headings": ("Most read", "Weather")}, "Bridge reopens"),
    # no headline
    ({"og": "Bridge reopens", "headings": ("Valley Post",)}, "Bridge reopens"),
    ({"og": "Bridge reopens", "headings": ("valley-post.example",)}, "Bridge reopens"),
    ({"og": "Bridge reopens to lorries", "headings": ("BRIDGE REOPENED TO LORRIES",)}, "Bridge reopens to lorries"),
    ({"og": "Bridge reopens", "headings": ("…",)}, "Bridge reopens"),
    # one headline in two spellings
    ({"og": "Bridge ‘reopens’ to lorries", "headings": ("BRIDGE 'REOPENS' TO LORRIES",)}, "Bridge ‘reopens’ to lorries"),
    # kickers and counts in elements of their own
    ({"og": "Bridge reopens to lorries", "headings": ("<span>Valley traffic</span> Bridge reopens to lorries",)}, "Bridge reopens to lorries"),
    ({"og": "Bridge reopens to lorries", "headings": ("Bridge reopens to lorries <i>87</i>",)}, "Bridge reopens to lorries"),
    ({"headings": ("<span>Valley traffic</span><b>Bridge reopens</b>",)}, "Valley traffic Bridge reopens"),
    ({"headings": ("Bridge<br>reopens",)}, "Bridge reopens"),
    # cut short, escaped, hyphenated
    ({"json_ld": "Bridge reopens to lorries…", "headings": ("Bridge reopens to lorries from the north",)}, "Bridge reopens to lorries from the north"),
    ({"json_ld": "Bridge &amp;quot;reopens&amp;quot;", "headings": ('Bridge "reopens"',)}, 'Bridge "reopens"'),
    ({"og": "Bridge reopens", "headings": ("Bri\u00addge re\u00adopens",)}, "Bridge reopens"),
    # next to nothing
    ({"element": "Bridge reopens | Valley Post"}, "Bridge reopens"),
    ({"element": "Bridge reopens - Valley Post", "site": None}, "Bridge reopens"),  # the address names the site too
    ({}, None),
]  # fmt: skip


@pytest.mark.parametrize(("page", "expected"), TITLES)
def test_the_headline_that_places_agree_on(page, expected):
    assert stated(**page).title == expected


def test_the_heading_is_known_where_the_title_is_worded_otherwise():
    found = stated(
        json_ld="Bridge reopens at last", og="Bridge reopens at last", headings=("Bridge at last reopens",)
    )
    assert (found.title, found.heading) == ("Bridge reopens at last", "Bridge at last reopens")


def test_every_claim_is_evidence_with_its_place():
    found = stated(json_ld="Bridge reopens", og="Bridge reopens | Valley Post", headings=("Bridge reopens",))
    assert [
        (claim.origin, claim.value, claim.text) for claim in found.evidence if claim.field == "title"
    ] == [
        ("json-ld", "Bridge reopens", "Bridge reopens"),
        ("og", "Bridge reopens", "Bridge reopens | Valley Post"),
        ("heading", "Bridge reopens", "Bridge reopens"),
    ]
