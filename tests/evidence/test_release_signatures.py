"""Signatures of the real model-signing library verify here, without it."""

import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from evidence.dsse import DsseError, key_hint, parse_signed_model, verify_signed_model
from evidence.manifest import manifest_of_folder
from tests.evidence.specimen import RELEASE_KEY, STRANGERS_RELEASE_KEY, sign_release

FILES = {"model.safetensors": b"abc", "sub/config.json": b"{}"}


def _signed_by_the_library(folder: Path, key: EllipticCurvePrivateKey) -> bytes:
    from model_signing import signing

    pem, model = folder / "key.pem", folder / "model"
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    for name, data in FILES.items():
        (model / name).parent.mkdir(parents=True, exist_ok=True)
        (model / name).write_bytes(data)
    signing.Config().use_elliptic_key_signer(private_key=str(pem)).sign(str(model), str(folder / "model.sig"))
    return (folder / "model.sig").read_bytes()


def test_a_folder_signed_by_model_signing_verifies_and_lists_its_files(tmp_path: Path) -> None:
    key = generate_private_key(SECP256R1())
    signed = parse_signed_model(_signed_by_the_library(tmp_path, key))
    assert verify_signed_model(signed, key=key.public_key())
    assert signed.hint == key_hint(key.public_key())
    lines = manifest_of_folder(tmp_path / "model")["files"]
    assert signed.files == {line["path"]: line["digest"] for line in lines}
    assert not verify_signed_model(signed, key=RELEASE_KEY.public_key())


def test_the_specimens_signature_verifies_with_model_signing(tmp_path: Path) -> None:
    """The specimen stands for the real thing in every other test, so the real thing must accept it."""
    from model_signing import verifying

    real = json.loads(_signed_by_the_library(tmp_path, RELEASE_KEY))
    made = json.loads(sign_release(FILES, RELEASE_KEY))
    assert made.keys() == real.keys()
    assert made["dsseEnvelope"].keys() == real["dsseEnvelope"].keys()
    (tmp_path / "made.sig").write_bytes(sign_release(FILES, RELEASE_KEY))
    public = tmp_path / "public.pem"
    from cryptography.hazmat.primitives.serialization import PublicFormat

    public.write_bytes(RELEASE_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    verifier = verifying.Config().use_elliptic_key_verifier(public_key=str(public))
    verifier.verify(str(tmp_path / "model"), str(tmp_path / "made.sig"))
    (tmp_path / "model" / "model.safetensors").write_bytes(b"abd")
    with pytest.raises(ValueError, match="mismatch"):
        verifier.verify(str(tmp_path / "model"), str(tmp_path / "made.sig"))


def test_no_byte_of_a_signature_file_changes_what_it_says_and_still_verifies() -> None:
    data = sign_release(FILES, RELEASE_KEY)
    honest, key = parse_signed_model(data), RELEASE_KEY.public_key()
    for place in range(len(data)):
        edited = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            found = parse_signed_model(edited)
        except DsseError:
            continue
        if (found.payload, found.signature) == (honest.payload, honest.signature):
            assert found.files == honest.files
        else:
            assert not verify_signed_model(found, key=key)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"mediaType":1}', b"\xff", b"null", b"3"])
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(DsseError):
        parse_signed_model(data)


def test_a_stranger_is_known_by_another_hint() -> None:
    signed = parse_signed_model(sign_release(FILES, STRANGERS_RELEASE_KEY))
    assert signed.hint != key_hint(RELEASE_KEY.public_key())
