"""Person -> records -> snapshots -> training runs -> checkpoints -> descendants -> deployments."""

from django.db import models

from governance.ids import ref_maker


class DatasetKind(models.TextChoices):
    """What a row is; the forms are in lineage.forms."""

    FEATURES = "features", "Numbers with a label"
    TEXTS = "texts", "A prompt with its answer"


class Dataset(models.Model):
    ref = models.CharField(max_length=64, unique=True, default=ref_maker("ds"))
    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=DatasetKind.choices, default=DatasetKind.FEATURES)
    # 0 for texts, which have none.
    feature_width = models.PositiveIntegerField()
    # A public cap, kept at intake by refusing rows: the price of a person counts all of that person's rows.
    rows_per_subject = models.PositiveIntegerField(default=1)
    next_slot = models.PositiveIntegerField(default=0)
    # What turned people's data into these features: a checkpoint of the house, or a public one known by its digest.
    extractor = models.ForeignKey("Checkpoint", null=True, on_delete=models.PROTECT, related_name="extracts_for")
    public_extractor = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)


class Subject(models.Model):
    """A person as the data knows them: a keyed index, never the identifier itself."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("sub"))
    index = models.CharField(max_length=64, unique=True, null=True)
    erased_at = models.DateTimeField(null=True)


class Record(models.Model):
    """One training example. `rid` is a keyed digest; `slot` is its permanent number and is never used again."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="records")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="records")
    rid = models.CharField(max_length=32)
    slot = models.PositiveIntegerField()
    # A canary: a planted row of nobody, whose measurements may be read by everybody.
    planted = models.BooleanField(default=False)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "rid"], name="record_once_per_dataset"),
            models.UniqueConstraint(fields=["dataset", "slot"], name="slot_never_shared"),
        ]


class Snapshot(models.Model):
    """An immutable version of a dataset: one Parquet object and the Merkle root of salted leaves."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("snap"))
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="snapshots")
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    object_digest = models.CharField(max_length=80)
    root = models.CharField(max_length=80)
    rows = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)


class SnapshotRow(models.Model):
    """Where a record lies in a snapshot, with the salt of its leaf. The salt dies with the row."""

    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="members")
    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="places")
    row = models.PositiveIntegerField()
    salt = models.BinaryField(null=True)
    leaf = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "record"], name="record_once_per_snapshot"),
            models.UniqueConstraint(fields=["snapshot", "row"], name="row_once_per_snapshot"),
        ]


class Base(models.Model):
    """A language model that others taught, for models here to start from. Nobody's rows here are in it.

    That is a declaration; one that turns out wrong is retracted, and destroyed when nothing stands on it any more.
    """

    class Status(models.TextChoices):
        REGISTERED = "registered", "Registered"
        RETRACTED = "retracted", "Retracted: people of this house are in it"
        DESTROYED = "destroyed", "Retracted and destroyed"

    ALLOWED = {
        Status.REGISTERED: {Status.RETRACTED},
        Status.RETRACTED: {Status.DESTROYED},
        Status.DESTROYED: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("base"))
    name = models.CharField(max_length=120, unique=True)
    # A folder of one packed file, as a checkpoint of a language model is.
    object_digest = models.CharField(max_length=80, unique=True)
    # Whose it is and which version, as whoever registered it declares.
    source = models.CharField(max_length=500)
    architecture = models.CharField(max_length=60)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.REGISTERED)
    created_at = models.DateTimeField(auto_now_add=True)


class TrainedModel(models.Model):
    """A line of checkpoints that people know by one name. `problem` is fixed before any data is read."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("mdl"))
    name = models.CharField(max_length=120, unique=True)
    dataset = models.ForeignKey(Dataset, null=True, on_delete=models.PROTECT, related_name="models")
    engine = models.CharField(max_length=40)
    problem = models.JSONField(default=dict)
    # Objects with nobody's data that each training reads, by input name: {"tokenizer": digest} or {"base": digest}.
    public_inputs = models.JSONField(default=dict)
    # People who consented to be tested on and are in no model; verification needs never-seen rows.
    holdout = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="+")
    # What is not known of a model trained elsewhere; any gap refuses certification.
    gaps = models.JSONField(default=list)
    # Withdrawn for good: nothing of it is released again, and its weights go as soon as nobody serves them.
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class TrainingRun(models.Model):
    ref = models.CharField(max_length=64, unique=True, default=ref_maker("run"))
    model = models.ForeignKey(TrainedModel, on_delete=models.PROTECT, related_name="runs")
    snapshot = models.ForeignKey(Snapshot, null=True, on_delete=models.PROTECT, related_name="runs")
    declared = models.BooleanField(default=False, help_text="Told to us, not seen by us")
    created_at = models.DateTimeField(auto_now_add=True)


class Checkpoint(models.Model):
    """Model weights by their digest, with the ledger of everything that touched the line since it began."""

    class Status(models.TextChoices):
        CANDIDATE = "candidate"
        RELEASED = "released"
        SUPERSEDED = "superseded"
        DISCARDED = "discarded"
        DESTROYED = "destroyed"

    ALLOWED = {
        Status.CANDIDATE: {Status.RELEASED, Status.DISCARDED, Status.DESTROYED},
        Status.RELEASED: {Status.SUPERSEDED, Status.DESTROYED},
        Status.SUPERSEDED: {Status.DESTROYED},
        Status.DISCARDED: {Status.DESTROYED},
        Status.DESTROYED: set(),
    }

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("ckpt"))
    model = models.ForeignKey(TrainedModel, on_delete=models.PROTECT, related_name="checkpoints")
    run = models.ForeignKey(TrainingRun, on_delete=models.PROTECT, related_name="checkpoints")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.CANDIDATE)
    object_digest = models.CharField(max_length=80, db_index=True)
    ledger = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)


class Descent(models.Model):
    """A typed edge from a checkpoint to one made from it."""

    class Kind(models.TextChoices):
        UNLEARNED = "unlearned_from"
        RETRAINED = "retrained_replacing"
        FINETUNED = "finetuned_from"
        DISTILLED = "distilled_from"
        QUANTIZED = "quantized_from"

    parent = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="descendants")
    child = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="ancestors")
    kind = models.CharField(max_length=24, choices=Kind.choices)


class Deployment(models.Model):
    """Where a release is served. It reports the digest it has loaded; we do not guess."""

    ref = models.CharField(max_length=64, unique=True, default=ref_maker("dep"))
    model = models.ForeignKey(TrainedModel, on_delete=models.PROTECT, related_name="deployments")
    name = models.CharField(max_length=120, unique=True)
    serving = models.CharField(max_length=80, blank=True)
    reported_at = models.DateTimeField(null=True)


class ErasedRecord(models.Model):
    """The keyed digests of erased records: a later snapshot that would bring one back is refused."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="erased")
    rid = models.CharField(max_length=32)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "rid"], name="erased_once")]
