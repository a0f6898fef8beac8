"""What is written down is what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spiders.source import SourceFile
from tests.warehouse.pages import NOW, known_source, load, page, prose
from warehouse import Lake, data_dictionary, find_stories, publish, query, store_sources

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_the_one_the_tables_give():
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run `nightwire docs`"


def test_every_key_of_a_source_file_is_explained():
    page = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    for key in SourceFile.model_fields:
        assert key == "name" or f"`{key}`" in page


@pytest.mark.parametrize(
    "page",
    ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/adding-a-source.md", "docs/querying.md"],
)
def test_every_link_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_make_alone_lists_the_verbs_the_readme_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for verb in re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{verb}:.*##", makefile, flags=re.MULTILINE), verb


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wire that two outlets carry, a second text about the happening, and one of nobody else."""
    made = Lake.create_or_open(tmp_path_factory.mktemp("docs") / "lake")
    store_sources(made, [known_source("zz_a", "Agency Post", "ZA"), known_source("zz_b", "Bank", "ZB")])
    wire = prose(1, paragraphs=4)
    load(
        made,
        page("1", wire, source="zz_a", agency="Reuters"),
        page("2", wire.split("\n", 1)[1], source="zz_b", hours=1),
        page("3", prose(2), source="zz_b"),
    )
    find_stories(made, run_id="run", now=NOW)
    publish(made)
    made.close()
    return made.home


def test_every_question_for_analysts_is_answered(lake):
    """Pasted as they stand; an answer may be empty where the small lake has nothing of the kind."""
    page = (ROOT / "docs" / "querying.md").read_text(encoding="utf-8")
    questions = re.findall(r"```sql\n(.*?)```", page, flags=re.DOTALL)
    assert len(questions) == 5
    answered = 0
    for question in questions:
        with query(lake, question) as answer:
            answered += any(True for _ in answer.rows())
    assert answered >= 4
