"""A dateline is read where nothing else can stand; an ordinary sentence with a dash or a colon has none."""

from __future__ import annotations

import pytest

from articles.datelines import read_dateline


@pytest.mark.parametrize(
    ("text", "place", "agency", "rest"),
    [
        (
            "ISLAMABAD, Pakistan — Karsan and Zarvan agreed on Thursday to hold talks.",
            "ISLAMABAD, Pakistan",
            None,
            "Karsan and",
        ),
        (
            "KOT SAMAND, Karsan, Nov 19 (Reuters) - Karsan and Zarvan agreed",
            "KOT SAMAND, Karsan",
            "Reuters",
            "Karsan and",
        ),
        (
            "KOT SAMAND: The first explosion took the roof off the family's shed.",
            "KOT SAMAND",
            None,
            "The first",
        ),
        ("KARSAN (AFP): Two people died on Thursday", "KARSAN", "AFP", "Two people"),
        ("NURGARH, 19 November 2026 (AP) — “Two people died,” she said", "NURGARH", "AP", "“Two people"),
        (
            "UMM SIDR/KOT SAMAND, Nov 19 (Reuters) - Two people died",
            "UMM SIDR/KOT SAMAND",
            "Reuters",
            "Two people",
        ),
        ("LORWAH, Nov 22 — Private companies did not pay", "LORWAH", None, "Private"),
        ("Karsan (Reuters) - Two people died", "Karsan", "Reuters", "Two people"),
        ("Tehran, Nov 19, IRNA – The minister said", "Tehran", "IRNA", "The minister"),
        ("بغداد - رويترز: قال مسؤول إن الجسر مغلق", "بغداد", "Reuters", "قال مسؤول"),
        ("بغداد (رويترز) - قال مسؤول إن الجسر مغلق", "بغداد", "Reuters", "قال مسؤول"),
        ("عمان - (بترا) - قال مسؤول إن الجسر مغلق", "عمان", "Petra", "قال مسؤول"),
        ("تهران (ایرنا) - یک مقام وزارت نیرو گفت", "تهران", "IRNA", "یک مقام"),
        ("ایرنا - تهران - یک مقام وزارت نیرو گفت", "تهران", "IRNA", "یک مقام"),
        ("کوئٹہ (اے ایف پی) وزارت کے ایک اہلکار نے کہا", "کوئٹہ", "AFP", "وزارت کے"),
        (
            "کوٹ سمند: زروان کے ساتھ زمینی تجارت کا واحد راستہ نیلا پل بدھ کی صبح بند کر دیا گیا",
            "کوٹ سمند",
            None,
            "زروان کے",
        ),
        ("اسلام آباد (ویب ڈیسک): وزارت کے ایک اہلکار نے کہا", "اسلام آباد", None, "وزارت کے"),
        ("МОСКВА, 19 ноября. /ТАСС/. Мост открыт для всех", "МОСКВА", "TASS", "Мост открыт"),
        ("Москва. 19 ноября. INTERFAX.RU - Мост открыт для всех", "Москва", "Interfax", "Мост открыт"),
        ("МОСКВА, 19 ноя — РИА Новости. Мост открыт для всех", "МОСКВА", "RIA Novosti", "Мост открыт"),
        ("PARIS, 19 novembre (AFP) - Le pont a rouvert jeudi", "PARIS", "AFP", "Le pont"),
        ("Madrid, 19 nov (EFE).- El puente reabrió el jueves", "Madrid", "EFE", "El puente"),
        ("ROMA, 19 NOV (ANSA) - Il ponte ha riaperto", "ROMA", "ANSA", "Il ponte"),
        ("ANKARA, 19 Kasım (AA) - Köprü yeniden açıldı", "ANKARA", "Anadolu", "Köprü"),
        ("Berlin (dpa/bb) - Die Brücke ist wieder offen", "Berlin", "dpa", "Die Brücke"),
        (
            "بغداد - قال مسؤول في وزارة النقل إن الجسر الحدودي سيبقى مغلقا حتى نهاية الأسبوع المقبل",
            "بغداد",
            None,
            "قال مسؤول",
        ),
        (
            "تهران – یک مقام وزارت راه روز پنجشنبه گفت که پل مرزی تا پایان هفته آینده بسته خواهد ماند",
            "تهران",
            None,
            "یک مقام",
        ),
        (
            "صنعاء — قال مسؤول في وزارة النقل إن الجسر الحدودي سيبقى مغلقا حتى نهاية الأسبوع المقبل",
            "صنعاء",
            None,
            "قال مسؤول",
        ),
    ],
)
def test_datelines(text, place, agency, rest):
    found = read_dateline(text)
    assert found is not None
    assert (found.place, found.agency) == (place, agency)
    assert found.rest.startswith(rest)


@pytest.mark.parametrize(
    "text",
    [
        "", "KARSAN", "KARSAN:", "KARSAN —", "Karsan and Zarvan agreed on Thursday to hold talks.", "The minister - a former judge - said on Thursday that it was shut",
        "He said: the bridge will stay shut until the end of the week", "Officials: The bridge will stay shut until the end of the week", "BREAKING: Two people died on Thursday at the bridge in the north",
        "WATCH — Two people died on Thursday at the bridge in the north", "UN: Two people died on Thursday at the bridge in the north", "Q: Why did the bridge close on Thursday in the north of it?",
        "JANE DOE, HOST: The bridge will stay shut until the end of the week", "KARSAN: a view from the river bank on a cold day in November", "WHEAT PRICE: Up", "Mr. Khan (AP) - said that he would go",
        "القاهرة - قال مسؤول إن الجسر مغلق اليوم", "أكد الوزير - في تصريح - أن الجسر مغلق", "رويترز - قال مسؤول إن الجسر مغلق", "وزیر خارجہ: زروان کے ساتھ زمینی تجارت کا واحد راستہ نیلا پل بدھ کی صبح بند کر دیا گیا", "پل: کھل گیا ہے",
        "عاجل - قال مسؤول في وزارة النقل إن الجسر الحدودي سيبقى مغلقا حتى نهاية الأسبوع المقبل", "سالم الأحمد - قال مسؤول في وزارة النقل إن الجسر الحدودي سيبقى مغلقا حتى نهاية الأسبوع",
        "بغداد - في الشمال - قال مسؤول في وزارة النقل إن الجسر الحدودي سيبقى مغلقا حتى نهاية الأسبوع", "گزارش – یک مقام وزارت راه روز پنجشنبه گفت که پل مرزی تا پایان هفته آینده بسته خواهد ماند",
        "Москва. 19 ноября. Мост открыт - сообщили в министерстве", "وزیر: پل بند رہے گا اور گاڑیاں رکی رہیں گی",
    ],
)  # fmt: skip
def test_what_has_no_dateline(text):
    assert read_dateline(text) is None
