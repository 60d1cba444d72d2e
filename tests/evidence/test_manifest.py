"""A manifest names every file once, and a mismatch names every difference."""

from pathlib import Path

import pytest

from evidence.canonical import canonical_bytes, digest
from evidence.manifest import (
    ManifestError,
    check_manifest,
    compare_manifests,
    folder_digest,
    manifest_of_files,
    manifest_of_folder,
    submanifest,
)


def _folder(root: Path) -> Path:
    (root / "sub").mkdir(parents=True)
    (root / "b.txt").write_bytes(b"two")
    (root / "sub" / "a.txt").write_bytes(b"")
    return root


def test_the_folder_rule_never_changes(tmp_path: Path) -> None:
    """The runner writes this rule a second time; this golden digest keeps the two equal."""
    found = folder_digest(_folder(tmp_path / "f"))
    assert found == "sha256:7025a31994b2922e4940874ed8f3070219bd04cbb321753f46d842965943b9f3"


def test_a_folder_and_its_files_in_memory_have_one_manifest(tmp_path: Path) -> None:
    manifest = manifest_of_folder(_folder(tmp_path / "f"))
    assert manifest == manifest_of_files({"sub/a.txt": b"", "b.txt": b"two"})
    assert [line["path"] for line in manifest["files"]] == ["b.txt", "sub/a.txt"]
    assert digest(canonical_bytes(manifest)) == folder_digest(tmp_path / "f")
    assert submanifest(manifest, folder="sub") == manifest_of_files({"a.txt": b""})


def test_links_are_refused(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "f")
    (folder / "link").symlink_to(folder / "b.txt")
    with pytest.raises(ManifestError, match="link"):
        manifest_of_folder(folder)
    (tmp_path / "g").symlink_to(tmp_path)
    with pytest.raises(ManifestError, match="folder itself"):
        manifest_of_folder(tmp_path / "g")


@pytest.mark.parametrize("path", ["../x", "/x", "a//b", "a/./b", "", "a\\b", "é", "a\nb", ".hidden", "x" * 200])
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(ManifestError):
        manifest_of_files({path: b""})


def test_an_unsorted_or_repeated_path_is_refused() -> None:
    manifest = manifest_of_files({"a": b"", "b": b""})
    for files in (manifest["files"][::-1], manifest["files"][:1] * 2):
        with pytest.raises(ManifestError, match="sorted"):
            check_manifest({**manifest, "files": files})


def test_a_comparison_lists_every_difference() -> None:
    one = manifest_of_files({"same": b"s", "changed": b"1", "gone": b""})
    two = manifest_of_files({"same": b"s", "changed": b"22", "new": b"n"})
    found = compare_manifests(one, two)
    assert [line.split(":")[0] for line in found] == ["changed", "gone", "new"]
    assert "1 bytes" in found[0] and "2 bytes" in found[0]
    assert compare_manifests(one, one) == []
