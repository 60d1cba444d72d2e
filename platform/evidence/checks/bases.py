"""Does the certificate name the base that every training of the case started from?"""

from __future__ import annotations

from evidence.canonical import Json
from evidence.case import Case
from evidence.faults import Fault
from evidence.unproved_families import LANGUAGE, RETRAINS_ADAPTER

INPUT = "base"
_TRAINING = (LANGUAGE.trains, LANGUAGE.references, RETRAINS_ADAPTER)


def check_base(case: Case) -> None:
    """Trainings and references begin with the very weights that the certificate says it does not cover."""
    claimed = base_of(case.documents.get("certificate.json", {}))
    for path, spec in sorted(case.documents.items()):
        if path.startswith("specs/") and spec["engine"] in _TRAINING:
            found = spec["inputs"].get(INPUT)
            digest = found.get("digest") if isinstance(found, dict) else None
            case.expect(Fault.CERTIFICATE, f"{path} $.inputs.base (certificate.json $.base)", claimed, digest)


def base_of(certificate: Json) -> str | None:
    """The digest of the base that a certificate names; None where it names none."""
    base = certificate.get(INPUT)
    return base["digest"] if isinstance(base, dict) else None
