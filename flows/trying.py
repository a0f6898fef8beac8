"""Try sources before a night does: look at them, keep what they answered, propose files for new ones."""

from __future__ import annotations

import json
import logging
import shutil
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import urlsplit

from articles.errors import NightwireError
from flows import config
from flows.run import now
from flows.sources import all_sources, choose_sources
from spiders import SourceFile, checking, load_source, proposing, source_for_url
from spiders.checking import Checked, View, check
from spiders.looking import ANSWERS_FILE, Looked, load_answers, look, save_answers
from spiders.remembering import remember
from spiders.settings import USER_AGENT
from spiders.source import FILE_STEM, SAMPLE_TLD, unlisted_source

SAMPLE_DELAY = (
    0.1  # seconds between two requests to an outlet of the sample web, which nobody has to be spared
)

OnLog = Callable[[int, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What was kept of a source for tests."""

    folder: Path
    files: tuple[Path, ...]
    checked: Checked


def sources_to_try(names: Sequence[str] | None, group: str | None = None) -> list[SourceFile]:
    """The sources of these ids, each once; or the enabled ones of a group.

    Raises:
        NightwireError: a name that no file has, with those that are like it; a group without an enabled source; or
            neither names nor a group, or both.
    """
    if bool(names) == bool(group):
        raise NightwireError("name the sources to try, or a group of them with --group; not both")
    if group is not None:
        return list(choose_sources(group, None))
    known = all_sources()
    for name in names or ():
        if name not in known:
            near = (
                get_close_matches(name, known, n=3, cutoff=0.5) or [one for one in known if name in one][:3]
            )
            hint = f"did you mean {' or '.join(near)}? " if near else ""
            raise NightwireError(
                f"there is no source {name}; {hint}`nightwire sources` lists the {len(known)} there are, "
                "`nightwire sources add URL` proposes a file for a new one"
            )
    return [known[name] for name in dict.fromkeys(names or ())]


def _announce(on_log: OnLog | None, whom: str, most: int, seconds: float) -> None:
    """Say what is about to be done to publishers, before it is."""
    if on_log is not None:
        text = f"asking {whom} as {USER_AGENT}: at most {most} requests, about {max(seconds, 1):.0f} s; longer where robots.txt wants it"
        on_log(logging.INFO, text)


def check_sources(
    sources: Sequence[SourceFile],
    *,
    on_checked: Callable[[SourceFile, Checked], None],
    newsroom: str | None = None,
    lake: Path | None = None,
    every_list: bool = False,
    on_log: OnLog | None = None,
) -> list[Checked]:
    """Ask live sources a few polite questions, side by side; nothing is stored.

    Args:
        sources: whom to ask.
        on_checked: called with each source as soon as it is done.
        newsroom: address of the sample web, for sources that live there.
        lake: where a crawler may have kept a memory, to see what is known already; none is needed.
        every_list: ask every feed, sitemap and section page, not only the first few.
        on_log: called with a `logging` level and a line: what is about to be asked, pauses, warnings.

    Returns:
        What was found, in the order of the sources.

    Raises:
        NightwireError: an outlet of the sample web without its address, or the look broke down.
    """
    _refuse_samples(sources, newsroom)
    found: dict[str, Checked] = {}

    def judge(looked: Looked) -> None:
        try:
            view = View.of(looked.source, looked.answers)
            memory = None if lake is None else remember(lake / "frontier.sqlite", view)
            checked = check(view, now=now(), is_whole=looked.is_whole, memory=memory)
        except Exception as problem:  # noqa: BLE001 - what a publisher sends may find a mistake of any kind
            checked = checking.broken(looked.source, problem, now=now())
        found[looked.source.name] = checked
        on_checked(looked.source, checked)

    most = max(_most(source, every_list) for source in sources)
    whom = sources[0].name if len(sources) == 1 else f"each of {len(sources)} sources"
    _announce(on_log, whom, most, max(one.delay_s * _most(one, every_list) for one in sources))
    look(
        {one.name: checking.first_asks(one, None if every_list else checking.LISTS) for one in sources},
        sources,
        plan="check",
        most=most,
        newsroom=newsroom,
        on_looked=judge,
        on_log=on_log,
    )
    return [found[source.name] for source in sources]


def check_recordings(sources: Sequence[SourceFile], folder: Path) -> Iterator[tuple[SourceFile, Checked]]:
    """Judge what `record_source` kept, as it was to be judged when it was recorded; no network, no lake.

    Raises:
        NightwireError: there is no recording of a source.
    """
    for source in sources:
        place = next((one for one in (folder / source.name, folder) if (one / ANSWERS_FILE).is_file()), None)
        if place is None:
            there = sorted(one.parent.name for one in folder.glob(f"*/{ANSWERS_FILE}"))
            raise NightwireError(
                f"{folder} holds no recording of {source.name}; it holds {', '.join(there) or 'none at all'}; "
                f"make one with `nightwire sources record {source.name} --to {folder}`"
            )
        answers = load_answers(place)
        others = {answer.source for answer in answers} - {source.name}
        if others:
            raise NightwireError(
                f"{place} is a recording of {', '.join(sorted(others))}, not of {source.name}"
            )
        yield source, check(View.of(source, answers), now=max(answer.answered_at for answer in answers))


def record_source(
    source: SourceFile,
    folder: Path,
    *,
    newsroom: str | None = None,
    force: bool = False,
    on_log: OnLog | None = None,
) -> Recording:
    """Keep what a check asks for, bytes and headers as they came, in a folder of the source's name.

    Raises:
        NightwireError: the folder lies inside a checkout, or holds something of that name already; then nobody is
            asked. Or nothing was answered.
    """
    _refuse_checkout(folder)
    target = folder / source.name
    if target.exists() and not force:
        raise NightwireError(
            f"{target} is there already; nothing is overwritten unless you say --force, or name another folder"
        )
    if target.exists() and not (target / ANSWERS_FILE).is_file():
        raise NightwireError(f"{target} is no recording, so --force does not replace it; name another folder")
    _refuse_samples([source], newsroom)
    asks = {source.name: checking.first_asks(source)}
    _announce(on_log, source.name, checking.MOST, checking.MOST * source.delay_s)
    (looked,) = look(asks, [source], plan="check", most=checking.MOST, newsroom=newsroom, on_log=on_log)
    checked = check(
        View.of(source, looked.answers),
        now=max((answer.answered_at for answer in looked.answers), default=now()),
        is_whole=looked.is_whole,
    )
    if all(answer.status is None for answer in looked.answers):
        why = next((f.text for f in reversed(checked.findings)), "nobody answered")
        raise NightwireError(f"nothing of {source.name} can be recorded: {why}")
    unfinished = folder / f".{source.name}.unfinished"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        files = save_answers(unfinished, looked.answers)
        if target.exists():
            shutil.rmtree(target)
        unfinished.rename(target)
    except OSError as problem:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise NightwireError(f"nothing can be written into {folder} ({problem}); check it") from problem
    return Recording(folder=target, files=tuple(target / file.name for file in files), checked=checked)


def propose_source(
    url: str, *, name: str | None = None, newsroom: str | None = None, on_log: OnLog | None = None
) -> proposing.Proposal:
    """Ask a site where its news is listed, and write a source file for it.

    Args:
        url: a page of the site, best its front page, or one of its feeds; https:// may be left out.
        name: the new source's id, where its country cannot be told or the site is another source's as well.
        newsroom: address of the sample web, for sites that live there.
        on_log: called with a `logging` level and a line: what is about to be asked, pauses, warnings.

    Raises:
        NightwireError: a source is at home there already, the site does not answer, or lists no news.
    """
    if "://" not in url:
        is_sample = (urlsplit(f"//{url}").hostname or "").endswith(SAMPLE_TLD)
        url = f"{'http' if is_sample else 'https'}://{url}"
    url += "" if urlsplit(url).path else "/"
    visited = unlisted_source(url)
    if visited.is_sample:
        visited = visited.model_copy(update={"delay_s": SAMPLE_DELAY})
    known = all_sources()
    if name is not None:
        _refuse_name(name, known)
    owner = source_for_url(url, known.values())
    if owner is not None and name is None:
        raise NightwireError(
            f"{url} is at home in the source {owner.name} ({owner.publisher}) already; try it with `nightwire sources "
            f"check {owner.name}`; for another one on the same site say its id with --name"
        )
    _refuse_samples([visited], newsroom)
    asks = {visited.name: proposing.asks_of(url)}
    _announce(on_log, visited.site, proposing.MOST, proposing.MOST * visited.delay_s)
    (looked,) = look(asks, [visited], plan="propose", most=proposing.MOST, newsroom=newsroom, on_log=on_log)
    proposed = proposing.propose(looked.answers, now=now(), name=name)
    if isinstance(proposed, proposing.Proposal):
        return proposed
    tried = "\n".join(f"  {one.via} {one.url}: {one.said}" for one in proposed)
    raise NightwireError(
        f"no feed or sitemap with news was found for {url}; what was tried:\n{tried}\n"
        "  give the address of one of its feeds instead, or write a file with `sections` by hand: docs/adding-a-source.md"
    )


def write_proposal(proposal: proposing.Proposal, folder: Path) -> Path:
    """Put a proposal into a folder of source files, and see whether it loads.

    Raises:
        NightwireError: a file of that name is there, the id is not known, or the folder cannot be written.
    """
    if proposal.name.startswith(f"{proposing.UNKNOWN}_"):
        raise NightwireError(
            "the publisher's country is not known, so the file has no name yet; give one with --name, such as "
            f"--name pk{proposal.name.removeprefix(proposing.UNKNOWN)}"
        )
    path = folder / f"{proposal.name}.toml"
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(proposal.toml)
    except FileExistsError as problem:
        raise NightwireError(f"{path} is there already; choose another id with --name") from problem
    except OSError as problem:
        raise NightwireError(f"{path} cannot be written ({problem.strerror}); check the folder") from problem
    if not proposal.missing:
        load_source(path)
    return path


def files_folder() -> str:
    """Where the source files in use lie, as a person would write it."""
    folder = config.sources_folder()
    return "spiders/sources" if folder is None else str(folder)


def checked_json(found: Sequence[Checked]) -> str:
    """Findings as JSON: a list with one object per source."""
    rows = [
        {
            "source": one.source,
            "checked_at": one.checked_at.isoformat(timespec="seconds"),
            "verdict": one.mark.value,
            "findings": [
                {
                    "mark": finding.mark.value,
                    "rule": finding.rule,
                    "about": finding.about,
                    "text": finding.text,
                    "lines": list(finding.lines),
                }
                for finding in one.findings
            ],
        }
        for one in found
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1)


def _most(source: SourceFile, every_list: bool) -> int:
    """Requests for one source: when every list is asked, each may be an index with a map."""
    lists = len(checking.first_asks(source, None))
    return max(checking.MOST, 2 * lists + 2) if every_list else checking.MOST


def _refuse_samples(sources: Sequence[SourceFile], newsroom: str | None) -> None:
    samples = [source for source in sources if source.is_sample]
    if samples and newsroom is None:
        raise NightwireError(
            f"{samples[0].site} is an outlet of the sample web; start `nightwire newsroom` and give the address that it "
            "prints with --newsroom"
        )


def _refuse_name(name: str, known: dict[str, SourceFile]) -> None:
    if FILE_STEM.fullmatch(name) is None:
        raise NightwireError(
            f"--name {name} is no id of a source; expected two letters of a country, an underscore and lower-case "
            "letters or digits, such as pk_daily"
        )
    if name in known:
        raise NightwireError(f"--name {name} is the id of {known[name].publisher} already; choose another")


def _refuse_checkout(folder: Path) -> None:
    """Publishers' texts must never enter the repository, not even by an oversight."""
    code = Path(__file__).resolve().parents[1]
    for above in (folder.resolve(), *folder.resolve().parents):
        if above == code or _is_checkout(above):
            raise NightwireError(
                f"{folder} lies inside the project's checkout {above}; what publishers wrote is theirs and must never "
                "enter the repository; name a folder elsewhere, such as ~/nightwire-recordings"
            )


def _is_checkout(folder: Path) -> bool:
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return project.get("project", {}).get("name") == "nightwire"
