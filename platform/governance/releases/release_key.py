"""The release key (P-256): the worker alone holds `keys/release`; everybody may have `keys/release.pub`.

The web process reads the public file only. Where it has a key folder of its own, copy `release.pub` there.
"""

import os
import secrets

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings

from governance.env import key_file

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
PUBLIC_FILE = "release.pub"
END = "-----END PUBLIC KEY-----"


def release_key() -> ec.EllipticCurvePrivateKey:
    """The key in `keys/release`: 32 random bytes taken as a P-256 scalar."""
    number = int.from_bytes(key_file(settings.KEYS, "release"), "big") % (ORDER - 1) + 1
    return ec.derive_private_key(number, CURVE)


def public_key_pem() -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return release_key().public_key().public_bytes(encoding, form).decode()


def export_public_key() -> None:
    """Put the public key beside those of earlier release keys: what they signed must stay verifiable.

    The worker does it when it starts and before it signs; doing it again changes nothing.
    """
    pem, known = public_key_pem(), exported_keys()
    if pem in known:
        return
    draft = settings.KEYS / f".{PUBLIC_FILE}.{secrets.token_hex(8)}"
    draft.write_text("".join([*known, pem]))
    draft.chmod(0o644)
    os.replace(draft, settings.KEYS / PUBLIC_FILE)


def exported_keys() -> list[str]:
    """Every public release key exported so far, as PEM, the oldest first; none before a worker has started."""
    path = settings.KEYS / PUBLIC_FILE
    if not path.exists():
        return []
    return [f"{part.strip()}\n{END}\n" for part in path.read_text().split(END) if part.strip()]
