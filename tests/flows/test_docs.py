"""What is written down is what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from spiders.source import SourceFile
from warehouse import data_dictionary

ROOT = Path(__file__).parents[2]


def test_the_data_dictionary_is_the_one_the_tables_give():
    written = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    assert written == data_dictionary(), "run `nightwire docs`"


def test_every_key_of_a_source_file_is_explained():
    page = (ROOT / "docs" / "adding-a-source.md").read_text(encoding="utf-8")
    for key in SourceFile.model_fields:
        assert key == "name" or f"`{key}`" in page


@pytest.mark.parametrize(
    "page", ["README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/adding-a-source.md"]
)
def test_every_link_leads_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)\)", text):
        assert ((ROOT / page).parent / target).exists(), target


def test_make_alone_lists_the_verbs_the_readme_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for verb in re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text(encoding="utf-8")):
        assert re.search(rf"^{verb}:.*##", makefile, flags=re.MULTILINE), verb
