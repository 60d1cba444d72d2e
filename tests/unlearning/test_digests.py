"""Digests of inputs: golden values, and the same rule as the half of the house that may not be imported here."""

from __future__ import annotations

import hashlib
import json

import rfc8785

from evidence.manifest import folder_digest
from unlearning.runner.digests import digest_of, digest_of_file


def folder_of(tmp_path):
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "b.safetensors").write_bytes(b"two")
    (folder / "deep" / "a.safetensors").write_bytes(b"one")
    (folder / "Z.json").write_bytes(b"")
    return folder


def test_a_files_digest_is_the_sha256_of_its_bytes(tmp_path):
    (tmp_path / "x").write_bytes(b"abc")
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest_of_file(tmp_path / "x") == "sha256:" + known


def test_a_folders_digest_is_that_of_its_canonical_manifest(tmp_path):
    folder = folder_of(tmp_path)
    contents = {"Z.json": b"", "b.safetensors": b"two", "deep/a.safetensors": b"one"}
    files = [
        {"path": path, "size": len(content), "digest": "sha256:" + hashlib.sha256(content).hexdigest()}
        for path, content in sorted(contents.items())
    ]
    manifest = rfc8785.dumps({"format": "obelus/manifest/1", "files": files})
    assert digest_of(folder) == "sha256:" + hashlib.sha256(manifest).hexdigest()


def test_the_digest_of_one_small_folder_never_changes(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "a").write_bytes(b"abc")
    entry = {"digest": digest_of_file(tmp_path / "one" / "a"), "path": "a", "size": 3}
    text = '{"files":[' + json.dumps(entry, separators=(",", ":")) + '],"format":"obelus/manifest/1"}'
    assert digest_of(tmp_path / "one") == "sha256:" + hashlib.sha256(text.encode()).hexdigest()
    assert digest_of(tmp_path / "one") == "sha256:e0b6b731d06d938a47b6f4a73fd443b1244b31f07184f181ef2a9db86e848c29"


def test_the_other_half_of_the_house_computes_the_same_digest(tmp_path):
    assert digest_of(folder_of(tmp_path)) == folder_digest(tmp_path / "model")


def test_names_sizes_and_bytes_all_count(tmp_path):
    folder = folder_of(tmp_path)
    before = {digest_of(folder)}
    (folder / "b.safetensors").rename(folder / "c.safetensors")
    before.add(digest_of(folder))
    (folder / "c.safetensors").write_bytes(b"twO")
    before.add(digest_of(folder))
    assert len(before) == 3
