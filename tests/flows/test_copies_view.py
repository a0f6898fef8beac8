"""What `nightwire copies` shows: who carries a text, and side by side what became of its words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from articles.errors import NightwireError
from articles.records import DatePrecision
from flows.carrying import Carrying, carriers_in, carrying_json
from flows.side_by_side import show_carrying
from tests.warehouse.pages import known_source, load, page, prose
from warehouse import Lake, carrier_lookup, publish, store_sources

LEDE = "The ferry between the two banks will run at night from Sunday, the harbour office said, for the first time in years."
PRICE = "A crossing costs four marks for a person and eleven for a cart, whichever bank it starts from and whatever it holds."
WAIT = "Traders on the eastern bank have asked for it since the bridge was closed, and some had stopped believing in it."
TEA = "The tea house beside the landing will stay open until the last boat, its owner told this newspaper with a sigh."
WIRE = "\n".join([LEDE, PRICE, WAIT, prose(3, paragraphs=1, words=80)])
TRIMMED = "\n".join([LEDE.replace("Sunday", "Monday morning"), WAIT, TEA, prose(3, paragraphs=1, words=80)])
ARABIC = (
    "قالت سلطات الميناء إن العبارة ستعمل ليلا ابتداء من يوم الأحد للمرة الأولى منذ سنوات طويلة بين ضفتي النهر الكبير.\n"
    "وطالب التجار في الضفة الشرقية بذلك منذ إغلاق الجسر القديم في الشتاء الماضي ولم يعد كثير منهم يصدق الوعود المتكررة.\n"
    "وتبلغ كلفة العبور أربعة دراهم للشخص الواحد وأحد عشر درهما للعربة أيا كانت حمولتها ومن أي ضفة انطلقت في ذلك اليوم."
)
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")  # colours, which rich itself writes


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A wire story, a copy trimmed and reworded, one whole and hostile, an Arabic pair, and a text of nobody else."""
    lake = Lake.create_or_open(tmp_path_factory.mktemp("copies") / "lake")
    store_sources(
        lake, [known_source("zz_wire", "Ferry Wire", "ZW"), known_source("zz_trim", "Bank & Bridge", "ZZ")]
    )
    load(
        lake,
        page("a", WIRE, source="zz_wire", title="Ferry to run at night", agency="Reuters", agency_rule="byline.agency",
             published_at=datetime(2026, 11, 19, 8, 30, tzinfo=UTC), published_precision=DatePrecision.MINUTE,
             published_date=date(2026, 11, 19)),
        page("b", TRIMMED, source="zz_trim", title="Night boats, tea and a sigh"),
        page("c", WIRE, source="zz_odd", title="Ferry to\x1b[2J run \u202eat night", published_date=None,
             published_precision=DatePrecision.UNKNOWN, hours=9, agency="Reuters", agency_rule="dateline.agency"),
        page("d", ARABIC, source="zz_misr", title="عبارة ليلية", language="ar", agency="SPA",
             agency_rule="byline.agency"),
        page("e", ARABIC.replace("الأحد", "الإثنين"), source="zz_sham", title="العبّارة ليلا", language="ar", hours=1,
             agency="AFP", agency_rule="tail.agency"),
        page("f", prose(9), source="zz_own", title="Nobody's but ours"),
        page("g", [prose(10), prose(11)], source="zz_two"),
        page("zz_early", prose(20, paragraphs=6), source="zz_early", published_date=date(2026, 11, 19),
             published_at=datetime(2026, 11, 19, 7, tzinfo=UTC)),
        page("zz_late", prose(20, paragraphs=6), source="zz_late",
             published_at=datetime(2026, 11, 20, 7, tzinfo=UTC)),
        page("stray", prose(30), source="zz_stray", title="Of their group, by a page that holds both"),
    )  # fmt: skip
    with lake.connection() as connection:
        connection.execute(
            "update copy_members set copy_group_id = (select copy_group_id from copy_members "
            "where member_source = 'zz_late') where member_source = 'zz_stray'"
        )
    publish(lake)
    lake.close()
    return lake.home


@pytest.fixture(scope="module")
def found(home: Path) -> Iterator[Callable[..., Sequence[Carrying]]]:
    """What is found; the lake is opened once, and the same question asked once."""
    with carrier_lookup(home) as lookup:
        yield cache(lambda what, against: list(carriers_in(lookup, what, against=against, newsroom=None)))


@pytest.fixture
def shown(found: Callable[..., Sequence[Carrying]]) -> Callable[..., str]:
    def show(what: str, *, width: int = 120, against: str | None = None, colour: bool = False) -> str:
        out = StringIO()
        console = Console(
            file=out, width=width, soft_wrap=True, highlight=False, force_terminal=colour,
            color_system="standard" if colour else None,
        )  # fmt: skip
        for one in found(what, against):
            show_carrying(console, one)
        return out.getvalue()

    return show


def url(source: str, name: str) -> str:
    return f"http://{source.replace('_', '-')}.example/{name}"


def test_the_head_says_what_was_asked_and_where_was_looked(shown):
    headline, facts, whose, searched, *_ = shown(url("zz_wire", "a")).splitlines()
    assert headline == "Ferry to run at night"
    assert facts.startswith("Ferry Wire (ZW) · 2026-11-19 08:30 UTC · ")
    assert "Reuters (byline.agency)" in facts
    assert whose == "whose text: Reuters, named by 2 of 3 pages (byline.agency, dateline.agency)"
    assert searched.startswith("2 carry this text: 11 articles searched, first seen 2026-11-21")


def test_each_carrier_is_a_line_with_its_headline_where_it_differs(shown):
    lines = shown(url("zz_wire", "a"), width=200).splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith(" 1  "))
    assert lines[first - 1] == " →  Ferry Wire (ZW)     2026-11-19 08:30 UTC       this text"
    assert lines[first].startswith(" 1  Bank & Bridge (ZZ)  2026-11-20 (day)")
    assert "syndicated" in lines[first]
    assert lines[first + 1].strip() == "Night boats, tea and a sigh"
    assert lines[first + 2].startswith(" 2  zz_odd              seen 2026-11-21 12:00 UTC  identical")
    assert "100% kept  0 words added" in lines[first + 2]
    assert lines[first + 3].strip() == "Ferry to[2J run at night"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("zz_late", "likely the original (65%, by the dates)"),
        ("zz_early", "likely the copy (65%, by the dates)"),
    ],
)
def test_who_took_it_from_whom_is_told_with_what_tells_it(shown, asked, said):
    assert said in shown(url(asked, asked), width=200)


def test_who_credits_one_agency_took_it_from_the_agency_and_others_are_not_said_to_have(shown):
    """The agency's own page is not in the lake; what the pages say is still known, and by which rule."""
    odd, trim = (
        next(line for line in shown(url("zz_wire", "a"), width=200).splitlines() if name in line)
        for name in ("zz_odd", "Bank & Bridge")
    )
    assert "both credit Reuters" in odd
    assert odd.endswith("Reuters (dateline.agency)")
    assert "direction unknown" in trim
    assert trim.endswith("no agency")
    text = shown(url("zz_misr", "d"), width=200)
    assert (
        "whose text: the pages disagree: SPA, named by 1 of 2 pages (byline.agency); AFP, named by 1" in text
    )
    assert "credits AFP, this text SPA" in text


def test_who_is_in_the_group_by_another_text_is_not_said_to_carry_this_one(shown):
    text = shown(url("zz_late", "zz_late"), width=200)
    assert "\n1 carries this text: " in text
    group = text[text.index("in its copy group by another member's text") :].splitlines()
    assert group[1].startswith(" 2  zz_stray")
    assert "no copy" in group[1]
    assert "0% kept" in group[1]


def test_programs_get_all_of_it_as_json(found):
    (one,) = found(url("zz_wire", "a"), None)
    said = json.loads(carrying_json(one))
    assert said["asked"]["headline"] == "Ferry to run at night"
    assert [(who["publisher"], who["relation"], who["number"]) for who in said["carriers"]] == [
        ("Bank & Bridge", "syndicated", 1),
        ("zz_odd", "identical", 2),
    ]
    assert said["credited"][0] == {
        "agency": "Reuters",
        "rules": ["byline.agency", "dateline.agency"],
        "page_count": 2,
        "own_page": None,
    }
    assert said["not_shown"] == {"carriers": 0, "grouped": 0, "excerpts": 0}
    words = [
        "".join(piece["text"] for row in said["side_by_side"]["rows"] for text in row[side] for piece in text)
        for side in ("left", "right")
    ]
    assert ["".join(text.split()) for text in words] == ["".join(text.split()) for text in (WIRE, TRIMMED)]


def test_no_more_are_listed_than_asked_for_and_the_others_are_counted(home):
    with carrier_lookup(home) as lookup:
        (few,) = carriers_in(lookup, url("zz_wire", "a"), against=None, newsroom=None, shown=1)
        (every,) = carriers_in(lookup, url("zz_wire", "a"), against=None, newsroom=None, shown=None)
    assert (len(few.carriers.shown), few.carriers.more) == (1, 1)
    assert (len(every.carriers.shown), every.carriers.more) == (2, 0)


@pytest.mark.parametrize(
    "asked",
    [
        "zz-wire.example/a",
        "HTTP://ZZ-WIRE.example/a",
        "https://www.zz-wire.example/a/?utm_source=x&fbclid=1#comments",
        " http://zz-wire.example/a ",
    ],
)
def test_an_address_is_found_however_it_was_copied(found, asked):
    assert [one.asked.headline for one in found(asked, None)] == ["Ferry to run at night"]


def test_an_id_is_found_in_capitals(found, home):
    (one,) = found(url("zz_wire", "a"), None)
    assert found(str(one.asked.article_id).upper(), None)[0].asked == one.asked


def test_where_nothing_was_compared_nobody_is_not_the_answer(home, monkeypatch):
    monkeypatch.setattr("warehouse.carriers.METHOD_VERSION", "of a later program")
    out = StringIO()
    with carrier_lookup(home) as lookup:
        for one in carriers_in(lookup, url("zz_own", "f"), against=None, newsroom=None):
            show_carrying(Console(file=out, width=200), one)
    assert "not known who carries this text: none of the 11 articles" in out.getvalue()
    assert "nobody" not in out.getvalue()


def test_a_lake_of_an_older_program_is_said_to_be_one(home):
    said = r"cannot be asked who carries a text.*an older Nightwire"
    with pytest.raises(NightwireError, match=said), carrier_lookup(home) as lookup:
        lookup._connection.execute("select column_of_next_year from copies")


def test_two_texts_stand_side_by_side_with_marks_where_there_is_no_colour(shown):
    text = shown(url("zz_wire", "a"), width=120, against="1")
    assert "[!Sunday,!]" in text
    assert "{!Monday morning,!}" in text
    cut, added = (
        next(line for line in text.splitlines() if sign in line) for sign in ("[-A crossing", "{+The tea")
    )
    assert (cut[:12], cut[-1]) == ("[-A crossing", "│")
    assert (added[:1], "│ {+The tea" in added) == (" ", True)
    kept, *_ = (line for line in text.splitlines() if line.startswith("Traders"))
    assert "│ Traders" in kept
    assert "\x1b" not in text


def test_where_there_is_colour_there_are_no_marks(shown):
    text = shown(url("zz_wire", "a"), against="1", colour=True)
    assert "[-A crossing" not in text
    assert "\x1b[31mA crossing" in text
    assert "\x1b[33mMonday morning," in text.replace("\x1b[0m", "")
    assert ESCAPES.sub("", text).count("\x1b") == 0


@pytest.mark.parametrize("width", [40, 80, 99])
def test_on_a_narrow_terminal_the_one_stands_below_the_other_and_what_both_keep_once(shown, width):
    text = shown(url("zz_wire", "a"), width=width, against="1")
    beside = text[text.index("side by side") :].splitlines()[3:]
    assert all(cell_len(line) <= width for line in beside)
    assert [line[:3] for line in beside if "Traders" in line] == ["= │"]
    assert [line[:8] for line in beside if "[-A " in line] == ["1 │ [-A "]
    assert [line[:8] for line in beside if "{+The" in line] == ["2 │ {+Th"]


@pytest.mark.parametrize("width", [100, 120, 200])
def test_no_line_of_two_columns_is_wider_than_the_terminal(shown, width):
    text = shown(url("zz_wire", "a"), width=width, against="1")
    beside = text[text.index("side by side") :].splitlines()[3:]
    assert all(cell_len(line) <= width for line in beside)
    assert len({line.index("│") for line in beside if "│" in line}) == 1


def test_arabic_texts_stand_one_below_the_other_however_wide_the_terminal(shown):
    """In two columns a terminal that turns the writing direction would swap them."""
    text = shown(url("zz_misr", "d"), width=200)
    assert "1 │ " in text
    assert "[!الأحد!]" in text
    assert "{!الإثنين!}" in text
    assert text.count("= │ ") >= 2


@pytest.mark.parametrize("width", [60, 120])
def test_nothing_that_a_terminal_obeys_is_printed(shown, width):
    text = shown(url("zz_odd", "c"), width=width)
    assert "Ferry to[2J run at night" in text
    assert not set(text) & set("\x1b\u202e\r\x07")


def test_equal_texts_are_said_to_be_and_not_printed_twice(shown):
    text = shown(url("zz_wire", "a"), against="2")
    assert "print the same" in text
    assert "Traders" not in text


def test_the_one_a_text_was_taken_from_stands_on_the_left_whoever_is_asked(shown):
    for asked in (url("zz_wire", "a"), url("zz_trim", "b")):
        text = shown(asked, against="1")
        assert "[-A crossing" in text
        assert "{+The tea" in text


def test_a_file_is_looked_up_and_not_stored(shown, home, tmp_path):
    file = tmp_path / "pasted.txt"
    file.write_text(f"Ferry at night\n\n{LEDE}\n\n{WAIT}\n\n{PRICE}\n\n{prose(4, paragraphs=1, words=40)}\n")
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()}
    text = shown(str(file), width=200)
    assert "not in the lake" in text
    assert "Ferry Wire (ZW)" in text
    assert "direction unknown" in text
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file()} == before


def test_a_text_that_nobody_carries_says_where_was_looked(shown):
    lines = shown(url("zz_own", "f")).splitlines()
    assert lines[2] == "nobody else carries this text: 11 articles searched, first seen 2026-11-21"
    assert not "".join(lines[3:])


@pytest.mark.parametrize(
    ("what", "against", "message"),
    [
        ("http://zz-two.example/g", None, "holds 2 articles; name one by its id:\n  [0-9a-f]{32}  part 0"),
        ("http://zz-wire.example/none", None, "knows no article at"),
        ("f" * 32, None, "holds no article ffff"),
        ("no/such.txt", None, "cannot read no/such.txt: No such file"),
        ("nonsense", None, "no article's id .32 hexadecimal digits., no address .* no such file"),
        ("/", None, "cannot read /: it is a folder; name one file of it"),
        (
            "http://zz-wire.example/a",
            "7",
            "--against 7 is nobody that carries this text; give a number from 1 to 2",
        ),
        ("http://zz-own.example/f", "1", "nobody carries it"),
    ],
)
def test_what_cannot_be_answered_is_said_with_what_to_do(shown, what, against, message):
    with pytest.raises(NightwireError, match=message):
        shown(what, against=against)


def test_a_file_without_an_article_says_how_to_see_why(shown, tmp_path):
    (tmp_path / "empty.txt").write_text("")
    with pytest.raises(
        NightwireError, match=r"holds no article; see why with: nightwire explain .*empty\.txt"
    ):
        shown(str(tmp_path / "empty.txt"))


def test_the_verb_prints_it_for_a_program(nightwire, home):
    done = nightwire("copies", url("zz_trim", "b"), "--width", "80", "--against", "1", lake=home)
    assert done.returncode == 0, done.stderr
    assert "Night boats, tea and a sigh" in done.stdout
    assert "1 │ [-A crossing" in done.stdout
