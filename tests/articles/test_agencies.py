"""An agency is named by the page's own words about its text; photo credits and captions never count."""

from __future__ import annotations

import pytest

from articles import agencies
from articles.agencies import agency_named, find_agency, is_wire_line
from articles.records import BlockKind

BODY, BYLINE, CAPTION, CREDIT, WIRE = (
    BlockKind(kind) for kind in ("body", "byline", "caption", "credit", "wire")
)
TEXT = "Karsan and Zarvan agreed on Thursday to hold talks."
TABLE = agencies._credits()


@pytest.mark.parametrize("name", sorted(TABLE.examples))
def test_every_agency_row_holds_its_example_and_not_its_counter_example(name):
    for text, expected in zip(TABLE.examples[name], (name, None), strict=True):
        found = find_agency([(WIRE if is_wire_line(text) else BODY, text)])
        assert (found.name if found else None) == expected


@pytest.mark.parametrize("wording", TABLE.lines, ids=lambda wording: wording.id)
def test_every_line_rule_holds_its_example(wording):
    assert is_wire_line(wording.example) == wording.id
    assert is_wire_line(wording.counter_example) is None


@pytest.mark.parametrize("wording", TABLE.clauses + TABLE.leads, ids=lambda wording: wording.id)
def test_every_clause_rule_holds_its_example(wording):
    found = find_agency([(BODY, wording.example)])
    assert found is not None
    assert found.rule == wording.id
    assert find_agency([(BODY, wording.counter_example)]) is None


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([(BODY, TEXT), (WIRE, "This dispatch was written by Reuters.")], ("Reuters", "wire.reported-by")),
        (
            [(BYLINE, "By AFP"), (BODY, "The ministry told Reuters that the bridge was shut.")],
            ("AFP", "byline.agency"),
        ),
        ([(BYLINE, "By Jane Doe, The Associated Press"), (BODY, TEXT)], ("AP", "byline.agency")),
        ([(BYLINE, "By Reuters staff in Kot Samand"), (BODY, TEXT)], ("Reuters", "byline.agency")),
        ([(BYLINE, "كابول - رويترز"), (BODY, TEXT)], ("Reuters", "byline.agency")),
        ([(BYLINE, "Umm Sidr: Reuters"), (BODY, TEXT)], ("Reuters", "byline.agency")),
        ([(BYLINE, "نورگڑھ (اے ایف پی)"), (BODY, TEXT)], ("AFP", "byline.agency")),
        ([(BODY, TEXT), (BODY, "The bridge is shut. (AFP)")], ("AFP", "tail.agency")),
        ([(BODY, TEXT), (BODY, "The bridge is shut. —AFP")], ("AFP", "tail.agency")),
        ([(BODY, TEXT), (WIRE, "(Reuters)")], ("Reuters", "wire.name-in-brackets")),
        ([(BODY, "وقالت متحدثة للأناضول إن الجسر مغلق")], ("Anadolu", "clause.told-ar")),
        (
            [(BODY, "A source at the ministry told the Reuters news agency that it was shut.")],
            ("Reuters", "clause.told"),
        ),
        ([(BYLINE, "Le Karsan avec AFP"), (BODY, TEXT)], ("AFP", "byline.agency")),
        ([(BODY, TEXT), (WIRE, "(avec AFP)")], ("AFP", "wire.with")),
        ([(BODY, TEXT), (WIRE, "Mit Material von dpa")], ("dpa", "wire.with")),
        ([(BODY, TEXT), (WIRE, "© dpa-infocom, dpa:261119-99-123456/2")], ("dpa", "wire.copyright-of")),
        ([(BODY, TEXT), (WIRE, "(dpa/lno)")], ("dpa", "wire.name-in-brackets")),
        ([(BODY, "قال مسؤول إن الجسر مغلق. (أ ف ب)")], ("AFP", "tail.agency")),
        ([(BODY, "به گزارش ایرنا، پل مرزی بازگشایی شد.")], ("IRNA", "lead.by-report-of")),
        ([(BODY, "پل مرزی بازگشایی شد."), (WIRE, "منبع: خبرگزاری تسنیم")], ("Tasnim", "wire.source")),
        ([(BODY, "پل دوبارہ کھل گیا۔ (رائٹرز)")], ("Reuters", "tail.agency")),
        ([(BYLINE, "Anadolu Ajansı"), (BODY, "Köprü yeniden açıldı.")], ("Anadolu", "byline.agency")),
        ([(BODY, "Köprü yeniden açıldı."), (WIRE, "Haber: İHA")], ("IHA", "wire.source")),
        ([(BODY, "Мост открыт. (Интерфакс)")], ("Interfax", "tail.agency")),
        ([(BODY, "Мост открыт."), (WIRE, "Источник: ТАСС")], ("TASS", "wire.source")),
        ([(BODY, "Le pont a rouvert jeudi. (AFP)")], ("AFP", "tail.agency")),
        # what does not count
        ([(BYLINE, "Photo: AFP"), (BODY, TEXT)], None),
        ([(BYLINE, "عکس: ایرنا"), (BODY, TEXT)], None),
        ([(BYLINE, "Фото: ТАСС"), (BODY, TEXT)], None),
        ([(WIRE, "© AFP"), (BODY, TEXT)], None),  # above the text it credits a photo
        ([(CREDIT, "Anna Vale/AP"), (CAPTION, "Lorries wait. (Reuters)"), (BODY, TEXT)], None),
        ([(WIRE, "Reuters"), (BODY, TEXT)], None),  # above the text it credits a photo
        ([(BODY, "The bridge is shut. (Reuters)"), (BODY, TEXT)], None),  # not at the end
        (
            [(BYLINE, "By Jane Doe"), (BODY, "The ministry told Reuters that the bridge was shut.")],
            None,
        ),  # a quotation
        ([(BYLINE, "By our staff reporter"), (BODY, "The ministry told Reuters that it was shut.")], None),
        ([(BODY, "He told Reuters that it was shut."), (BODY, "She told AFP that it was open.")], None),
        ([(BYLINE, "AFP/Reuters"), (BODY, TEXT)], None),  # two at once
        ([(BODY, TEXT), (WIRE, "With inputs from agencies")], None),
        ([(BODY, "وفقا لرويترز فإن الجسر مغلق")], None),
        ([(BODY, "The ministry told the Karsan Post that the bridge was shut.")], None),
        ([(BYLINE, "By Petra Novak and Fars Rahimi"), (BODY, TEXT)], None),
        ([(BODY, "The bridge is shut. (Pictured above)")], None),
        ([(BODY, "The map shows the bridge. (map)")], None),
        ([], None),
    ],
)
def test_who_is_credited(blocks, expected):
    found = find_agency(blocks)
    assert ((found.name, found.rule) if found else None) == expected


def test_all_credits_of_the_deciding_place_are_kept_with_their_words():
    found = agencies.find_credits([(BYLINE, "AFP/Reuters"), (BODY, TEXT)])
    assert [(credit.name, credit.text) for credit in found] == [
        ("AFP", "AFP/Reuters"),
        ("Reuters", "AFP/Reuters"),
    ]
    told = "The ministry told Reuters that the bridge was shut."
    assert agencies.find_credits([(BODY, TEXT), (BODY, told)])[0].text == told


def test_a_dateline_and_author_fields_count():
    assert find_agency([(BODY, TEXT)], dateline_agency="Reuters") == agencies.Agency(
        "Reuters", "dateline.agency"
    )
    assert find_agency([(BODY, TEXT)], authors=["Jane Doe", "AFP"]) == agencies.Agency("AFP", "byline.agency")
    assert find_agency([(BODY, "He told Reuters that it was shut.")], authors=["Jane Doe"]) is None


@pytest.mark.parametrize("line", ["", TEXT, "By Reuters", "Karsan Post", "Source: the ministry", "Reuters correspondents wait at the crossing", "MAP", "He told Reuters that it was shut."])  # fmt: skip
def test_what_is_no_wire_line(line):
    assert is_wire_line(line) is None


def test_names_are_known_in_every_script_and_capitals_only_in_capitals():
    assert {
        agency_named(name) for name in ("Reuters", "REUTERS", "رويترز", "رویترز", "روئٹرز", "(Reuters)")
    } == {"Reuters"}
    assert agency_named("أ ف ب") == agency_named("The AFP") == "AFP"
    assert agency_named("app") is None
    assert agency_named("Karsan Post") is None
