"""What the tests of the console's forms share: signing in, reading a page as text, and what the trail says."""

import re
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from evidence.canonical import parse_canonical
from governance.audit.models import Entry
from governance.people.models import User


def signed_in(user: User, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(user)
    return client


def sent(data: bytes, name: str = "file") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def text_of(answer: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def wrong_of(answer: Any) -> dict[str, str]:
    """What stands beside each question: its name and the words."""
    found = re.findall(r'<p class="ob-error" id="wrong-([a-z_.]+)">([^<]*)</p>', answer.content.decode())
    return dict(found)


def told(event: str) -> list[tuple[Any, ...]]:
    """Who did it and what is said of it, of each entry of this kind; values that are drawn anew are left out."""
    leaves = [parse_canonical(bytes(entry.leaf)) for entry in Entry.objects.filter(event=event).order_by("id")]
    return [(leaf["actor_role"], sorted(leaf), sorted(leaf["body"])) for leaf in leaves]
