"""The same night through a real Prefect server and worker: prepared by `nightwire up`, run as a deployment."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient

from articles import READER_VERSION
from flows import deploy
from flows.backfill import backfill
from newsroom import Newsroom
from warehouse import Lake, query

ROOT = Path(__file__).parents[2]
RUN_S = 240  # a run of twenty seconds, on a machine that has other work

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(3 * RUN_S)]


@contextmanager
def running(command: list[str], env: dict[str, str]):
    """A child in a group of its own, ended with everything it started."""
    child = subprocess.Popen(
        [sys.executable, "-m", "prefect", *command],
        cwd=ROOT,
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield child
    finally:
        os.killpg(child.pid, signal.SIGTERM)
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait(5)


def final_state(client: SyncPrefectClient, run_id):
    state = client.read_flow_run(run_id).state
    return state if state and state.is_final() else None


def wait_for(condition, seconds: float, what: str):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := condition():
            return found
        time.sleep(0.5)
    pytest.fail(f"{what}: not within {seconds:g} s")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of our own on a free port, and the environment that leads to it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
    }

    def is_up() -> bool:
        try:
            return httpx.get(f"{env['PREFECT_API_URL']}/health").status_code == 200
        except httpx.TransportError:
            return False

    with running(["server", "start", "--port", str(port)], env):
        wait_for(is_up, 90, "the Prefect server")
        yield env


@pytest.fixture(scope="module")
def client(server):
    with SyncPrefectClient(server["PREFECT_API_URL"]) as client:
        yield client


@pytest.fixture(scope="module")
def prepared(server, nightwire_process):
    """`nightwire up`, twice, as after an upgrade."""
    nightwire_process("up", env=server).check_returncode()
    again = nightwire_process("up", env=server)
    again.check_returncode()
    return again.stdout


def test_a_night_deployed_to_a_real_server_lands_in_the_lake(server, prepared, client, tmp_path):
    lake = tmp_path / "lake"
    nightly = client.read_deployment_by_name("nightly/nightly")
    with Newsroom() as site, running(["worker", "start", "--pool", deploy.POOL], server):
        parameters = {
            "only": ["zz_karsan_post"],
            "newsroom": site.url,
            "lake": str(lake),
            "day": "2026-11-19",
        }
        run = client.create_flow_run_from_deployment(nightly.id, parameters=parameters)

        state = wait_for(lambda: final_state(client, run.id), RUN_S, "the deployed night")
    assert state.is_completed(), state.message
    with query(lake, "select count(*) from articles where source = 'zz_karsan_post'") as answer:
        assert next(iter(answer.rows()))[0] > 0
    tasks = {one.name.split("-")[0] for one in client.read_task_runs() if one.flow_run_id == run.id}
    assert {"crawl_sources", "read_captures", "find_tonights_copies", "keep_promises"} <= tasks


def test_a_deployed_reread_stores_nothing_until_it_is_told_to(server, prepared, client, tmp_path):
    (tmp_path / "well.txt").write_text(
        "Engineers reopen the well\n\nThe well at Sangar was reopened on Monday by the engineers of the district, "
        "who said that forty families would draw water there again.",
        encoding="utf-8",
    )
    home = tmp_path / "lake"
    backfill.fn([str(tmp_path / "well.txt")], lake=str(home))
    lake = Lake.open(home)
    lake.transact(
        lambda connection: connection.execute("update readings set reader_version = 'older'"), message="age"
    )
    deployment = client.read_deployment_by_name("reread/reread")
    versions = []
    with running(["worker", "start", "--pool", deploy.POOL], server):
        for accept in (False, True):
            run = client.create_flow_run_from_deployment(
                deployment.id, parameters={"lake": str(home), "accept": accept}
            )
            state = wait_for(lambda run=run: final_state(client, run.id), RUN_S, "the deployed reread")
            assert state.is_completed(), state.message
            with lake.connection() as connection:
                versions += connection.execute("select reader_version from readings").fetchall()
    lake.close()
    assert versions == [("older",), (READER_VERSION,)]


def test_up_a_second_time_leaves_what_the_file_declares(prepared, client):
    assert "deployed nightly, backfill, reread, maintain" in prepared
    assert {one.name for one in client.read_deployments()} == {"nightly", "backfill", "reread", "maintain"}
    assert client.read_work_pool(deploy.POOL).concurrency_limit == 1
    automations = client.request("POST", "/automations/filter", json={}).json()
    assert [one["name"] for one in automations] == [deploy.ZOMBIES]


def test_what_left_the_file_leaves_the_server(prepared, client):
    flow = client.read_deployment_by_name("nightly/nightly").flow_id
    client.create_deployment(flow_id=flow, name="of-last-year", tags=[deploy.TAG], work_pool_name=deploy.POOL)
    client.create_deployment(flow_id=flow, name="somebody-elses", work_pool_name=deploy.POOL)

    assert deploy.prune(client, ("nightly", "backfill", "reread", "maintain")) == ("of-last-year",)
    assert "somebody-elses" in {one.name for one in client.read_deployments()}


@pytest.mark.parametrize(
    ("api_url", "said"),
    [
        ("http://127.0.0.1:9/api", "no Prefect server answers at http://127.0.0.1:9/api"),
        (None, "no Prefect server is named"),
    ],
)
def test_up_without_a_server_says_how_to_start_one(nightwire_process, tmp_path, api_url, said):
    env = {"PREFECT_HOME": str(tmp_path)} | ({"PREFECT_API_URL": api_url} if api_url else {})
    done = nightwire_process("up", env=env)
    assert done.returncode == 1
    assert said in done.stderr
    assert "prefect server start" in done.stderr
