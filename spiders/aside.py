"""Long work on one list, done beside the loop, so that the other sources' answers are not kept waiting."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import Any, TypeVar

LARGE_BYTES = 256 << 10  # of a list; reading so much takes about 20 ms
LARGE_ITEMS = 500  # of a list; to tell where each leads takes about 20 ms

SWITCH_SECONDS = 0.0005  # the loop waits so long for such work to let it in
USUAL_SECONDS = sys.getswitchinterval()  # ten times that; less would cost every page something

T = TypeVar("T")

_under_way = 0


async def aside(is_large: bool, work: Callable[..., T], *args: Any) -> T:
    """Do it here, or in a thread where it is large: 50,000 addresses would hold up everyone for seconds."""
    global _under_way
    if not is_large:
        return work(*args)
    _under_way += 1
    try:
        sys.setswitchinterval(SWITCH_SECONDS)
        return await asyncio.to_thread(work, *args)
    finally:
        _under_way -= 1
        if _under_way == 0:
            sys.setswitchinterval(USUAL_SECONDS)
