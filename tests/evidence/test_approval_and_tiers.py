"""What platform and verifier share about approvals and tiers."""

from evidence.approvals import approval_digest
from evidence.canonical import digest_json
from evidence.measurements import split_tiers


def test_an_approval_is_of_all_four_parts() -> None:
    parts = {"candidate": "c", "certificate": "e", "policy": "p", "verdict": "v"}
    assert approval_digest(**parts) == digest_json(parts)
    for name in parts:
        assert approval_digest(**{**parts, name: "other"}) != digest_json(parts)


def test_the_tiers_are_parted_without_loss() -> None:
    lines = [{"name": str(n), "tier": "sealed" if n % 2 else "open"} for n in range(5)]
    document = {"format": "obelus/measurements/1", "measurements": lines}
    opened, sealed = split_tiers(document)
    assert [line["name"] for line in opened["measurements"]] == ["0", "2", "4"]
    assert [line["name"] for line in sealed["measurements"]] == ["1", "3"]
    assert opened["format"] == sealed["format"] == document["format"]
