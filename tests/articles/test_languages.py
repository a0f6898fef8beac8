"""A language is told from prose in it, and never guessed from too little."""

from __future__ import annotations

import pytest

from articles.languages import identify


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The crossing reopened at noon on Thursday after four days, officials said."),
        ("fr", "Le passage a rouvert jeudi à midi après quatre jours, ont indiqué les autorités."),
        (
            "de",
            "Der Übergang wurde am Donnerstagmittag nach vier Tagen wieder geöffnet, teilten die Behörden mit.",
        ),
        ("es", "El paso fronterizo reabrió el jueves al mediodía tras cuatro días, según las autoridades."),
        ("tr", "Köprü dört gün sonra perşembe günü öğle saatlerinde yeniden açıldı."),
        ("ru", "Переход вновь открылся в четверг в полдень после четырёх дней, сообщили власти."),
        ("uk", "Перехід знову відкрився у четвер опівдні після чотирьох днів, повідомила влада."),
        ("ar", "وأعيد فتح المعبر ظهر الخميس بعد أربعة أيام من الإغلاق، بحسب مسؤول."),
        ("fa", "گذرگاه ظهر پنجشنبه بازگشایی شد و کامیون‌ها چهار روز در صف مانده بودند."),
        (
            "fa",
            "گذرگاه ظهر پنجشنبه پس از چهار روز بازگشایی شد، يك مقام گفت كه ترافيك روان است.",
        ),  # Arabic yeh and kaf
        ("ur", "وزارت کے ایک اہلکار نے صحافیوں کو بتایا کہ پل چار دن بعد کھول دیا گیا۔"),
        ("ps", "د پولې چارواکي وايي چې لاره به سبا پرانیستل شي او موټرونه به تېر شي."),
        ("ckb", "کاربەدەستێک گوتی پردەکە لە نیوەڕۆی پێنجشەممە دەکرێتەوە."),
        ("he", "המעבר נפתח מחדש ביום חמישי בצהריים אחרי ארבעה ימים."),
        ("zh", "大桥关闭四天后星期四中午重新开放，官员说。"),
        ("ja", "橋は四日ぶりに木曜日の正午に再開したと当局者は述べた。"),
        ("ko", "다리는 나흘 만에 목요일 정오에 다시 열렸다고 당국자가 말했다."),
        ("el", "Το πέρασμα άνοιξε ξανά την Πέμπτη το μεσημέρι."),
    ],
)
def test_a_sentence_tells_its_language(language, text):
    assert identify(text) == language
    assert identify(f"{text}\n{text} (Reuters) https://daily.example/a") == language


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "Reuters",
        "2026-11-19 14:05",
        "!!! 12345 678",
        "رويترز",
        "Karsan كرسان Karsan كرسان Karsan كرسان Karsan كرسان",
    ],
)
def test_too_little_or_mixed_text_has_no_language(text):
    assert identify(text) is None
