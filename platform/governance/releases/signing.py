"""Signing a released folder with model-signing under the release key (P-256). Only the worker imports this."""

import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from model_signing import signing

from governance.env import key_file
from governance.objects.store import open_path, parts_of

CURVE = ec.SECP256R1()
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def release_key() -> ec.EllipticCurvePrivateKey:
    """The key in `keys/release`: 32 random bytes taken as a P-256 scalar."""
    number = int.from_bytes(key_file(settings.KEYS, "release"), "big") % (ORDER - 1) + 1
    return ec.derive_private_key(number, CURVE)


def public_key_pem() -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return release_key().public_key().public_bytes(encoding, form).decode()


def sign_object(digest: str) -> str:
    """The sigstore bundle (DSSE, in-toto statement) over a stored folder, digests checked on the way."""
    with tempfile.TemporaryDirectory(prefix="obelus-sign-") as scratch:
        folder = Path(scratch) / "release"
        for name, part in parts_of(digest).items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(open_path(part).read_bytes())
        return sign_folder(folder, Path(scratch))


def sign_folder(folder: Path, scratch: Path) -> str:
    key, signature = scratch / "key.pem", scratch / "model.sig"
    key.touch(mode=0o600)
    key.write_bytes(
        release_key().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    config = signing.Config()  # type: ignore[no-untyped-call]
    config.use_elliptic_key_signer(private_key=key).sign(folder, signature)
    return signature.read_text()
