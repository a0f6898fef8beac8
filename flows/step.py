"""A step of a flow: a Prefect task inside a Prefect run, a plain call everywhere else.

Why: docs/decisions/0004-one-flow-body.md.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext, TaskRunContext

P = ParamSpec("P")
R = TypeVar("R")

RETRY_AFTER_SECONDS = 30


def step(*, retries: int = 0) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a function a step.

    Args:
        retries: how often Prefect tries again. Only for steps that may be done twice, which all of ours may: what
            they leave in the lake is keyed.
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        # Results stay out of Prefect's store: what a step did is in the lake, and a resumed run looks there.
        as_task = Task(
            fn=function,
            name=function.__name__,
            retries=retries,
            retry_delay_seconds=RETRY_AFTER_SECONDS,
            persist_result=False,
            cache_policy=NO_CACHE,
        )

        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> R:
            if FlowRunContext.get() is None or TaskRunContext.get() is not None:
                return function(*args, **kwargs)
            return as_task(*args, **kwargs)

        return run

    return decorate
