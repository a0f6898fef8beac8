"""A page that holds several articles is cut where each starts, and a page that holds one is left whole."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from articles import read_page
from articles.cohesion import (
    EVIDENCE,
    Page,
    Vocabulary,
    measure_page,
    most_gained,
    read_words,
    role_of,
    weigh,
)
from articles.split import find_starts, load_model

FERRY = [
    "The ferry between Karsan and the island of Velm stopped running on Monday after divers found a crack in its hull, the harbour authority said.",
    "About 400 passengers were taken off the Lady Orla by fishing boats before noon, and nobody was hurt.",
    "Tomas Redl, the captain of the ferry, said he had heard a loud noise near the stern shortly after leaving the harbour.",
    "“We turned the Lady Orla around at once,” Redl said. “The divers went down within the hour.”",
    "The harbour authority has asked a shipyard in Karsan to repair the hull, which may take three weeks.",
    "Islanders on Velm depend on the ferry for fuel and medicine, and the harbour authority promised a smaller boat from Wednesday.",
]
BEES = [
    "Beekeepers in the Hollin valley harvested twice as much honey this summer as in any year since records began, their union reported on Thursday.",
    "A wet spring let the lime trees flower for a month longer than usual, which gave the bees more nectar than the hives could hold.",
    "Nadia Osk, a 52-year-old beekeeper who owns 80 hives near the village of Trebba, said she had run out of jars by July.",
    "“I borrowed jam jars from half the village,” Osk said. “The bees did not care what the honey went into.”",
    "The price of lime honey has fallen by a third since the spring, and the union wants supermarkets to buy from the valley first.",
    "Osk expects her hives to go into the winter stronger than ever, as long as the mites that killed bees in Trebba do not return.",
]
COURT = [
    "A court in Dorvale sentenced a former bank clerk to four years in prison on Friday for moving customers’ savings into accounts of his own.",
    "Pavel Brandt, 38, had worked at the Dorvale Savings Bank for eleven years before an audit found that deposits worth two million crowns were missing.",
    "Prosecutors told the court that Brandt had chosen elderly customers who rarely asked for statements.",
    "Judge Irena Sull called the theft “patient and cold”, and ordered Brandt to repay the customers.",
    "The bank said that all savings had been restored and that its audit rules had been tightened.",
    "Brandt’s lawyer said that he would appeal against the sentence.",
]
ARABIC_DAM = [
    "أعلنت إدارة السدود في مدينة كرسان يوم الاثنين إغلاق بوابات سد الوادي الأخضر بعد اكتشاف تشققات في جدار السد الغربي.",
    "وقال المهندس سالم الطوري مدير السد إن التشققات ظهرت بعد الأمطار الغزيرة التي ملأت بحيرة السد الأسبوع الماضي.",
    "وأضاف الطوري أن فرق الصيانة بدأت ضخ الإسمنت في جدار السد وأن منسوب البحيرة سينخفض مترين خلال عشرة أيام.",
    "وأجلت السلطات سكان ثلاث قرى تقع أسفل السد إلى مدارس كرسان حتى تنتهي أعمال الصيانة.",
    "وأكد الطوري أن بوابات السد لن تفتح قبل أن يفحص الخبراء الجدار ويتأكدوا من سلامة البحيرة.",
    "ويروي سد الوادي الأخضر حقول القمح في القرى الثلاث منذ أربعين سنة، ويخشى المزارعون أن تجف القنوات إذا طال إغلاق البوابات.",
    "وطلب مزارعو القرى من إدارة السدود شاحنات ماء حتى تعود القنوات إلى العمل.",
]
ARABIC_BOOK = [
    "فازت الكاتبة ليلى المرزوق بجائزة الرواية السنوية في معرض الكتاب الذي اختتم يوم الخميس في مدينة دورفال.",
    "وتروي رواية المرزوق الفائزة قصة معلمة موسيقى تبحث عن عود جدها الضائع بين أسواق المدينة القديمة.",
    "وقالت لجنة التحكيم إن الرواية كتبت بلغة بسيطة وإن شخصية المعلمة من أجمل شخصيات الأدب الحديث.",
    "وذكرت المرزوق أنها كتبت الرواية في خمس سنوات وأنها تعلمت عزف العود لتفهم شخصية المعلمة.",
    "وستصدر دار النشر طبعة ثانية من الرواية الشهر المقبل وترجمة إلى ثلاث لغات.",
    "وحضرت المرزوق حفل الجائزة مع عازفين قدموا ألحانا على العود من فصول الرواية.",
    "ويزور معرض الكتاب كل سنة آلاف القراء، ووقعت الكاتبة مئات النسخ من روايتها في يومه الأخير.",
]
PERSIAN_SNOW = [
    "بارش سنگین برف در گردنه‌های شمالی استان کرسان روز دوشنبه راه ارتباطی بیست روستا را بست و صدها خودرو در برف گرفتار شدند.",
    "رضا تابان، رئیس راهداری استان، گفت ماشین‌های برف‌روب از نیمه‌شب در گردنه کار می‌کنند ولی کولاک راه را دوباره می‌بندد.",
    "به گفته تابان، راهداران مسافران خودروهای گرفتار در برف را به مسجد روستای سپیدار بردند و به آنان غذا دادند.",
    "اهالی روستای سپیدار می‌گویند چنین برف و کولاکی را در چهل سال گذشته ندیده‌اند.",
    "راهداری از رانندگان خواست تا باز شدن گردنه از سفر به روستاهای شمالی خودداری کنند.",
    "تابان افزود خودروهای گرفتار پس از پایان کولاک با جرثقیل از گردنه بیرون آورده می‌شوند.",
    "برق روستای سپیدار نیز بر اثر سنگینی برف قطع شده و گروه‌های تعمیر پشت گردنه مانده‌اند.",
]
PERSIAN_CHESS = [
    "مهسا نیکدل، شطرنج‌باز هجده‌ساله، روز جمعه قهرمان مسابقات شطرنج جوانان در شهر دوروال شد و مدال طلا گرفت.",
    "نیکدل در دور آخر حریف خود را با مهره سیاه در سی و دو حرکت مات کرد.",
    "مربی تیم شطرنج گفت نیکدل هر روز شش ساعت تمرین می‌کند و بازی‌های استادان بزرگ را از بر است.",
    "این شطرنج‌باز جوان پس از دریافت مدال گفت آرزو دارد استاد بزرگ شود و در المپیاد شطرنج بازی کند.",
    "فدراسیون شطرنج اعلام کرد نیکدل به اردوی تیم ملی دعوت می‌شود.",
    "نیکدل شطرنج را در پنج‌سالگی از پدربزرگش آموخت و در ده‌سالگی قهرمان مدرسه‌های دوروال شد.",
    "مسابقات شطرنج جوانان سال آینده در همین شهر برگزار می‌شود و نیکدل باید از مدال خود دفاع کند.",
]
URDU_BRIDGE = [
    "کرسان میں دریا پر بنا پرانا پل پیر کے روز گر گیا جس کے بعد شہر کے دونوں حصوں کے درمیان ٹریفک بند ہو گئی۔",
    "انجینئر سلیم دورانی نے بتایا کہ پل کے ستون سیلاب کے پانی سے کمزور ہو چکے تھے اور پل پر بھاری ٹرکوں کا داخلہ منع تھا۔",
    "دورانی کے مطابق پل گرنے کے وقت اس پر کوئی گاڑی نہیں تھی اس لیے کوئی جانی نقصان نہیں ہوا۔",
    "فوج کے انجینئر دریا پر عارضی پل بنا رہے ہیں جو تین دن میں ٹریفک کے لیے کھول دیا جائے گا۔",
    "شہریوں کا کہنا ہے کہ وہ برسوں سے پل کے ستونوں کی مرمت کا مطالبہ کر رہے تھے۔",
]
URDU_MANGO = [
    "ولیم کے باغبانوں نے جمعرات کو آم کی ایک نئی قسم پیش کی جو کم پانی میں اگتی ہے اور سردیوں میں بھی پھل دیتی ہے۔",
    "زرعی یونیورسٹی کی پروفیسر نگہت صفدر نے کہا کہ آم کی اس قسم پر بارہ سال تک تحقیق کی گئی۔",
    "پروفیسر صفدر کے بقول نئے آم کا وزن عام آم سے دگنا اور اس کی گٹھلی چھوٹی ہے۔",
    "باغبان امید رکھتے ہیں کہ آم کی برآمد سے ان کی آمدنی بڑھے گی اور باغ دوبارہ آباد ہوں گے۔",
    "یونیورسٹی اگلے سال کسانوں کو آم کے دس ہزار پودے مفت تقسیم کرے گی۔",
]
PAIRS = {
    "English": (COURT, FERRY),
    "Arabic": (ARABIC_DAM, ARABIC_BOOK),
    "Persian": (PERSIAN_SNOW, PERSIAN_CHESS),
}


UNKNOWN = Vocabulary(common={}, roles={})


def measure(lines: list[str], known: Vocabulary = UNKNOWN) -> Page:
    return measure_page(lines, read_words(lines, known), known)


def starts_of(lines: list[str], **options: object) -> list[int]:
    return [start.index for start in find_starts(lines, **options)]


def dressed(title: str, caption: str, paragraphs: list[str]) -> list[str]:
    return [title, caption, caption, "TT", title, caption, *paragraphs]


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_two_articles_without_headlines_are_parted_where_the_second_starts(pair):
    first, second = pair

    assert starts_of([*first, *second]) == [0, len(first)]


@pytest.mark.parametrize("pair", [*PAIRS.values(), (URDU_BRIDGE, URDU_MANGO)], ids=[*PAIRS, "Urdu"])
def test_an_article_is_never_cut_inside(pair):
    """Where the words of a language are too little known to be sure, pages stay whole rather than break."""
    first, second = pair

    assert starts_of(first) == [0]
    assert starts_of(second) == [0]
    assert set(starts_of([*first, *second])) <= {0, len(first)}
    assert set(starts_of([*second, *first])) <= {0, len(second)}


def test_a_headline_opens_its_article():
    page = [
        "Ferry to Velm laid up after divers find crack",
        *FERRY,
        "Record honey harvest in the Hollin valley",
        *BEES,
    ]
    found = find_starts(page)

    assert [start.index for start in found] == [0, 7]
    assert found[1].rule == "split.headline"
    assert 0.5 < found[1].confidence <= 1


def test_subheads_of_one_article_do_not_cut_it():
    page = ["Ferry laid up", *FERRY[:2], "What the captain heard", *FERRY[2:4], "Waiting on Velm", *FERRY[4:]]

    assert starts_of(page) == [0]


def test_a_headline_printed_again_around_its_caption_is_a_sure_start():
    page = [
        *dressed("Ferry to Velm laid up", "The Lady Orla at her pier", FERRY),
        *dressed("Record honey harvest", "Hives above the village of Trebba", BEES),
    ]
    found = find_starts(page)

    assert [start.index for start in found] == [0, 12]
    assert found[1].rule == "split.repeated-head"
    assert not found[1].is_unsure


def test_blank_lines_and_noise_are_passed_over_but_counted():
    page = [*dressed("Ferry laid up", "Her pier", FERRY), "", "", *dressed("Record harvest", "Hives", BEES)]
    appeal = "Support our newsroom with a small monthly gift and read every story without limits."

    assert starts_of(page) == [0, 14]
    assert starts_of([*page[:12], appeal, *page[12:]], noise={12}) == [0, 15]


def test_a_page_of_heads_is_cut_at_them_alone():
    """Where articles bring their heads, two stories under one head are one article."""
    page = dressed("News in brief", "Two pictures", [*FERRY, *BEES])

    assert starts_of(page) == [0]


def test_a_title_that_returns_between_paragraphs_starts_nothing():
    title = "Ferry to Velm laid up"

    assert starts_of([title, *FERRY[:2], title, *FERRY[2:4], title, *FERRY[4:], title]) == [0]


def test_a_caption_printed_twice_starts_nothing():
    caption = "The Lady Orla at her pier"

    assert starts_of([*FERRY[:3], caption, caption, *FERRY[3:]]) == [0]


def test_a_declared_single_article_is_cut_at_printed_heads_only():
    assert starts_of([*COURT, *FERRY], is_declared_single=True) == [0]
    page = [*COURT, *dressed("Ferry laid up", "Her pier", FERRY)]
    assert starts_of(page, is_declared_single=True) == [0, len(COURT)]


def test_no_article_starts_in_a_list_or_a_table():
    forms = measure([*COURT, *(f"- {line}" for line in BEES), *(f"{line} | 7" for line in FERRY)]).forms

    assert forms.can_start[: len(COURT)].all()
    assert not forms.can_start[len(COURT) :].any()


def test_every_kind_of_evidence_has_a_trained_weight():
    model = load_model()

    assert len(model.mean) == len(model.scale) == len(model.direct) == len(model.hidden) == len(EVIDENCE)
    assert model.hidden.shape[1] == len(model.hidden_bias) == len(model.outer)
    assert (model.scale > 0).all()
    assert model.known.common["the"] >= 0.5  # in half of all articles at least
    assert weigh(measure(COURT, model.known), 0, len(COURT)).shape == (len(COURT) - 1, len(EVIDENCE))


@pytest.mark.parametrize("pair", PAIRS.values(), ids=PAIRS)
def test_two_articles_gain_more_by_a_cut_than_one(pair):
    known = load_model().known
    gains = [most_gained(read_words(lines, known)) for lines in ([*pair[0], *pair[1]], *pair)]

    assert gains[0] > max(gains[1:])
    assert most_gained(read_words(pair[0][:1], known)) == float("-inf")


def test_a_line_has_the_roles_of_its_words_each_counted_once():
    roles = {"ending": (-0.5, 1.5, 0.0), "guide": (0.25, 0.0, 2.0)}

    assert role_of(["guide", "to", "guide", "ending"], roles) == (-0.25, 1.5, 2.0)
    assert role_of(["to"], roles) == (0.0, 0.0, 0.0)


@given(
    st.lists(
        st.one_of(st.text(max_size=40), st.sampled_from([*FERRY, *BEES, *ARABIC_DAM, "", " "])), max_size=30
    )
)
def test_starts_are_lines_of_the_page_in_order_whatever_it_holds(lines):
    found = find_starts(lines)
    starts = [start.index for start in found]

    assert starts == sorted(set(starts))
    assert starts[:1] == [0][: len(lines)]
    assert all(0 <= start < len(lines) for start in starts)
    assert all(lines[start].strip() for start in starts[1:])
    assert all(0 < start.confidence <= 1 for start in found)
    assert found == find_starts(lines)


def boundaries(pages: list[tuple[list[str], set[int]]]) -> tuple[float, int]:
    """Boundary F1 over pages, and how many of the pages that hold one article were cut."""
    counts: Counter[str] = Counter()
    for lines, true in pages:
        made = set(starts_of(lines)) - {0}
        counts.update(right=len(made & true), made=len(made), true=len(true), cut=not true and bool(made))
    return 2 * counts["right"] / max(1, counts["made"] + counts["true"]), counts["cut"]


def read_publishers(folder: Path) -> dict[str, list[tuple[str, list[str]]]]:
    """Headline and paragraphs by country, of countries with at least six articles."""
    groups = defaultdict(list)
    for path in sorted(folder.glob("*.json")):
        item = json.loads(path.read_text("utf-8"))
        paragraphs = [" ".join(p.split()) for p in item.get("paragraphs") or () if p.strip()]
        if item.get("title") and 4 <= len(paragraphs) <= 60:
            groups[path.name.split("_")[0]].append((item["title"], paragraphs))
    return {country: texts for country, texts in groups.items() if len(texts) >= 6}


def read_stream(path: Path, count: int) -> dict[str, list[tuple[str, list[str]]]]:
    """The same for outlets of the stream's first days."""
    groups = defaultdict(list)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for _, line in zip(range(count), file, strict=False):
            item = json.loads(line)
            paragraphs = [" ".join(p.split()) for p in item["text"].split("\n") if p.strip()]
            if item.get("title") and 4 <= len(paragraphs) <= 60:
                groups[item["source"]].append((item["title"], paragraphs))
    return {source: texts for source, texts in groups.items() if len(texts) >= 6}


def glue(groups: dict[str, list[tuple[str, list[str]]]], count: int, *, has_headlines: bool):
    rng = random.Random(11)
    pages = []
    for _ in range(count):
        group = groups[rng.choice(sorted(groups))]
        lines: list[str] = []
        starts = set()
        for title, paragraphs in rng.sample(group, rng.choice((1, 1, 2, 3, 4, 6))):
            starts.add(len(lines))
            lines += [title] * has_headlines + paragraphs
        pages.append((lines, starts - {0}))
    return pages


@pytest.mark.parametrize(("has_headlines", "least"), [(False, 0.95), (True, 0.97)])
def test_glued_pages_of_publishers_come_apart(shared, has_headlines, least):
    """The weights have seen these articles; benchmarks/split_training.py measures on publishers they have not."""
    groups = read_publishers(shared / "corpus" / "publishers")
    f1, cut = boundaries(glue(groups, 60, has_headlines=has_headlines))

    assert f1 >= least
    assert cut == 0


@pytest.mark.parametrize(("has_headlines", "least"), [(False, 0.8), (True, 0.84)])
def test_glued_arabic_pages_of_one_outlet_come_apart(shared, has_headlines, least):
    """None of them is among those the weights were trained on."""
    groups = read_stream(shared / "corpus" / "stream" / "articles.jsonl.gz", 3000)
    f1, cut = boundaries(glue(groups, 60, has_headlines=has_headlines))

    assert f1 >= least
    assert cut == 0


def test_the_seeds_are_cut_only_where_their_articles_start(shared):
    """Three of five bare starts of seed 003 are found; its other articles are about the same happening."""
    found = {}
    for path in sorted((shared / "seeds").glob("*.txt")):
        body = path.read_bytes()
        lines = [" ".join(line.split()) for line in body.decode("utf-8").split("\n")]
        articles = read_page(body, url=None, content_type="text/plain; charset=utf-8").articles
        found[path.name[:3]] = {lines.index(article.blocks[0].text) + 1 for article in articles}

    assert found["000"] == {1, 46}
    assert {1, 38, 44, 50} <= found["003"] <= {1, 15, 29, 38, 44, 50}
    assert found["001"] == found["002"] == found["004"] == {1}
