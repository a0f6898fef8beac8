"""How many voices stand behind a story: whose texts count, for whom, and what a coder gets of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from tests.warehouse.pages import NOW, load, page, prose, rows
from warehouse import KnownSource, Lake, find_stories, store_sources
from warehouse.story_rows import refresh_stories

PUBLISHERS = {  # by source: name, country, state
    "zz_post": ("Post", "KA", None),
    "zz_echo": ("Echo", "KB", None),
    "zz_herald": ("Herald", "KC", "KC"),
    "zz_ledger": ("Ledger", "KA", None),
    "zz_reuters": ("Reuters", "GB", None),
    "zz_irna_fa": ("ایرنا", "IR", "IR"),  # the agency's name in its own script
}
LONG, PASSAGE = 8, 9  # a long text, and one that is a sixth of it and nothing else
Printed = tuple[str, int, str | None]  # source, which text, the agency that the page credits


@dataclass(frozen=True)
class Case:
    """What several outlets printed of one happening, and what follows."""

    printed: tuple[Printed, ...]
    texts: int
    voices: list[str]
    agencies: int
    carriers: int
    countries: list[str]
    states: list[str] = ()  # type: ignore[assignment]


CASES = {
    "one agency text in three outlets, and a report of one's own": Case(
        (("zz_post", 0, "Reuters"), ("zz_echo", 0, "Reuters"), ("zz_herald", 0, "Reuters"), ("zz_ledger", 1, None)),
        texts=2, voices=["Ledger", "Reuters"], agencies=1, carriers=4, countries=["GB", "KA"],
    ),
    "one agency text everywhere": Case(
        tuple((source, 0, "Reuters") for source in ("zz_post", "zz_echo", "zz_herald", "zz_ledger")),
        texts=1, voices=["Reuters"], agencies=1, carriers=4, countries=["GB"],
    ),
    "one of three carriers says whose it is": Case(
        (("zz_post", 0, None), ("zz_echo", 0, "dpa"), ("zz_ledger", 0, None)),
        texts=1, voices=["dpa"], agencies=1, carriers=3, countries=[],
    ),
    "the agency itself prints it without a credit": Case(
        (("zz_reuters", 0, None), ("zz_post", 0, "Reuters")),
        texts=1, voices=["Reuters"], agencies=1, carriers=2, countries=["GB"],
    ),
    "nobody credits the agency that prints it": Case(
        (("zz_post", 0, None), ("zz_reuters", 0, None)),
        texts=1, voices=["Reuters"], agencies=1, carriers=2, countries=["GB"],
    ),
    "two texts of one agency, one of them from its own site": Case(
        (("zz_reuters", 0, None), ("zz_post", 1, "Reuters")),
        texts=2, voices=["Reuters"], agencies=1, carriers=2, countries=["GB"],
    ),
    "a state agency by its own site and by another's credit": Case(
        (("zz_irna_fa", 0, None), ("zz_post", 1, "IRNA"), ("zz_echo", 2, None)),
        texts=3, voices=["Echo", "IRNA"], agencies=1, carriers=3, countries=["IR", "KB"], states=["IRNA"],
    ),
    "an agency's site carries another agency": Case(
        (("zz_irna_fa", 0, "AFP"), ("zz_post", 1, None)),
        texts=2, voices=["AFP", "Post"], agencies=1, carriers=2, countries=["KA"],
    ),
    "two texts of one outlet, and one of a state's": Case(
        (("zz_post", 0, None), ("zz_post", 1, None), ("zz_herald", 2, None)),
        texts=3, voices=["Herald", "Post"], agencies=0, carriers=2, countries=["KA", "KC"], states=["Herald"],
    ),
    "a report that is a passage of another's": Case(
        (("zz_post", LONG, None), ("zz_echo", PASSAGE, None), ("zz_herald", 0, None)),
        texts=2, voices=["Herald", "Post"], agencies=0, carriers=3, countries=["KA", "KC"], states=["Herald"],
    ),
    "an agency's text inside a long report": Case(
        (("zz_post", LONG, None), ("zz_echo", PASSAGE, "Reuters")),
        texts=2, voices=["Post", "Reuters"], agencies=1, carriers=2, countries=["GB", "KA"],
    ),
    "an outlet that we do not list": Case(
        (("zz_unlisted", 0, None),), texts=1, voices=["zz_unlisted"], agencies=0, carriers=1, countries=[]
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """All cases in one lake, each a story: which texts belong together is given, not found."""
    lake = Lake.create_or_open(tmp_path_factory.mktemp("corroboration") / "lake")
    store_sources(
        lake,
        [
            KnownSource(
                source=source, publisher=publisher, home="http://x.example", country=country, languages=("en",),
                timezone="UTC", state=state,
            )
            for source, (publisher, country, state) in PUBLISHERS.items()
        ],
    )  # fmt: skip
    load(
        lake,
        *(
            page(
                f"{number}-{place}",
                _text(number, text),
                source=source,
                hours=place / 60,
                title=f"{number}",
                published_date=date(2026, 11, 20),
                agency=agency,
                agency_rule=agency and "dateline.agency",
            )
            for number, case in enumerate(CASES.values())
            for place, (source, text, agency) in enumerate(case.printed)
        ),
    )
    find_stories(lake, run_id="run", now=NOW)
    lake.transact(_tell_as_given, message="stories as given")
    return lake


def _text(number: int, which: int) -> str:
    long = prose(10 * number + LONG, paragraphs=12, words=60)
    if which == PASSAGE:
        return "\n".join(long.split("\n")[:2])
    return long if which == LONG else prose(10 * number + which)


def _tell_as_given(connection: Any) -> None:
    connection.execute(
        "update story_members set story_id = given.story_id from ("
        "select articles.article_id, min(articles.article_id) over (partition by title) as story_id "
        "from articles semi join story_members on copy_group_id = article_id"
        ") as given where given.article_id = copy_group_id"
    )
    touched = connection.execute(
        "select story_id from stories union select story_id from story_members"
    ).fetchall()
    refresh_stories(connection, {story for (story,) in touched})


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES.values())), ids=list(CASES))
def test_voices_are_agencies_and_outlets_with_a_text_of_their_own(lake: Lake, number: int, case: Case):
    ((*counts, voices, countries, states),) = rows(
        lake,
        "select independent_text_count, voice_count, agency_count, publisher_count, carrier_count, article_count, "
        f"voices, countries, state_voices from mart_corroboration where title = '{number}'",
    )
    own = len(case.voices) - case.agencies
    assert counts == [case.texts, len(case.voices), case.agencies, own, case.carriers, len(case.printed)]
    assert (voices, countries, states) == (case.voices, case.countries, list(case.states))


@pytest.mark.parametrize(("number", "case"), list(enumerate(CASES.values())), ids=list(CASES))
def test_a_coder_gets_one_row_a_text_and_the_number_of_voices(lake: Lake, number: int, case: Case):
    sources = rows(
        lake,
        "select source_order, source_article, source_office, source_original, source_date, source_headline, "
        f"number_of_sources from mart_ged_sources where source_headline = '{number}' order by 1",
    )
    assert [row[0] for row in sources] == list(range(1, case.texts + 1))
    for _, article, office, original, day, headline, count in sources:
        voice, printed_on, title = str(article).split(", ")
        assert voice in case.voices
        assert (original, office) == (voice, office) if original else (None, voice)
        assert (printed_on, day, title, headline) == (
            "2026-11-20",
            date(2026, 11, 20),
            f"{number}",
            f"{number}",
        )
        assert count == len(case.voices)
    assert len({row[3] for row in sources} - {None}) == case.agencies
