"""Signing a released folder with model-signing under the release key (P-256). Only the worker imports this."""

import tempfile
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from model_signing import signing

from governance.objects.store import open_path, parts_of
from governance.releases.release_key import export_public_key, public_key_pem, release_key

__all__ = ["public_key_pem", "release_key", "sign_folder", "sign_object"]


def sign_object(digest: str) -> str:
    """The sigstore bundle (DSSE, in-toto statement) over a stored folder, digests checked on the way."""
    export_public_key()
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
