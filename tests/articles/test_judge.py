"""The judge tells a page's text from what stands around it, whatever the language, and says how sure it is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from articles import read_page
from articles.facts import Facts, facts_of
from articles.furniture import find_ideas, ideas
from articles.judge import choose, fact_names, find_places, judge, load_model, measure
from articles.lines import Piece
from articles.records import TEXT_KINDS, Article

STORY = {
    "en": (
        "The harbour of Verne was closed on Monday after a barge struck the eastern pier, the port authority said.",
        "Divers found a hole of two metres in the hull and pumps were brought from the neighbouring town.",
        "Nobody was hurt, but forty trucks with grain waited before the gates until late in the evening.",
        "The ministry of transport promised a report within a week and sent two engineers to look at the pier.",
        "Traders said that the price of flour had risen by a tenth since the first closure in the spring.",
    ),
    "ar": (
        "أغلق ميناء فيرن يوم الاثنين بعد أن اصطدمت بارجة بالرصيف الشرقي، بحسب ما قالته سلطة الموانئ.",
        "وعثر الغواصون على ثقب طوله متران في بدن السفينة، وجلبت المضخات من البلدة المجاورة.",
        "ولم يصب أحد بأذى، لكن أربعين شاحنة محملة بالحبوب انتظرت أمام البوابات حتى ساعة متأخرة من المساء.",
        "ووعدت وزارة النقل بتقديم تقرير خلال أسبوع وأرسلت مهندسين لمعاينة الرصيف المتضرر.",
        "وقال تجار إن سعر الطحين ارتفع بمقدار العشر منذ الإغلاق الأول في الربيع الماضي.",
    ),
    "ru": (
        "Гавань Верна закрыли в понедельник после того, как баржа ударилась о восточный причал, сообщили в порту.",
        "Водолазы нашли в корпусе пробоину длиной два метра, из соседнего города привезли насосы.",
        "Никто не пострадал, но сорок грузовиков с зерном простояли у ворот до позднего вечера.",
        "Министерство транспорта пообещало отчёт в течение недели и направило двух инженеров осмотреть причал.",
        "Торговцы говорят, что цена муки выросла на десятую часть со времени первого закрытия весной.",
    ),
}
NOISE = {
    "en": ("Read more: Ferry owners ask who pays", "You have two free articles left this month. Subscribe today.", "© 2026 Verne Gazette. All rights reserved."),
    "ar": ("اقرأ أيضا: أصحاب العبارات يسألون من يدفع", "بقي لك مقالان مجانيان هذا الشهر. اشترك اليوم.", "© 2026 جريدة فيرن. جميع الحقوق محفوظة."),
    "ru": ("Читайте также: Владельцы паромов спрашивают, кто заплатит", "У вас осталось две бесплатные статьи. Подпишитесь сегодня.", "© 2026 Газета Верна. Все права защищены."),
}  # fmt: skip


def page(language: str, noise: tuple[str, ...] = ()) -> str:
    story = STORY[language]
    middle = "".join(f"<p>{line}</p>" for line in noise[:1])
    end = "".join(f"<p>{line}</p>" for line in noise[1:])
    paragraphs = [f"<p>{line}</p>" for line in story]
    return (
        f"<html lang='{language}'><head><title>Verne</title></head><body><nav><ul><li><a href='/a'>A</a></li>"
        f"<li><a href='/b'>B</a></li></ul></nav><main><article><h1>Verne 1</h1>{''.join(paragraphs[:3])}{middle}"
        f"{''.join(paragraphs[3:])}{end}</article></main><footer><p>Verne Gazette</p></footer></body></html>"
    )


def read(markup: str) -> Article:
    (article,) = read_page(markup.encode(), url="https://verne.example/1", content_type="text/html").articles
    return article


@pytest.mark.parametrize("language", sorted(STORY))
def test_a_story_is_kept_whole(language: str) -> None:
    assert read(page(language)).text.split("\n") == list(STORY[language])


@pytest.mark.parametrize("language", sorted(STORY))
def test_furniture_between_and_below_paragraphs_is_taken_out(language: str) -> None:
    """Bare paragraphs in the story's own box: nothing but words, length and place tells them apart."""
    article = read(page(language, NOISE[language]))
    assert article.text.split("\n") == list(STORY[language])
    assert {block.text for block in article.blocks if block.kind not in TEXT_KINDS} >= set(NOISE[language])


def test_each_decision_says_how_sure_it_is() -> None:
    for block in read(page("en", NOISE["en"])).blocks:
        assert 0 < block.confidence <= 1


PIECES = st.lists(
    st.builds(
        Piece,
        text=st.text(min_size=1, max_size=60).map(lambda text: " ".join(text.split()) or "x"),
        tag=st.sampled_from(["p", "div", "li", "h2", "figcaption", "td"]),
        traits=st.frozensets(st.sampled_from(["nav", "caption", "list"])),
        link_share=st.floats(0, 1),
        path=st.lists(st.integers(0, 9), max_size=5).map(tuple),
        is_chosen=st.booleans(),
        chosen_share=st.floats(0, 1),
    ),
    max_size=20,
)


@settings(max_examples=60, deadline=None)
@given(PIECES)
def test_any_blocks_are_judged_between_nought_and_one(pieces: list[Piece]) -> None:
    facts = [facts_of(piece) for piece in pieces]
    belief, is_text, _ = judge(facts, title=None, authors=())
    assert belief.shape == is_text.shape == (len(pieces),)
    assert np.isfinite(belief).all()
    assert ((belief >= 0) & (belief <= 1)).all()
    assert [found.piece.text for found in choose(facts, title=None, authors=())] == [
        piece.text for piece in pieces
    ]


def test_what_is_measured_has_a_name() -> None:
    facts = story_facts()
    assert measure(facts, title="Verne 1", authors=("Samira Holt",)).shape == (len(facts), len(fact_names()))
    assert len(set(fact_names())) == len(fact_names())
    assert load_model().dense[0].shape[0] == len(fact_names())


def story_facts(count: int = 5) -> list[Facts]:
    return [facts_of(Piece(text=line, tag="p", path=(1, 2), depth=2)) for line in STORY["en"][:count]]


def test_blocks_far_from_any_text_are_not_judged() -> None:
    menu = [facts_of(Piece(text=f"Item {n}", tag="li", link_share=1.0, is_chosen=False)) for n in range(100)]
    places = find_places([*menu, *story_facts(), *menu])
    assert set(range(100, 105)) <= set(places)
    assert min(places) > 80
    assert max(places) < 125
    assert find_places(menu) == []


def test_where_the_judge_would_leave_next_to_nothing_the_extractors_choice_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A judge that believes in nothing stands for a page of a sort that it has not learned."""
    trained = load_model()
    sceptic = replace(trained, answer=(trained.answer[0] * 0, trained.answer[1] * 0 - 20))
    monkeypatch.setattr("articles.judge.load_model", lambda: sceptic)
    kept = choose(story_facts(), title=None, authors=())
    assert [found.piece.is_chosen for found in kept] == [True] * 5
    assert {found.belief for found in kept} == {None}


@pytest.mark.parametrize(
    ("line", "idea"),
    [
        ("Read more: Ferry owners ask who pays", "more"),
        ("اقرأ أيضا: أصحاب العبارات", "more"),
        ("Lesen Sie auch: Wer zahlt die Fähre", "more"),
        ("Abonnez-vous pour lire la suite", "subscribe"),
        ("Все права защищены", "rights"),
        ("جملہ حقوق محفوظ ہیں", "rights"),
        ("関連記事はこちら", "more"),
        ("Haberi paylaş", "share"),
        ("آگهی", "advert"),
    ],
)
def test_words_of_furniture_are_known_in_many_languages(line: str, idea: str) -> None:
    bits = find_ideas(facts_of(Piece(text=line)).tokens)
    assert idea in {name for n, name in enumerate(ideas()) if bits >> n & 1}


@pytest.mark.parametrize("line", ["The minister said so on Monday", "Wasser steigt weiter am Pegel", ""])
def test_words_of_news_have_no_idea_of_furniture_in_them(line: str) -> None:
    bits = find_ideas(line.casefold().split())
    assert not bits & 1 << ideas().index("share")
