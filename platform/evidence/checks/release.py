"""Are the released weights the ones that the job produced, and is the release signed by its key?"""

from __future__ import annotations

from evidence.canonical import Json, digest_json
from evidence.case import Case, anchor
from evidence.dsse import DsseError, SignedModel, key_hint, parse_signed_model, verify_signed_model
from evidence.faults import Fault
from evidence.manifest import ManifestError, check_manifest, compare_manifests, manifest_of_files, submanifest

MANIFEST = "release/manifest.json"
SIGNATURE = "release/model.sig"
_WEIGHTS = "release/weights/"


def weights_manifest(manifest: Json) -> Json:
    """The weights' own manifest inside a release's: its folder `weights/` if there is one, else all of it."""
    inside = submanifest(manifest, folder="weights")
    return inside if inside["files"] else manifest


def check_weights(case: Case) -> None:
    """The release manifest is the logged one, and its weights are those of the recorded job."""
    manifest = case.documents[MANIFEST]
    try:
        check_manifest(manifest)
    except ManifestError as error:
        case.fault(Fault.WEIGHTS, MANIFEST, "a sound manifest", str(error))
        return
    weights, published = weights_manifest(manifest), case.last("release:published")
    if published:
        where = f"{MANIFEST} weights (entry {published.index}, release:published)"
        case.expect(Fault.WEIGHTS, where, published.body["weights"], digest_json(weights))
        if case.candidate is None:
            case.fault(
                Fault.WEIGHTS, "release:published", "weights that a recorded job produced", published.body["weights"]
            )
    anchor(case, Fault.WEIGHTS, key="release", path=MANIFEST, events=("release:proposed", "release:published"))
    _check_files(case, weights)
    _check_served(case)


def _check_served(case: Case) -> None:
    """Destruction may begin only when every place that serves the model serves what was published."""
    published = case.last("release:published")
    for entry in case.logged("deployment:reported") if published else []:
        where = f"deployment:reported (entry {entry.index})"
        case.expect(Fault.WEIGHTS, where, published and published.body["weights"], entry.body["weights"])


def _check_files(case: Case, weights: Json) -> None:
    files = {path[len(_WEIGHTS) :]: data for path, data in case.members.items() if path.startswith(_WEIGHTS)}
    if files:
        for difference in compare_manifests(weights, manifest_of_files(files)):
            path, _, said = difference.partition(": ")
            case.fault(Fault.WEIGHTS, _WEIGHTS + path, "the files of the release manifest", said)


def check_signature(case: Case) -> None:
    """The logged signature file, by a trusted key, over exactly the manifest's files."""
    anchor(case, Fault.RELEASE_SIGNATURE, key="signature", path=SIGNATURE, events=("release:published",))
    try:
        signed = parse_signed_model(case.members[SIGNATURE])
    except DsseError as error:
        case.fault(Fault.RELEASE_SIGNATURE, SIGNATURE, "a signature", str(error))
        return
    wanted = {line["path"]: line["digest"] for line in case.documents[MANIFEST]["files"]}
    for path in sorted(wanted.keys() | signed.files.keys()):
        case.expect(Fault.RELEASE_SIGNATURE, f"{SIGNATURE} {path}", wanted.get(path), signed.files.get(path))
    _check_key(case, signed)


def _check_key(case: Case, signed: SignedModel) -> None:
    if case.trust is None:
        return
    keys = [key for key in case.trust.release if key_hint(key) == signed.hint]
    if not keys:
        case.fault(Fault.UNTRUSTED_KEY, SIGNATURE, "a signature by a trusted release key", f"key {signed.hint}")
    elif not any(verify_signed_model(signed, key=key) for key in keys):
        case.fault(Fault.RELEASE_SIGNATURE, SIGNATURE, "a signature that fits", "one over something else")
