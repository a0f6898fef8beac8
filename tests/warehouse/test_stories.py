"""Stories: which texts of one night are about one happening, why, and what stays when the night is run again."""

from __future__ import annotations

import hashlib
import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import count
from pathlib import Path

import pytest

from tests.warehouse.killing import table_hashes
from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import KnownSource, Lake, StoryCounts, find_stories, run_checks, store_sources, stories

TODAY = date(2026, 11, 20)
BULLETINS = {  # what is printed every day in the same words, about another town
    "attack": (
        "Gunmen kill {number} soldiers near {town}",
        "Gunmen on motorcycles opened fire on an army checkpoint near {town}, killing {number} soldiers, the army said.",
        "The wounded were taken to the hospital in {town} by helicopter, a security source said.",
        "No group claimed the attack, the latest on checkpoints in the northern province.",
        "The army sent reinforcements to {town} and began to search the villages around it.",
        "A spokesman said the attackers fled towards the hills after an exchange of fire with the soldiers.",
    ),
    "match": (
        "{town} beat visitors in Northern League",
        "A late goal gave {town} a narrow win over their visitors in the Northern League.",
        "The coach praised his defenders, who kept a clean sheet in the second half of the match.",
        "The points lift {town} in the table before the derby, and {number} hundred spectators sang until the whistle.",
        "The referee sent a midfielder off for a second yellow card after the break.",
        "The striker, back from injury, scored with a header from a corner before half-time.",
    ),
    "weather": (
        "Dust and high winds expected around {town}",
        "The weather service expects dust and high winds over the northern province in the coming hours.",
        "Visibility will be poor on the roads around {town}, and drivers were asked to be careful.",
        "Temperatures will reach {number} degrees by the afternoon and fall during the night.",
        "Fishermen were advised to stay in harbour as waves rise to three metres.",
        "A cooler air mass follows from the west, with scattered showers over the hills.",
    ),
}
TOWNS = ("Tarvo", "Melkos", "Dravik", "Linush", "Versha", "Koslin", "Meluta", "Dranne")
OUTLETS = ("zz_post", "zz_herald", "zz_ledger")
PORTION = 30  # the bulletins of the days before are one portion, the night is another


@dataclass(frozen=True, slots=True)
class Told:
    """One report; reports with one `happening` must end in one story, and no others with them."""

    happening: str
    title: str
    text: str
    source: str = "zz_post"
    day: date | None = TODAY
    language: str = "en"
    agency: str | None = None


def bulletin(kind: str, town: str, number: int, *, source: str, day: date) -> Told:
    """One bulletin: three of the sentences of its kind."""
    title, *sentences = BULLETINS[kind]
    chosen = random.Random(f"{kind} {town} {number}").sample(sentences, 3)
    text = " ".join([*chosen[:2], f"So it was in {town}.", chosen[2]])
    return Told(
        f"{kind} in {town}, {day}",
        title.format(town=town, number=number),
        text.format(town=town, number=number),
        source,
        day,
    )


OLDER = tuple(
    bulletin(kind, town, 20 + number, source=OUTLETS[number % 3], day=TODAY - timedelta(days=2 + number % 3))
    for kind in BULLETINS
    for number, town in enumerate(TOWNS)
)

NIGHT = (
    # one press conference, in words of their own, and what was said the day after
    Told(
        "barrier",
        "Flood barrier at Dunmere to cost 84 million, minister says",
        "Works Minister Halina Orsk said on Thursday that the new flood barrier at Dunmere would cost 84 million crowns and "
        "be finished by spring.\nSpeaking to reporters in the town hall, Orsk said that 1,260 homes behind the old dyke would "
        "be protected. The barrier replaces a dyke that broke in 1987.",
        agency="Agency",
    ),
    Told(
        "barrier",
        "Orsk promises Dunmere a steel wall by spring",
        "The government will spend 84 million crowns on a steel flood barrier in Dunmere, Works Minister Halina Orsk told "
        "journalists in the town hall.\nSome 1,260 homes that lie behind the ageing dyke are to be protected from the river "
        "once it is finished in spring, she promised.",
        "zz_herald",
    ),
    Told(
        "barrier",
        "Dunmere doubts the barrier will be ready",
        "A day after Works Minister Halina Orsk announced a flood barrier of 84 million crowns for Dunmere, those who live in "
        "the 1,260 homes behind the dyke said they doubted that it would be finished by spring.\nOrsk had promised in the town "
        "hall that the steel wall would protect them from the river.",
        "zz_ledger",
        TODAY + timedelta(days=1),
    ),
    Told(
        "barrier",
        "Minister Orsk on the flood barrier at Dunmere",
        "No day is printed here, but Works Minister Halina Orsk speaks of the flood barrier at Dunmere, of 84 million crowns, "
        "of spring, and of the 1,260 homes that lie behind the old dyke.\nThe steel wall would protect them from the river, "
        "Orsk told reporters in the town hall.",
        "zz_undated",
        None,
    ),
    # two attacks in two towns on one day, two matches, the weather of two days
    bulletin("attack", "Tarvo", 6, source="zz_post", day=TODAY),
    bulletin("attack", "Melkos", 9, source="zz_herald", day=TODAY),
    bulletin("match", "Linush", 7, source="zz_post", day=TODAY),
    bulletin("match", "Versha", 8, source="zz_herald", day=TODAY),
    bulletin("weather", "Koslin", 31, source="zz_ledger", day=TODAY),
    bulletin("weather", "Meluta", 33, source="zz_herald", day=TODAY + timedelta(days=1)),
    # a page that mentions everything
    Told(
        "briefing",
        "The day in brief",
        "A flood barrier at Dunmere will cost 84 million crowns, says Halina Orsk. Gunmen killed six soldiers near Tarvo and nine "
        "near Melkos. Linush and Versha won in the Northern League.\nTeachers in Dravik ended their strike after talks about back "
        "pay. The price of wheat was raised to 310 crowns a sack. The museum of boats in Koslin opens its doors again, with a "
        "sailmaker's workshop.\nA ferry ran aground near Dranne, and all 62 passengers were brought ashore by fishermen. Rain is "
        "expected on Sunday.",
        "zz_digest",
    ),
    # too little to tell anything
    Told("photo 1", "Photo of day", "Photo of day", "zz_post"),
    Told("photo 2", "Photo of day", "Boats at dawn", "zz_herald"),
    # another language about the same press conference: known not to be joined
    Told(
        "barrier in German",
        "Orsk verspricht Dunmere eine Flutmauer",
        "Bauministerin Halina Orsk hat in Dunmere eine Flutmauer für 84 Millionen Kronen angekündigt. 1.260 Häuser hinter dem "
        "alten Deich sollen bis zum Frühjahr geschützt werden, sagte Orsk im Rathaus vor Journalisten.",
        "zz_bote",
        language="de",
    ),
    # Arabic script has no capitals: rare words, phrases, places and figures carry it
    Told(
        "well",
        "مصرع ثلاثة عمال في انهيار بئر قرب سرابا",
        "لقي ثلاثة عمال مصرعهم وأصيب 17 آخرون في انهيار بئر قديمة بقرية سرابا شرق وادي النخيل، بحسب ما أعلن حاكم المنطقة رشدي "
        "المرسال.\nوقال المرسال إن فرق الإنقاذ استخدمت رافعة مصنع الإسمنت لإخراج العمال.",
        "zz_sada",
        language="ar",
    ),
    Told(
        "well",
        "17 جريحا في سرابا بعد انهيار بئر قديمة",
        "استخدمت فرق الإنقاذ رافعة مصنع الإسمنت لانتشال عمال بئر قديمة انهارت في سرابا بوادي النخيل، وأسفر الحادث عن ثلاثة قتلى "
        "و17 جريحا.\nوأمر حاكم المنطقة رشدي المرسال بإغلاق جميع الآبار القديمة.",
        "zz_jisr",
        language="ar",
    ),
    Told(
        "fire",
        "حريق يلتهم سوق الأخشاب في مدينة نجرة",
        "أتى حريق كبير على سوق الأخشاب في مدينة نجرة فجرا، وأخلت السلطات 40 منزلا مجاورا، بحسب ما أعلن رئيس البلدية.\nوقال رئيس "
        "البلدية إن الخسائر تقدر بخمسة ملايين.",
        "zz_sada",
        language="ar",
    ),
)


def tell(lake: Lake, *reports: Told) -> None:
    """Load reports and their copies, as a night leaves them before stories are looked for."""
    load(lake, *(told_page(report) for report in reports))


def told_page(report: Told, **fields: object):
    return page(
        hashlib.sha256(f"{report.title}{report.happening}".encode()).hexdigest()[:8],
        report.text,
        source=report.source,
        **{
            "title": report.title,
            "published_date": report.day,
            "language": report.language,
            "agency": report.agency,
            "agency_rule": report.agency and "dateline.agency",
        }
        | fields,  # type: ignore[arg-type]
    )


def together(lake: Lake) -> set[frozenset[str]]:
    """The headlines of each story."""
    found = rows(
        lake,
        "select list(coalesce(title, 'none')) from articles join copy_members using (article_id) "
        "join story_members using (copy_group_id) group by story_id",
    )
    return {frozenset(titles) for (titles,) in found}


REPRINT = replace(NIGHT[0], source="zz_echo", agency=None)
SOURCES = (("post", "KA", None), ("echo", "KB", None), ("herald", "KC", "KC"), ("ledger", "KA", None))


@pytest.fixture(scope="module")
def loaded(new_lake: Callable[[Path], Lake], tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Some days of bulletins and one night, before anybody looked for stories."""
    lake = new_lake(tmp_path_factory.mktemp("stories") / "loaded")
    store_sources(
        lake,
        [
            KnownSource(
                source=f"zz_{name}", publisher=name.title(), home="http://x.example", country=country, languages=("en",),
                timezone="UTC", state=state,
            )
            for name, country, state in SOURCES
        ],
    )  # fmt: skip
    load(lake, *map(told_page, (*OLDER, *NIGHT)), told_page(REPRINT, hours=1))
    lake.close()  # a catalog that is open is not whole in its file
    return lake


@pytest.fixture(scope="module")
def told(loaded: Lake, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The same with its stories, found in two portions; nobody writes to it afterwards."""
    home = tmp_path_factory.mktemp("stories") / "told"
    shutil.copytree(loaded.home, home)
    lake = Lake.open(home)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stories, "PORTION", PORTION)
        find_stories(lake, run_id="run", now=NOW)
    return lake


@pytest.mark.parametrize("report", NIGHT, ids=lambda report: f"{report.happening}: {report.title[:24]}")
def test_a_report_is_together_with_those_of_its_happening_and_with_no_other(told: Lake, report: Told):
    expected = {one.title for one in NIGHT if one.happening == report.happening}
    assert any(titles == expected for titles in together(told))


def test_the_reasons_are_kept(told: Lake):
    ((names, numbers, terms, score, nearest),) = rows(
        told,
        "select shared_names, shared_numbers, shared_terms, score, nearest.language from story_members "
        "join articles as mine on mine.article_id = copy_group_id "
        "join articles as nearest on nearest.article_id = nearest_group_id where mine.title like 'Dunmere doubts%'",
    )
    assert {"halina orsk", "dunmere"} & set(names) or "minister halina orsk" in " ".join(names)
    assert {"84000000", "1260"} <= set(numbers)
    assert "dyke" in terms or "barrier" in terms
    assert (0.3 <= score <= 1, nearest) == (True, "en")


def test_arabic_reports_are_joined_by_places_phrases_and_figures(told: Lake):
    ((numbers, terms),) = rows(
        told, "select shared_numbers, shared_terms from story_members join articles on article_id = copy_group_id "
        "where language = 'ar' and nearest_group_id is not null",
    )  # fmt: skip
    assert "17" in numbers
    assert any(" " in term for term in terms)


def test_a_story_says_when_and_how_often_it_was_told(told: Lake):
    assert rows(
        told,
        "select group_count, article_count, languages, first_day, last_day - first_day from stories "
        "where group_count > 1 and first_day = date '2026-11-20' and languages = ['en']",
    ) == [(4, 5, ["en"], TODAY, 1)]


def test_corroboration_counts_agencies_and_own_texts_never_carriers(told: Lake):
    """The Agency's text runs in Post and Echo and counts once, for the Agency."""
    assert rows(
        told,
        "select voice_count, independent_text_count, agency_count, publisher_count, state_voice_count, country_count, "
        "carrier_count, article_count, voices, countries, state_voices "
        "from mart_corroboration where list_contains(voices, 'Agency')",
    ) == [(4, 4, 1, 3, 1, 2, 5, 5, ["Agency", "Herald", "Ledger", "zz_undated"], ["KA", "KC"], ["Herald"])]
    assert rows(
        told,
        "select publishers, agencies, independent_text_count, article_count from mart_stories where len(agencies) > 0",
    ) == [(["Echo", "Herald", "Ledger", "Post", "zz_undated"], ["Agency"], 4, 5)]


def test_coders_get_the_source_columns_and_null_where_nothing_is_known(told: Lake):
    sources = rows(
        told,
        "select source_article, source_office, source_date, source_headline, source_original, number_of_sources "
        "from mart_ged_sources where number_of_sources = 4 order by source_article",
    )
    agency, herald, _, undated = sources
    assert agency == (f"Agency, 2026-11-20, {NIGHT[0].title}", "Post", TODAY, NIGHT[0].title, "Agency", 4)
    assert herald[1:] == ("Herald", TODAY, NIGHT[1].title, None, 4)
    assert undated == (f"zz_undated, {NIGHT[3].title}", "zz_undated", None, NIGHT[3].title, None, 4)


def test_what_was_told_leaves_every_promise_whole_and_a_second_look_changes_nothing(told: Lake):
    assert run_checks(told) == []
    before = table_hashes(told)
    assert find_stories(told, run_id="again", now=NOW + timedelta(days=1)) == StoryCounts()
    assert table_hashes(told) == before


def test_a_search_killed_in_a_portion_is_finished_by_the_next(
    loaded: Lake, told: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    shutil.copytree(loaded.home, tmp_path / "killed")
    killed = Lake.open(tmp_path / "killed")
    monkeypatch.setattr(stories, "PORTION", PORTION)
    with monkeypatch.context() as patch:
        patch.setattr(stories, "refresh_stories", _interrupt_at(2))
        with pytest.raises(KeyboardInterrupt):
            find_stories(killed, run_id="run", now=NOW)
    assert 0 < rows(killed, "select count(*) from story_members")[0][0] < len(OLDER) + len(NIGHT)  # type: ignore[operator]

    find_stories(killed, run_id="run", now=NOW)
    assert table_hashes(killed) == table_hashes(told)


def _interrupt_at(call: int):
    """Do as usual but for one call, in the middle of a transaction."""
    refresh, calls = stories.refresh_stories, count(1)

    def work(*given: object) -> None:
        if next(calls) == call:
            raise KeyboardInterrupt
        refresh(*given)  # type: ignore[arg-type]

    return work


def test_later_nights_take_up_what_changed_and_weigh_only_the_days_around_it(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
):
    """Night two corrects a text and prints another once more; long ago is not read again for it."""
    weighed: list[int] = []
    count_terms = stories._Search._count_terms

    def counting(self: stories._Search, waiting: object) -> None:
        count_terms(self, waiting)  # type: ignore[arg-type]
        weighed.append(self.facts.num_rows)

    monkeypatch.setattr(stories._Search, "_count_terms", counting)
    long_ago = [
        Told(f"old {number}", f"Old report {number}", prose(number), day=TODAY - timedelta(days=60))
        for number in range(8)
    ]
    first, second, third, _ = NIGHT[:4]
    tell(lake, *long_ago, first, second, third)
    find_stories(lake, run_id="one", now=NOW)
    assert frozenset({first.title, second.title, third.title}) in together(lake)
    ((story,),) = rows(lake, "select story_id from stories where group_count = 3")
    ((title,),) = rows(lake, f"select title from articles where article_id = '{story}'")

    corrected = next(one for one in (first, second) if one.title == title)
    others = {first.title, second.title, third.title} - {title}
    load(
        lake,
        told_page(replace(corrected, text=NIGHT[4].text), title="Corrected", hours=3),
        told_page(replace(third, source="zz_echo"), hours=3),
    )
    find_stories(lake, run_id="two", now=NOW + timedelta(hours=4))

    assert {frozenset(others), frozenset({"Corrected"})} <= together(lake)
    ((heir, articles),) = rows(lake, "select story_id, article_count from stories where group_count = 2")
    assert heir != story
    assert articles == 3
    assert weighed[-1] == 3, "the texts of two days; those of two months ago stay unread"
    assert run_checks(lake) == []


def test_a_group_that_went_into_another_leaves_its_story(lake: Lake):
    """Its article is there still, captured at the same moment as others that wait."""
    parts = prose(5, paragraphs=6, words=40).split("\n")
    load(
        lake,
        page("a", "\n".join(parts[:4]), source="zz_a"),
        page("b", "\n".join([*parts[3:], prose(998, paragraphs=1)]), source="zz_b"),
    )
    find_stories(lake, run_id="run", now=NOW)
    before = rows(lake, "select count(*) from story_members")
    load(lake, page("c", "\n".join(parts), source="zz_c"))
    find_stories(lake, run_id="next", now=NOW)
    assert (before, rows(lake, "select count(*) from story_members")) == ([(2,)], [(1,)])
    assert rows(lake, "select group_count, article_count from stories where group_count > 0") == [(1, 3)]
    assert run_checks(lake) == []
