"""Bodies that register data, models, checkpoints and deployments."""

import base64
import binascii
from typing import Any

from rest_framework import serializers

from governance.api.inputs import DIGEST, MOST, RefField, Strict
from governance.lineage.models import DatasetKind, Descent
from unlearning.catalog import ENGINES

KINDS = [kind.value for kind in Descent.Kind]


class NewDataset(Strict):
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=DatasetKind.choices, required=False, default=DatasetKind.FEATURES)
    feature_width = serializers.IntegerField(
        min_value=1, max_value=MOST, required=False, default=0, help_text="of features; texts have none"
    )
    rows_per_subject = serializers.IntegerField(min_value=1, max_value=MOST, required=False, default=1)
    extractor = RefField("ckpt", required=False, allow_null=True, default=None, help_text="made the features")
    public_extractor = serializers.RegexField(DIGEST, required=False, allow_blank=True, default="")


class NewTexts(Strict):
    """Rows of text: {record_id, subject, prompt, answer, paraphrase?, restated?, wrong?, planted?}."""

    rows = serializers.ListField(help_text="checked by position and field; no answer ever quotes one")


class NewModel(Strict):
    """The whole problem is public and fixed before any data is read."""

    name = serializers.CharField(max_length=120)
    dataset = RefField("ds")
    engine = serializers.ChoiceField(choices=sorted(ENGINES))
    problem = serializers.DictField()
    holdout = RefField("snap", required=False, allow_null=True, default=None)
    tokenizer = serializers.DictField(
        required=False, allow_null=True, default=None, help_text="of a language model: obelus/tokenizer/1, public"
    )
    tokenizer_digest = serializers.RegexField(
        DIGEST, required=False, allow_null=True, default=None, help_text="one that a model here has"
    )
    base = RefField(
        "base", required=False, allow_null=True, default=None, help_text="of a language model: what it starts from"
    )
    cap_mu = serializers.FloatField(required=False, allow_null=True, default=None)
    cap_delta = serializers.FloatField(required=False, allow_null=True, default=None)


class NewTraining(Strict):
    """By the model's own engine, or by the owner's `command` (engine `recipe`)."""

    snapshot = RefField("snap")
    command = serializers.ListField(child=serializers.CharField(), required=False, allow_empty=False)
    timeout_s = serializers.FloatField(required=False, default=3600.0, min_value=1)


class NewRecipe(Strict):
    """The owner's own training command, for a model that came from elsewhere."""

    command = serializers.ListField(child=serializers.CharField(), allow_empty=False)
    timeout_s = serializers.FloatField(required=False, default=3600.0, min_value=1)


class Base64Field(serializers.CharField):
    def to_internal_value(self, data: Any) -> Any:
        try:
            return base64.b64decode(super().to_internal_value(data), validate=True)
        except binascii.Error:
            raise serializers.ValidationError("is not base64.", code="bad_base64") from None


class NewCheckpoint(Strict):
    """A model trained elsewhere: its files (safetensors, ONNX or XGBoost JSON) and what is not known of it."""

    name = serializers.CharField(max_length=120)
    dataset = RefField("ds", required=False, allow_null=True, default=None)
    gaps = serializers.ListField(child=serializers.CharField(max_length=200), max_length=50)
    files = serializers.DictField(child=Base64Field(), allow_empty=False, help_text="file name -> base64")


class NewCheckpointForm(Strict):
    """The same as a multipart form: each model file as a part called `files`, each gap as a part called `gaps`."""

    name = serializers.CharField(max_length=120)
    dataset = RefField("ds", required=False, allow_null=True, default=None)
    gaps = serializers.ListField(child=serializers.CharField(max_length=200), max_length=50)
    files = serializers.ListField(child=serializers.FileField(), allow_empty=False)

    def validate_files(self, files: list[Any]) -> dict[str, bytes]:
        names = [file.name for file in files]
        if len(set(names)) != len(names):
            raise serializers.ValidationError("Two files have the same name.", code="file_twice")
        return {file.name: file.read() for file in files}


class NewBase(Strict):
    """A multipart form: one packed file (`python -m unlearning pack FOLDER FILE`), and where it is from."""

    name = serializers.CharField(max_length=120)
    source = serializers.CharField(  # type: ignore[assignment]
        max_length=500, help_text="whose model it is and which version; never a person"
    )
    learned_from = serializers.ListField(
        child=RefField("ds"), required=False, default=list, help_text="datasets of this house in it; there may be none"
    )
    file = serializers.FileField()


class NewDescendant(Strict):
    child = RefField("ckpt")
    kind = serializers.ChoiceField(choices=KINDS)


class NewDeployment(Strict):
    name = serializers.CharField(max_length=120)
    model = RefField("mdl")


class DeploymentReport(Strict):
    digest = serializers.RegexField(DIGEST)
