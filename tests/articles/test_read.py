"""The door: any bytes in, articles and an account of everything else out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from articles import READER_VERSION, TEXT_KINDS, Article, BlockKind, Reading, Reason, Source, read_page

KARSAN = Source(name="zz_karsan_post", publisher="Karsan Post", zone=ZoneInfo("Asia/Karachi"))
URL = "http://karsan-post.example/2031/03/12/old-bridge-reopens"
STORY = [
    "VERNE — The old stone bridge over the Talla reopened on Monday after three months of repairs, and a queue of carts formed.",
    "The mayor told traders that the toll would stay where it was until the harvest, and that lorries must wait for summer.",
    "Engineers who inspected the middle arch said the new mortar would need two summers to harden, whatever the council wished.",
    "The provincial council will meet next week to decide whether the bridge may be used at night, its clerk said on Tuesday.",
]
OTHER = [
    "Fishermen of the northern lake pulled an unknown drum from their nets on Thursday and carried it to the harbour office.",
    "Divers searched the shallow water for further drums, but a storm drove them back before anything else had been found.",
    "Chemists from the university opened the drum in a shed and declared its contents to be nothing worse than old paint.",
    "Nobody in the harbour remembered a vessel with such a cargo, although several families had lost boats in that storm.",
]


def paragraphs(story: list[str]) -> str:
    return "".join(f"<p>{escape(text)}</p>" for text in story)


def page(body: str, head: str = "") -> bytes:
    return f"<!DOCTYPE html><html lang='en'><head>{head}</head><body>{body}</body></html>".encode()


def read_html(body: str, head: str = "") -> Reading:
    return read_page(page(body, head), url=URL, content_type="text/html; charset=utf-8", source=KARSAN)


def all_texts(reading: Reading) -> list[str]:
    blocks = [*reading.chrome, *(block for article in reading.articles for block in article.blocks)]
    blocks.sort(key=lambda block: block.position)
    assert [block.position for block in blocks] == list(range(len(blocks)))
    return [block.text for block in blocks]


def letters(text: str) -> str:
    return "".join(text.split())


def check_articles(reading: Reading) -> None:
    for part, article in enumerate(reading.articles):
        assert article.part == part
        assert article.text == "\n".join(block.text for block in article.blocks if block.kind in TEXT_KINDS)
        assert article.text
    assert bool(reading.articles) != bool(reading.rejected)


LINES = st.lists(
    st.one_of(
        st.sampled_from(
            [
                *STORY,
                *OTHER,
                "TT",
                "|",
                "Read more: The ferry",
                "Dear reader,",
                "12 March 2031",
                "By Samira Holt",
            ]
        ),
        st.text(max_size=60),
    ),
    max_size=25,
)


@given(LINES)
@settings(max_examples=150, deadline=None)
def test_text_and_ledger_are_every_line_of_a_text(lines):
    text = "\n".join(lines)
    reading = read_page(text.encode("utf-8", "replace"), url=None, content_type="text/plain; charset=utf-8")
    if reading.encoding is not None:
        check_articles(reading)
        clean = "".join(
            c
            for c in text.encode("utf-8", "replace").decode()
            if c not in map(chr, [*range(9), *range(14, 32), 127, 0xFEFF])
        )
        assert all_texts(reading) == [" ".join(line.split()) for line in clean.splitlines() if line.split()]


def wrap(tagged: tuple[str, str]) -> str:
    tag, inner = tagged
    return f"<{tag}>{inner}</{tag.split()[0]}>"


WORDS = st.sampled_from(
    [*STORY, *OTHER, "Share", "Photo: Odile Marsh", "More from the lake", "x & z", "جسر قديم", "two words"]
)
INLINE = st.recursive(
    WORDS.map(escape),
    lambda inner: st.tuples(st.sampled_from(["a", "em", "span class='credit'", "strong"]), inner).map(wrap),
    max_leaves=3,
)


BLOCKS = st.recursive(
    st.tuples(
        st.sampled_from(["p", "h1", "h2", "div class='related'", "li", "figcaption", "td", "footer"]), INLINE
    ).map(wrap),
    lambda inner: st.tuples(
        st.sampled_from(
            ["div", "article", "section class='newsletter'", "aside", "figure", "nav", "div id='body-text'"]
        ),
        st.lists(inner, min_size=1, max_size=6).map("<br>".join),
    ).map(wrap),
    max_leaves=14,
)


@given(
    st.lists(BLOCKS, max_size=8).map("".join),
    st.sampled_from(["", "<script>var hidden = 1;</script>", "<p hidden>hidden</p>"]),
)
@settings(max_examples=120, deadline=None)
def test_text_and_ledger_are_everything_visible_on_a_page(body, hidden):
    reading = read_html(hidden + body)
    check_articles(reading)
    visible = html.document_fromstring(f"<html><body>{body}</body></html>").text_content()
    assert letters("".join(all_texts(reading))) == letters(visible)


@given(
    st.binary(max_size=3_000),
    st.sampled_from([None, "text/html", "text/plain", "application/json", "application/pdf", "x"]),
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_rejected_and_never_raise(body, content_type):
    reading = read_page(body, url=None, content_type=content_type)
    assert reading.reader_version == READER_VERSION
    check_articles(reading)


def test_a_page_becomes_an_article_with_its_metadata():
    head = (
        "<title>Old bridge reopens | Karsan Post</title>"
        "<link rel='canonical' href='http://karsan-post.example/old-bridge'>"
        "<script type='application/ld+json'>"
        + json.dumps(
            {
                "@type": "NewsArticle",
                "headline": "Old bridge reopens",
                "datePublished": "2031-03-12T09:15:00+05:00",
                "author": [{"@type": "Person", "name": "Samira Holt"}],
            }
        )
        + "</script>"
    )
    body = (
        "<nav><a href='/'>Front page</a></nav><main><h1>Old bridge reopens</h1><p class='standfirst'>Traders rejoice</p>"
        "<figure><img src='a.jpg'><figcaption>Carts on the bridge</figcaption></figure>"
        + paragraphs(STORY[:2])
        + "<p>Read more: <a href='/x'>Ferry owners ask who pays</a></p>"
        + paragraphs(STORY[2:])
        + "<p><em>The writer is a retired engineer in Verne.</em></p></main><footer>© Karsan Post</footer>"
    )
    (article,) = read_html(body, head).articles

    assert article.text.split("\n") == STORY
    assert article.title == "Old bridge reopens"
    assert article.authors == ("Samira Holt",)
    assert article.published_at == datetime(2031, 3, 12, 4, 15, tzinfo=UTC)
    assert article.published_date == date(2031, 3, 12)
    assert article.published_from == "json-ld"
    assert article.canonical_url == "http://karsan-post.example/old-bridge"
    assert article.dateline == "VERNE"
    assert article.language == "en"
    kinds = {block.text: block.kind for block in article.blocks}
    assert kinds["Old bridge reopens"] is BlockKind.TITLE
    assert kinds["Traders rejoice"] is BlockKind.DEK
    assert kinds["Carts on the bridge"] is BlockKind.CAPTION
    assert kinds["Read more: Ferry owners ask who pays"] is BlockKind.RELATED
    assert kinds["The writer is a retired engineer in Verne."] is BlockKind.BIO


@pytest.mark.parametrize(
    "ld",
    [
        "[" * 100_000,
        "{" + '"a":{' * 50_000,
        '{"@type": 5, "author": 7}',
        '{"@type":"NewsArticle","headline":["x"],"author":{"name":{}},"datePublished":20310312}',
        "9" * 100_000,
    ],
)
def test_broken_json_ld_costs_nothing_but_itself(ld):
    body = f"<h1>Old bridge reopens</h1>{paragraphs(STORY)}"
    (article,) = read_html(body, f"<script type='application/ld+json'>{ld}</script>").articles
    assert article.title == "Old bridge reopens"
    assert article.text.split("\n") == STORY


@pytest.mark.parametrize(
    "canonical", ["http://elsewhere.example/a", "/", "http://karsan-post.example/", "http://[broken"]
)
def test_a_canonical_address_of_another_site_or_the_front_page_is_not_believed(canonical):
    (article,) = read_html(paragraphs(STORY), f"<link rel=canonical href='{canonical}'>").articles
    assert article.canonical_url is None


def test_a_page_that_scrolls_on_holds_two_articles():
    body = "".join(
        f"<article><h1>{title}</h1>{paragraphs(story)}</article>"
        for title, story in (("Old bridge reopens", STORY), ("Drum found in the lake", OTHER))
    )
    first, second = read_html(f"<main>{body}</main>").articles
    assert (first.title, first.text.split("\n")) == ("Old bridge reopens", STORY)
    assert (second.title, second.text.split("\n"), second.part) == ("Drum found in the lake", OTHER, 1)
    assert first.article_id != second.article_id


def test_sections_of_one_article_stay_together():
    body = f"<article><h1>Old bridge reopens</h1>{paragraphs(STORY)}<h2>What comes next</h2>{paragraphs(OTHER)}</article>"
    (article,) = read_html(body).articles
    assert article.text.split("\n") == [*STORY, "What comes next", *OTHER]


def test_a_glued_text_is_cut_at_a_head_printed_twice():
    heads = [
        ["Old bridge reopens", "Carts on the bridge.", "Carts on the bridge.", "Old bridge reopens"],
        ["Drum found", "A drum.", "A drum.", "Drum found"],
    ]
    text = "\n".join([*heads[0], *STORY, *heads[1], *OTHER])
    first, second = read_page(text.encode(), url=None, content_type="text/plain").articles
    assert (first.title, second.title) == ("Old bridge reopens", "Drum found")
    assert (first.text.split("\n"), second.text.split("\n")) == (STORY, OTHER)
    assert [block.kind for block in second.blocks[:4]] == [
        BlockKind.TITLE,
        BlockKind.CAPTION,
        BlockKind.REPEAT,
        BlockKind.REPEAT,
    ]


def test_the_same_article_keeps_its_id_from_page_record_and_twin_address():
    record = {"text": "\n".join(STORY), "source": KARSAN.name, "url": URL, "title": "Old bridge reopens"}

    def read(body: bytes, content_type: str, url: str = URL) -> Article:
        (article,) = read_page(body, url=url, content_type=content_type, source=KARSAN).articles
        return article

    from_page = read(page(paragraphs(STORY)), "text/html")
    from_record = read(json.dumps(record).encode(), "application/json")
    from_twin = read(page(paragraphs(STORY)), "text/html", URL + "?utm_source=mail")
    assert from_page.article_id == from_record.article_id == from_twin.article_id


def test_articles_whose_pages_call_one_address_their_own_stay_apart_by_number():
    """A template that prints the address of a list as canonical must not make one article of a whole source."""
    source = replace(KARSAN, article_id_pattern=r"/story/(\d+)")
    ids = set()
    for number in (7, 8):
        body = page(paragraphs(STORY), "<link rel=canonical href='/latest'>")
        url = f"http://karsan-post.example/story/{number}"
        (article,) = read_page(body, url=url, content_type="text/html", source=source).articles
        assert article.canonical_url == "http://karsan-post.example/latest"
        ids.add(article.article_id)
    assert len(ids) == 2


def test_a_record_declares_and_is_believed():
    record = {
        "text": "\n".join(["Another headline", *STORY]),
        "source": "zz_other",
        "url": URL,
        "title": "Old bridge reopens",
        "published": "2031-03-11",
        "authors": ["Odile Marsh"],
        "language": "en",
    }
    (article,) = read_page(json.dumps(record).encode(), url=None, content_type="application/json").articles
    assert (article.title, article.source, article.url) == ("Old bridge reopens", "zz_other", URL)
    assert article.authors == ("Odile Marsh",)
    assert (article.published_date, article.published_from) == (date(2031, 3, 11), "record")


@pytest.mark.parametrize(
    ("row", "named"),
    [
        ('{"title": "x"}', "'text'"),
        ('{"text": 5}', "'text'"),
        ("[1]", "'text'"),
        ("{", "JSON"),
        ('{"text": " "}', "'text'"),
        ('{"text":"a","authors":[1]}', "'authors'"),
    ],
)
def test_a_row_that_is_no_record_is_rejected_naming_the_key(row, named):
    (rejected,) = read_page(row.encode(), url=None, content_type="application/json").rejected
    assert rejected.reason in {Reason.UNREADABLE, Reason.EMPTY}
    assert named in rejected.detail


TEASERS = "".join(f"<li><a href='/{n}'>{text[:60]}</a></li>" for n, text in enumerate([*STORY, *OTHER] * 3))


@pytest.mark.parametrize(
    ("body", "head", "reason"),
    [
        (
            "<h1>Just a moment...</h1><p>Checking your browser before accessing karsan-post.example.</p>",
            "",
            Reason.CHALLENGE_PAGE,
        ),
        (
            "<p>Please enable JavaScript and cookies to continue</p>",
            "<script>1</script>",
            Reason.CHALLENGE_PAGE,
        ),
        ("<p>التحقق من أنك لست روبوت</p>", "", Reason.CHALLENGE_PAGE),
        ("<div id='root'></div>", "<script src='app.js'></script>", Reason.NOT_AN_ARTICLE),
        (
            "<div id='root'></div><p>You need to enable JavaScript to run this app.</p>",
            "<script></script>",
            Reason.NOT_AN_ARTICLE,
        ),
        (
            "<h1>Page not found</h1><p>Sorry, the page you are looking for may have moved.</p>",
            "",
            Reason.NOT_AN_ARTICLE,
        ),
        (f"<h1>World</h1><ul>{TEASERS}</ul>", "", Reason.NOT_AN_ARTICLE),
        (
            "<h1>Old bridge reopens</h1><p>The old bridge…</p><p>Subscribe to continue reading.</p>",
            "",
            Reason.PAYWALLED,
        ),
        ("<h1>Old bridge reopens</h1><p>Soon.</p>", "", Reason.TOO_SHORT),
        ("", "", Reason.TOO_SHORT),
    ],
)
def test_a_page_that_is_no_article_says_why_and_keeps_its_blocks(body, head, reason):
    reading = read_html(body, head)
    assert reading.articles == ()
    (rejected,) = reading.rejected
    assert (rejected.reason, rejected.stage) == (reason, "read")
    assert rejected.detail
    all_texts(reading)


def test_a_page_of_too_many_elements_is_refused_before_it_costs_anything():
    (rejected,) = read_html("<br>" * 100_100).rejected
    assert rejected.reason is Reason.TOO_LARGE


def test_text_hidden_until_a_script_shows_it_is_read():
    (article,) = read_html(
        f"<div style='visibility:hidden'><article>{paragraphs(STORY)}</article></div>"
    ).articles
    assert article.text.split("\n") == STORY


def test_blanks_that_are_no_ascii_are_no_article():
    reading = read_page(" \u3000 ".encode(), url=None, content_type=None)
    assert (reading.articles, reading.chrome, reading.rejected[0].reason) == ((), (), Reason.TOO_SHORT)


def test_nothing_is_guessed():
    (article,) = read_page("\n".join(STORY).encode(), url=None, content_type="text/plain").articles
    assert (
        article.title,
        article.url,
        article.canonical_url,
        article.published_at,
        article.published_date,
    ) == (None,) * 5
    assert (article.authors, article.agency, article.source, article.modified_at) == ((), None, None, None)


APPEAL = "<p>You have read 2 of 4 free stories this month.</p>"
CLOSED = (
    '<script type="application/ld+json">{"@type": "NewsArticle", "isAccessibleForFree": "False"}</script>'
)


@pytest.mark.parametrize(
    ("story", "below", "is_whole"),
    [
        (STORY[:2], APPEAL, True),
        ([STORY[0], "The mayor told traders that the toll would stay where it was until"], APPEAL, False),
        ([STORY[0], "The mayor told traders that the toll would stay where it was …"], APPEAL, False),
        (STORY[:2], "<p>This article is for subscribers. Already a subscriber? Sign in.</p>", False),
    ],
    ids=["whole", "no stop", "three dots", "wall"],
)
def test_a_short_flash_beside_an_appeal_is_an_article_and_a_stub_is_not(story, below, is_whole):
    reading = read_html(f"<article><h1>Old bridge reopens</h1>{paragraphs(story)}</article>{below}", CLOSED)
    assert [found.reason for found in reading.rejected] == ([] if is_whole else [Reason.PAYWALLED])


SITE_LINES = "".join(
    f"<li>{line}</li>"
    for line in (
        "Publisher: Talla Printing House, 4 Mill Lane, Verne",
        "Newsroom: open on weekdays from nine to five, by telephone only",
        "Advertising: ask for the rates at the counter on the ground floor",
        "Privacy, cookies and what we do with your letters",
    )
)


@pytest.mark.parametrize(
    ("head", "is_article"),
    [
        ('<meta property="og:type" content="website">', False),
        ('<script type="application/ld+json">{"@type": "AboutPage", "name": "About us"}</script>', False),
        ('<meta property="og:type" content="website"><meta name="date" content="2031-03-12">', True),
        ('<meta property="og:type" content="website"><meta name="author" content="Samira Holt">', True),
        ('<meta property="og:type" content="article">', True),
    ],
    ids=["website", "about page", "dated", "signed", "article"],
)
def test_a_page_about_the_paper_is_no_article(head, is_article):
    reading = read_html(f"<div><h1>About the Post</h1><ul>{SITE_LINES}</ul></div>", head)
    assert [found.reason for found in reading.rejected] == ([] if is_article else [Reason.NOT_AN_ARTICLE])


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Karsan Post: Old bridge reopens", "Old bridge reopens"),
        ("Old bridge reopens - Karsan Post", "Old bridge reopens"),
        ("Karsan Police Post: a visit", "Karsan Police Post: a visit"),
        ("Karsan: a bridge for two towns", "Karsan: a bridge for two towns"),
    ],
)
def test_the_paper_is_cut_off_its_headline_and_a_topic_is_not(title, expected):
    assert read_html(paragraphs(STORY), f"<title>{title}</title>").articles[0].title == expected


def test_a_date_and_a_name_in_one_row_give_the_day():
    (article,) = read_html(
        "<div><div>Old bridge reopens</div><div><span>Wednesday, March 12, 2031 19:30</span> "
        f"<span class='writer'>Samira Holt</span></div>{paragraphs(STORY)}</div>",
        "<title>Old bridge reopens</title>",
    ).articles
    assert article.published_at == datetime(2031, 3, 12, 14, 30, tzinfo=UTC)
    assert article.authors == ("Samira Holt",)


@pytest.mark.parametrize(
    ("box", "authors"),
    [
        ("<span class='writer'>Samira Holt - Verne</span>", ("Samira Holt",)),
        ("<a rel='author'>Samira Holt</a>", ("Samira Holt",)),
        ("<span class='byline'>Karsan Post</span>", ()),
        ("<span class='byline'>By our staff reporter</span>", ()),
        ("<div class='author'><b>Samira Holt</b><i>Follow</i></div>", ()),
        ("<span class='teaser'>Samira Holt</span>", ()),
    ],
)
def test_an_author_is_read_from_a_box_that_says_so(box, authors):
    reading = read_html(f"<header>{box}</header><h1>Old bridge reopens</h1>{paragraphs(STORY)}")
    assert reading.articles[0].authors == authors


def test_the_last_line_about_the_author_is_a_bio():
    last = "Samira Holt keeps bees in Verne and mends the clocks of three villages."
    lines = f"<h1>Old bridge reopens</h1><p>By Samira Holt</p>{paragraphs(STORY)}<p>{last}</p>"
    (article,) = read_html(lines).articles
    assert {block.kind for block in article.blocks if block.text == last} == {BlockKind.BIO}
    (article,) = read_html(lines.replace("By Samira Holt", "By Odile Marsh")).articles
    assert {block.kind for block in article.blocks if block.text == last} == {BlockKind.BODY}


def test_articles_glued_inside_one_page_are_cut_at_a_heading_printed_twice():
    """Headline and caption, a button, and both again, as pages print them that load one story after the other."""
    head = "<h1>Unknown drum found in lake</h1><div class='cap'>The drum on the quay of the harbour</div>"
    glued = f"<h1>Old bridge reopens</h1>{paragraphs(STORY)}{head}<div>Aa</div>{head}{paragraphs(OTHER)}"
    marked = '<meta property="og:type" content="article">'
    first, second = read_html(f"<div>{glued}</div>", marked).articles
    assert first.text == "\n".join(STORY)
    assert (second.title, second.text) == ("Unknown drum found in lake", "\n".join(OTHER))
    assert len(read_html(f"<div>{glued.replace('h1', 'div')}</div>", marked).articles) == 1
