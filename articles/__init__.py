"""Understand: bytes in, articles out. Pure: no network, disk, clock, logger or database.

`read_page` is the one door.
"""
