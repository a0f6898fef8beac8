"""Prepare a Prefect server for Nightwire: pool, deployments, pruning, and the automation that ends zombie runs.

Everything here is idempotent: `nightwire up` after an upgrade leaves exactly what prefect.yaml declares. Prefect
itself never removes a deployment that left the file, adds a second automation each time one is created, and exits 1
when the pool is missing; those three are what this file adds.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import yaml
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import WorkPoolCreate, WorkPoolUpdate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterTags
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings

from articles.errors import NightwireError

POOL = "nightwire"
TAG = "nightwire"
ZOMBIES = "nightwire-zombie-runs"

# One run at a time in the whole pool: the lake has one writer, and a flow that waits in the queue costs nothing.
POOL_LIMIT = 1

# prefect.toml sets heartbeats every 60 s; three missed ones and a margin (notes: a 90 s window crashed healthy runs).
SILENT_SECONDS = 200

_ZOMBIE_AUTOMATION = {
    "name": ZOMBIES,
    "description": "A flow run that sends no heartbeat any more is crashed, so that it frees its slot.",
    "enabled": True,
    "trigger": {
        "type": "event",
        "posture": "Proactive",
        "match": {"prefect.resource.id": "prefect.flow-run.*"},
        "for_each": ["prefect.resource.id"],
        "after": ["prefect.flow-run.heartbeat"],
        "expect": ["prefect.flow-run.*"],
        "threshold": 1,
        "within": SILENT_SECONDS,
    },
    "actions": [{"type": "change-flow-run-state", "state": "CRASHED", "message": "no heartbeat"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What `up` left on the server."""

    api_url: str
    deployed: tuple[str, ...]  # deployment names, as in prefect.yaml
    pruned: tuple[str, ...]  # deployments that carried our tag and are no longer in the file


def up(root: Path) -> Prepared:
    """Make the Prefect server hold exactly the deployments of `root`/prefect.yaml.

    The server is the one PREFECT_API_URL names.

    Raises:
        NightwireError: no address is set, no server answers there, or `prefect deploy` refused the file.
    """
    declared = declared_deployments(root / "prefect.yaml")
    api_url = get_current_settings().api.url
    if api_url is None:  # a client would start a server of its own, which ends with us
        raise NightwireError(
            "no Prefect server is named: start one with `.venv/bin/prefect server start`, then "
            "`export PREFECT_API_URL=http://127.0.0.1:4200/api` and run this again"
        )
    with SyncPrefectClient(api_url) as client:
        _require_server(client)
        _ensure_pool(client)
        _deploy(root)
        pruned = prune(client, declared)
        _replace_automation(client)
    return Prepared(api_url=api_url, deployed=declared, pruned=pruned)


def declared_deployments(file: Path) -> tuple[str, ...]:
    """Names of the deployments that a prefect.yaml declares.

    Raises:
        NightwireError: there is no such file.
    """
    try:
        declared = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise NightwireError(
            f"{file} is missing: run `nightwire up` in the folder of the checkout, where prefect.yaml lies"
        ) from error
    return tuple(str(one["name"]) for one in declared["deployments"])


def _require_server(client: SyncPrefectClient) -> None:
    failure = client.api_healthcheck()
    if failure is not None:
        raise NightwireError(
            f"no Prefect server answers at {client.api_url} ({failure}): start it with "
            "`.venv/bin/prefect server start`, or set PREFECT_API_URL to the server you mean"
        )


def _ensure_pool(client: SyncPrefectClient) -> None:
    try:
        client.read_work_pool(POOL)
    except ObjectNotFound:
        client.create_work_pool(WorkPoolCreate(name=POOL, type="process", concurrency_limit=POOL_LIMIT))
    else:
        client.update_work_pool(POOL, WorkPoolUpdate(concurrency_limit=POOL_LIMIT))


def _deploy(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"],
        cwd=root,
        env={**os.environ, "NIGHTWIRE_ROOT": str(root.resolve())},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()
        raise NightwireError(
            f"`prefect deploy` refused {root / 'prefect.yaml'}: {' '.join(said[-3:])}; mend the file and run `nightwire up` again"
        )


def prune(client: SyncPrefectClient, declared: tuple[str, ...]) -> tuple[str, ...]:
    """Delete the deployments that carry our tag and are not declared any more; gives their names."""
    ours = client.read_deployments(deployment_filter=DeploymentFilter(tags=DeploymentFilterTags(all_=[TAG])))
    gone = [one for one in ours if one.name not in declared]
    for one in gone:
        client.delete_deployment(one.id)
    return tuple(one.name for one in gone)


def _replace_automation(client: SyncPrefectClient) -> None:
    named = client.request("POST", "/automations/filter", json={"automations": {"name": {"any_": [ZOMBIES]}}})
    for one in named.raise_for_status().json():
        client.request("DELETE", "/automations/{id}", path_params={"id": one["id"]}).raise_for_status()
    client.request("POST", "/automations/", json=_ZOMBIE_AUTOMATION).raise_for_status()
