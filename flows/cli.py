"""The command line: `nightwire VERB …`. Each verb calls one function of a room and shows what came of it.

What a verb needs is imported when it runs, so that reading one file does not wait for Prefect to load.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from typing_extensions import override  # in `typing` from Python 3.12 on

from articles.errors import NightwireError
from flows import config

T = TypeVar("T")

app = typer.Typer(
    name="nightwire",
    help="A nightly news wire that can be queried.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,  # a headline in an error must not be markup
    pretty_exceptions_enable=False,
)
export_app = typer.Typer(
    help="Write the lake out as plain tables that need no catalog.", no_args_is_help=True
)
app.add_typer(export_app, name="export")
sources_app = typer.Typer(
    help="The sources there are files for; `check` and `record` try one, `add` proposes a new one.",
    invoke_without_command=True,
)
app.add_typer(sources_app, name="sources")

LakeOption = Annotated[
    Path | None, typer.Option("--lake", help=f"The lake's folder; default {config.LAKE}, else lake/.")
]
WaitOption = Annotated[bool, typer.Option("--wait", help="Wait for another run on this lake to end.")]
ForceOption = Annotated[bool, typer.Option("--force", help="Replace what is there.")]
BodiesOption = Annotated[bool, typer.Option("--bodies", help="With the captured pages themselves.")]
SinceOption = Annotated[
    datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day (UTC).")
]
UntilOption = Annotated[
    datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day (UTC).")
]
NewsroomOption = Annotated[
    str | None, typer.Option(help="Address of the sample web that `nightwire newsroom` prints.")
]


def main() -> None:
    """Run the command line; a failure is one clear sentence and a status other than 0."""
    try:
        app()
    except NightwireError as error:
        from flows.terminal import printable

        print(f"nightwire: {printable(str(error))}", file=sys.stderr)
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output, `head` say, has seen enough
        sys.stderr.close()
        sys.exit(0)


@app.command()
def read(
    what: Annotated[list[str], typer.Argument(metavar="FILE|URL…")],
    as_json: Annotated[bool, typer.Option("--json", help="Everything that was understood, as JSON.")] = False,
    newsroom: NewsroomOption = None,
) -> None:
    """Read pages clean: the text of each article, with title, authors, date and agency."""
    from flows.looking import read_things
    from flows.terminal import reading_json, show_reading

    is_empty = False
    for reading in read_things(what, newsroom):
        if as_json:
            print(reading_json(reading))
        else:
            show_reading(_console(), reading)
        is_empty = is_empty or not reading.articles
    if is_empty:
        raise typer.Exit(1)


@app.command()
def explain(
    what: Annotated[str, typer.Argument(metavar="FILE|URL|ARTICLE_ID")],
    newsroom: NewsroomOption = None,
    lake: LakeOption = None,
) -> None:
    """Print a page block by block, with what each is and the rule that said so."""
    from flows.looking import read_things, reading_of_article
    from flows.terminal import explain_reading

    kept = reading_of_article(config.lake_home(lake), what)
    for reading in [kept] if kept is not None else read_things([what], newsroom):
        explain_reading(_console(), reading)


@app.command()
def copies(
    what: Annotated[str, typer.Argument(metavar="ARTICLE|URL|FILE")],
    against: Annotated[
        str | None,
        typer.Option(help="Put this carrier beside it: an article's id, or the number it is shown with."),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Every carrier, not the first 40.")] = False,
    width: Annotated[
        int | None, typer.Option(min=40, help="Characters a line; default: what the terminal has.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="For programs: one document for each text, always uncoloured.")
    ] = False,
    newsroom: NewsroomOption = None,
    lake: LakeOption = None,
) -> None:
    """Show who carries a text, and side by side what was cut, added and changed. Nothing is stored."""
    from flows.carrying import SHOWN, carrying_json, who_carries
    from flows.side_by_side import show_carrying

    console = _console(width)
    home = config.lake_home(lake)
    shown = None if every else SHOWN
    for number, found in enumerate(who_carries(home, what, against=against, newsroom=newsroom, shown=shown)):
        if as_json:
            print(carrying_json(found))
            continue
        if number:
            console.print()
        show_carrying(console, found)


@app.command()
def nightly(
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The night; default today (UTC).")
    ] = None,
    group: Annotated[str, typer.Option(help="Visit the enabled sources of this group.")] = "region",
    only: Annotated[list[str] | None, typer.Option("--source", help="Visit these sources instead.")] = None,
    newsroom: NewsroomOption = None,
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Fetch, read, compare, check and publish one night. Twice leaves the same lake."""
    from flows.nightly import nightly as flow

    night: date | None = day.date() if day else None
    _run(lambda: flow.fn(night, group, only, newsroom=newsroom, lake=_text(lake), wait=wait))


@app.command()
def backfill(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="PATH…")] = None,
    source: Annotated[
        str | None,
        typer.Option(
            help="Of files: their source, where they do not say. Of web archives: take its pages alone. "
            "With --from and --to: whose archives."
        ),
    ] = None,
    all_hosts: Annotated[
        bool, typer.Option("--all-hosts", help="Of web archives: pages of hosts that are no source's, too.")
    ] = False,
    urls: Annotated[
        str | None,
        typer.Option(
            "--urls", metavar="FILE", help="Ask for these addresses, one a line; - for standard input."
        ),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="Ask the archives of --source, from this day on."),
    ] = None,
    until: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The last day of these.")
    ] = None,
    newsroom: NewsroomOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen; write nothing, ask nobody.")
    ] = False,
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Load the past: files and web archives, a list of addresses, or days of a source's archives.

    PATH is a file or a folder of text, HTML, JSONL, WARC and WARC.gz, another lake, or an exported captures.parquet.
    Stopped half-way, the same command resumes.
    """
    from flows.backfill import Asked
    from flows.backfill import backfill as flow
    from flows.looking_ahead import look_ahead

    names = [str(path) for path in paths or ()]
    first, last = since and since.date(), until and until.date()
    if dry_run:
        asked = Asked(
            paths=tuple(names),
            source=source,
            all_hosts=all_hosts,
            urls_file=urls,
            since=first,
            until=last,
            newsroom=newsroom,
        )
        print(_watched(lambda: look_ahead(asked, config.lake_home(lake))))
    else:
        _run(
            lambda: flow.fn(
                names, source, all_hosts, urls, first, last, newsroom, lake=_text(lake), wait=wait
            )
        )


@app.command()
def reread(
    everything: Annotated[
        bool, typer.Option("--everything", help="Also what the current reader has read.")
    ] = False,
    accept: Annotated[bool, typer.Option("--accept", help="Store what is read.")] = False,
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Read the kept captures again with the current rules and say what would change, then store it with --accept."""
    from flows.reread import is_waiting
    from flows.reread import reread as flow

    _run(lambda: flow.fn(everything, accept, lake=_text(lake), wait=wait))
    is_asked = not accept and sys.stdin.isatty() and sys.stdout.isatty()
    if is_asked and is_waiting(config.lake_home(lake)) and typer.confirm("Store this?"):
        _run(lambda: flow.fn(everything, accept=True, lake=_text(lake), wait=wait))


@app.command()
def compare(
    everything: Annotated[
        bool, typer.Option("--all", help="Every article again, with those of any age in the whole archive.")
    ] = False,
    days: Annotated[
        int | None, typer.Option(min=0, help="Every article again, with those within so many days.")
    ] = None,
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Look for copies and stories of what still waits for it; with --all or --days, of everything anew.

    Each night compares what is new with the last 60 days, and with equal texts of any age. NIGHTWIRE_COPY_DAYS sets
    another number of days, or all. Stopped half-way, the same command goes on.
    """
    from flows.compare import compare as flow

    if everything and days is not None:
        raise NightwireError("give --all or --days, not both: --all is every age")
    _run(lambda: flow.fn(everything=everything, days=days, lake=_text(lake), wait=wait))


@app.command()
def maintain(
    keep_days: Annotated[int | None, typer.Option(help="Forget older snapshots; default: keep all.")] = None,
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Compact the lake and remove files nothing points at."""
    from flows.maintain import maintain as flow

    _run(lambda: flow.fn(keep_days, lake=_text(lake), wait=wait))


@app.command()
def verify(
    lake: LakeOption = None,
    wait: WaitOption = False,
) -> None:
    """Check every promise of the lake in the whole archive; a night checks what it wrote."""
    from flows.verify import verify as flow

    _run(lambda: flow.fn(lake=_text(lake), wait=wait))


@app.command()
def sql(
    statement: Annotated[str, typer.Argument(help="One select.")],
    as_csv: Annotated[bool, typer.Option("--csv")] = False,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write the answer to this Parquet file.")] = None,
    lake: LakeOption = None,
) -> None:
    """Ask the published lake; read-only, also while a night is being written."""
    from warehouse import query, write_csv, write_json, write_parquet

    home = config.lake_home(lake)
    if parquet is not None:
        print(f"{write_parquet(home, statement, parquet):,} rows in {parquet}")
    elif as_csv:
        write_csv(home, statement, sys.stdout)
    elif as_json:
        write_json(home, statement, sys.stdout)
    else:
        from flows.terminal import SHOWN_ROWS, as_table

        with query(home, statement) as answer:
            rows = list(islice(answer.rows(), SHOWN_ROWS + 1))
            print(as_table(answer.columns, rows[:SHOWN_ROWS], _console().width))
        if len(rows) > SHOWN_ROWS:
            print(f"these are the first {SHOWN_ROWS:,} rows; --csv, --json and --parquet give them all")


@export_app.command("duckdb")
def export_to_duckdb(
    file: Path,
    force: ForceOption = False,
    bodies: BodiesOption = False,
    lake: LakeOption = None,
) -> None:
    """Every table and view in one DuckDB file."""
    from warehouse import export_duckdb

    export_duckdb(config.lake_home(lake), file, force=force, bodies=bodies)
    print(f"wrote {file}")


@export_app.command("parquet")
def export_to_parquet(
    folder: Path,
    force: ForceOption = False,
    bodies: BodiesOption = False,
    lake: LakeOption = None,
) -> None:
    """Every table as a Parquet file."""
    from warehouse import export_parquet

    export_parquet(config.lake_home(lake), folder, force=force, bodies=bodies)
    print(f"wrote {folder}")


@export_app.command("warc")
def export_to_warc(
    target: Annotated[Path, typer.Argument(metavar="FILE.warc.gz|FOLDER")],
    force: ForceOption = False,
    source: Annotated[str | None, typer.Option(help="This source's captures alone.")] = None,
    since: SinceOption = None,
    until: UntilOption = None,
    lake: LakeOption = None,
) -> None:
    """The captured pages as web archives: one file, or a folder of files of 1 GB."""
    from flows.watching import advance
    from warehouse import export_warc

    counts = _watched(
        lambda: export_warc(
            config.lake_home(lake),
            target,
            force=force,
            source=source,
            since=since and since.date(),
            until=until and until.date(),
            on_progress=lambda done, total: advance("writing pages", done, total),
        )
    )
    print(f"wrote {target}: {counts.captures:,} captures, {counts.bytes:,} bytes in {counts.files} files")


@sources_app.callback()
def sources(
    context: typer.Context,
    group: Annotated[
        str | None, typer.Option(help="Those of this group; `sample` is the sample web.")
    ] = None,
    country: Annotated[str | None, typer.Option(help="Those of this country, such as PK.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Those that print in this language, such as ur.")
    ] = None,
    only_off: Annotated[bool, typer.Option("--off", help="Only those that no night visits.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="With the outlets of the sample web.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Every key of every file.")] = False,
) -> None:
    """List the sources there are files for."""
    from flows.showing import choose_rows, show_table, table_json, write_table
    from flows.sources import all_sources

    if context.invoked_subcommand is not None:
        return
    known = all_sources()
    chosen = choose_rows(
        known.values(),
        group=group,
        country=country,
        language=language,
        only_off=only_off,
        everything=everything,
    )
    if not chosen:
        raise NightwireError(
            f"none of the {len(known)} sources is such; leave an option out, or `nightwire sources --all`"
        )
    if as_csv:
        write_table(chosen, sys.stdout)
    elif as_json:
        print(table_json(chosen))
    else:
        has_filter = any((group, country, language, only_off))
        show_table(_console(), chosen, hidden=0 if has_filter else len(known) - len(chosen))


@sources_app.command("check")
def check_sources(
    names: Annotated[list[str] | None, typer.Argument(metavar="NAME…")] = None,
    group: Annotated[str | None, typer.Option(help="The enabled sources of this group instead.")] = None,
    every_list: Annotated[
        bool, typer.Option("--all", help="Ask every feed, sitemap and section, not only the first few.")
    ] = False,
    recorded: Annotated[
        Path | None, typer.Option("--from", help="Judge what `record` kept in this folder; asks nobody.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    newsroom: NewsroomOption = None,
    lake: LakeOption = None,
) -> None:
    """Ask live sources a few polite questions, and say line by line what works. Nothing is stored."""
    from flows import trying
    from flows.showing import show_checked, show_verdicts
    from flows.terminal import printable
    from spiders.checking import Checked, Mark
    from spiders.source import SourceFile

    console = _console()

    def show(source: SourceFile, checked: Checked) -> None:
        if not as_json:
            show_checked(console, source, checked)

    chosen = trying.sources_to_try(names, group)
    if recorded is not None:
        found = []
        for source, checked in trying.check_recordings(chosen, recorded):
            show(source, checked)
            found.append(checked)
    else:
        found = trying.check_sources(
            chosen,
            on_checked=show,
            newsroom=newsroom,
            lake=config.lake_home(lake),
            every_list=every_list,
            on_log=_say_log,
        )
    if as_json:
        print(printable(trying.checked_json(found)))
    elif len(found) > 1:
        show_verdicts(console, found)
    if all(checked.is_unreachable for checked in found):
        _say("nobody answered at all: see whether this machine has a network before judging a source")
    if any(checked.mark is Mark.FAILS for checked in found):
        raise typer.Exit(1)


@sources_app.command("record")
def record_source(
    name: str,
    to: Annotated[Path, typer.Option("--to", help="A folder outside the checkout.")],
    force: ForceOption = False,
    newsroom: NewsroomOption = None,
) -> None:
    """Keep robots.txt, lists and an article of a source, as they came, for tests outside the repository."""
    from flows import trying
    from flows.showing import show_recording

    (source,) = trying.sources_to_try([name])
    recording = trying.record_source(source, to, newsroom=newsroom, force=force, on_log=_say_log)
    show_recording(_console(), recording)


@sources_app.command("add")
def add_source(
    url: str,
    to: Annotated[Path | None, typer.Option("--to", help="Write the file into this folder.")] = None,
    name: Annotated[str | None, typer.Option(help="The new source's id, such as pk_daily.")] = None,
    newsroom: NewsroomOption = None,
) -> None:
    """Find the feeds and news sitemaps of a site, and propose its source file."""
    from flows import trying
    from flows.showing import proposal_text, show_tried, to_fill_in

    proposal = trying.propose_source(url, name=name, newsroom=newsroom, on_log=_say_log)
    show_tried(_console(stderr=True), proposal.tried)
    print(f"# {proposal.name}.toml")
    print(proposal_text(proposal), end="")
    written = None if to is None else trying.write_proposal(proposal, to)
    _say(to_fill_in(proposal, written))


@app.command()
def newsroom(
    port: Annotated[int, typer.Option(help="On 127.0.0.1; 0 takes any free one.")] = 8460,
    night: Annotated[int, typer.Option(help="Which of the two nights to show.")] = 1,
) -> None:
    """Serve the sample web on loopback: look at it in a browser, or crawl it."""
    from newsroom import Newsroom, NewsroomError

    try:
        site = Newsroom(night=night, port=port)
    except NewsroomError as error:  # it knows no other room
        raise NightwireError(str(error)) from error
    print(f"the sample web is at {site.url} (night {night}); stop it with Ctrl-C")
    print(f"crawl it with: nightwire nightly --group sample --newsroom {site.url}")
    site.serve_forever()


@app.command()
def demo(
    lake: Annotated[Path, typer.Option(help="Made anew for the demo.")] = Path("demo-lake"),
) -> None:
    """Two nights against the sample web, then what came of them."""
    from flows.demo import demo as show

    show(_console(), lake, _watched)


@app.command()
def up() -> None:
    """Prepare the Prefect server that PREFECT_API_URL names: pool, deployments, pruning, zombie automation."""
    from flows.deploy import POOL
    from flows.deploy import up as prepare

    done = prepare(Path.cwd())
    print(f"{done.api_url}: deployed {', '.join(done.deployed)}")
    if done.pruned:
        print(f"removed {', '.join(done.pruned)}, which left prefect.yaml")
    print(f"now keep a worker running here: .venv/bin/prefect worker start --pool {POOL}")


@app.command()
def docs(file: Annotated[Path, typer.Argument()] = Path("docs/data-dictionary.md")) -> None:
    """Write the data dictionary: every table, column and view with its meaning."""
    from warehouse import data_dictionary

    file.write_text(data_dictionary(), encoding="utf-8")
    print(f"wrote {file}")


def _run(flow: Callable[[], str]) -> None:
    from flows.run import NightBroken

    try:
        print(_watched(flow))
    except NightBroken as error:
        if error.report is not None:
            print(error.report)
        raise


def _watched(work: Callable[[], T]) -> T:
    """Do the work with a progress bar where somebody looks, and warnings on standard error."""
    from flows.watching import BarWatcher, watched_by

    console = Console(stderr=True)
    if not console.is_terminal:
        _log_to_stderr()
        return work()
    with BarWatcher(console) as bars, watched_by(bars):
        _log_to_stderr()  # now, so that lines go above the bars
        return work()


def _log_to_stderr() -> None:
    from flows.terminal import SafeFormatter
    from flows.watching import LOG

    handler = logging.StreamHandler()
    handler.setFormatter(SafeFormatter("nightwire: %(message)s"))
    LOG.handlers = [handler]  # ours alone: Prefect's would print each line a second time, in its own form
    LOG.propagate = False
    LOG.setLevel(logging.WARNING)


def _console(width: int | None = None, *, stderr: bool = False) -> Console:
    from flows.terminal import FILE_WIDTH

    if width is None and not (sys.stderr if stderr else sys.stdout).isatty():
        width = config.columns() or FILE_WIDTH
    return _Console(highlight=False, soft_wrap=True, width=width, stderr=stderr)


class _Console(Console):
    """A console whose reader may stop reading: rich would end the program with a failure."""

    @override
    def on_broken_pipe(self) -> None:
        """Leave it to `main`, as for any other output."""
        raise BrokenPipeError


def _say(text: str) -> None:
    """Tell whoever looks; standard output holds the answer alone."""
    from flows.terminal import printable

    print(f"nightwire: {printable(text)}", file=sys.stderr)


def _say_log(_level: int, text: str) -> None:
    _say(text)


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)
