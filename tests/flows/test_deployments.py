"""prefect.yaml says what exists: every entrypoint can be imported, every parameter and schedule is valid."""

from __future__ import annotations

import importlib
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import Flow

from flows.deploy import TAG, declared_deployments

ROOT = Path(__file__).parents[2]
DECLARED = yaml.safe_load((ROOT / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]


def flow_of(deployment: dict) -> Flow:
    file, name = deployment["entrypoint"].split(":")
    module = importlib.import_module(file.removesuffix(".py").replace("/", "."))
    return getattr(module, name)


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_every_deployment_names_a_flow_that_exists_and_waits_its_turn(deployment):
    assert isinstance(flow_of(deployment), Flow)
    assert deployment["tags"] == [TAG], "what carries no tag of ours would never be pruned"
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


@pytest.mark.parametrize("deployment", DECLARED, ids=lambda one: one["name"])
def test_every_parameter_is_one_the_flow_takes(deployment):
    required = {"paths": ["a-folder"]} if deployment["name"] == "backfill" else {}
    flow_of(deployment).validate_parameters({**required, **deployment.get("parameters", {})})


@pytest.mark.parametrize(
    ("deployment", "schedule"),
    [(one["name"], schedule) for one in DECLARED for schedule in one.get("schedules", [])],
)
def test_every_schedule_is_a_cron_in_a_named_zone(deployment, schedule):
    CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])  # raises for either
    assert ZoneInfo(schedule["timezone"]).key != "UTC", "a night belongs to a place"
    assert schedule["slug"], "without a slug every deploy adds a schedule"


def test_the_night_and_the_housekeeping_are_scheduled():
    assert declared_deployments(ROOT / "prefect.yaml") == ("nightly", "backfill", "reread", "maintain")
    assert {one["name"] for one in DECLARED if one.get("schedules")} == {"nightly", "maintain"}
