"""Every question in the README is one the lake answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
QUESTIONS = re.findall(r"^\*\*(.+?)\*\*\n+```sql\n(.+?)```", README, flags=re.MULTILINE | re.DOTALL)


def test_the_cookbook_holds_ten_questions_or_more():
    assert len(QUESTIONS) >= 10


@pytest.mark.parametrize(("question", "statement"), QUESTIONS, ids=[question for question, _ in QUESTIONS])
def test_a_question_of_the_cookbook_has_an_answer(question, statement, two_nights):
    assert two_nights.ask(statement), f"{question} has no row in two nights of the sample web"
