"""Long work on one list, done beside the loop, so that the other sources' answers are not kept waiting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

LARGE_BYTES = 256 << 10  # of a list; reading so much takes about 20 ms
LARGE_ITEMS = 500  # of a list; to tell where each leads takes about 20 ms

T = TypeVar("T")


async def aside(is_large: bool, work: Callable[..., T], *args: Any) -> T:
    """Do it here, or in a thread where it is large: 50,000 addresses would hold up everyone for seconds."""
    return await asyncio.to_thread(work, *args) if is_large else work(*args)
