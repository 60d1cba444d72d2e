"""A database as text, to be loaded into another server: a second's work, where migrating takes ten."""

import os
import subprocess

from governance.embedded.binaries import postgres_binary


def dumped(source_url: str) -> bytes:
    """Tables, rows, triggers and rights of one database; whoever loads it owns it."""
    command = [str(postgres_binary("pg_dump")), "--no-owner", source_url]
    return subprocess.run(command, check=True, capture_output=True).stdout


def load(text: bytes, target_url: str) -> None:
    """Into an empty database of a server that knows the same roles."""
    command = [str(postgres_binary("psql")), "-q", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, target_url]
    subprocess.run(command, check=True, input=text)
