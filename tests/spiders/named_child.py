"""A crawl's child for which made-up names lead where a table says: `named_child.py JOB TABLE`.

No name is looked up anywhere, and one loopback address (that of the test's own server) counts as public, so the real
handler, resolver filter and TLS policy can be tried without a packet to any address but loopback.
"""

# ruff: noqa: N802, N803 - stand-ins carry Twisted's names
from __future__ import annotations

import json
import sys
from pathlib import Path

from twisted.internet.address import IPv4Address, IPv6Address

from spiders import child, transport

OUTSIDE = "127.0.0.77"


class Table:
    """Names and their answers, a list for each look-up; the last one stays."""

    def __init__(self, names: dict[str, list[list[str]]]) -> None:
        self.names = names

    def resolveHostName(self, receiver, hostName, portNumber=0, *how):
        answers = self.names[hostName]
        receiver.resolutionBegan(self)
        for address in answers.pop(0) if len(answers) > 1 else answers[0]:
            kind = IPv6Address if ":" in address else IPv4Address
            receiver.addressResolved(kind("TCP", address, portNumber))
        receiver.resolutionComplete()
        return self


if __name__ == "__main__":
    is_public = transport.is_public
    transport.is_public = lambda address: address == OUTSIDE or is_public(address)
    transport.KNOWN_SECONDS = 0.0  # so that a name can change its mind
    table = Table(json.loads(Path(sys.argv[2]).read_text()))
    made = transport.PublicResolver.__init__
    transport.PublicResolver.__init__ = lambda self, reactor, _original, *more: made(
        self, reactor, table, *more
    )
    sys.exit(child.main(["--job", sys.argv[1]]))
