"""Regime packs as data: regime_packs.json beside this file, brought into rows."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction

from governance.errors import Conflict, Invalid
from governance.intake.models import RegimePack

FILE = Path(__file__).with_name("regime_packs.json")
FIELDS = ("months", "extension_months", "zone", "source")
# The house's own rule, not the law's text: a file may leave it out, and a row may be changed without a new version.
OWN_RULES = ("retention_months",)


def install_packs(*, path: Path = FILE) -> list[RegimePack]:
    """Bring the file's packs into rows; those already there stay. Returns the rows that are new.

    Raises:
        Conflict: pack_changed: the file says something else than the row. Open requests stand on the row, so a
            change of law is a new version.
    """
    return install(json.loads(path.read_text())["packs"], RegimePack, using="default")


def install(packs: list[dict[str, Any]], model: Any, *, using: str) -> list[Any]:
    """As `install_packs`, for a migration's own model and database."""
    made = []
    with transaction.atomic(using=using):
        for pack in packs:
            fields = {name: pack[name] for name in FIELDS}
            key = {"law": pack["law"], "version": pack["version"]}
            row, new = model.objects.using(using).get_or_create(**key, defaults={**fields, **own_rules(pack, model)})
            changed = [name for name in FIELDS if getattr(row, name) != fields[name]]
            if changed:
                raise Conflict(
                    f"{pack['law']} version {pack['version']} is installed with another {', '.join(changed)}.",
                    code="pack_changed",
                    remedy="Give the new text a new version number.",
                )
            made += [row] if new else []
    return made


def own_rules(pack: dict[str, Any], model: Any) -> dict[str, Any]:
    """A migration's model may be older than a rule."""
    known = {field.name for field in model._meta.get_fields()}
    return {name: pack[name] for name in OWN_RULES if name in pack and name in known}


def active_pack(law: str) -> RegimePack:
    """The newest active version of a law.

    Raises:
        Invalid: unknown_law.
    """
    pack = RegimePack.objects.filter(law=law, active=True).order_by("-version").first()
    if pack is None:
        known = sorted(set(RegimePack.objects.filter(active=True).values_list("law", flat=True)))
        raise Invalid(f"No active regime pack has that name; there are {known}.", code="unknown_law")
    return pack
