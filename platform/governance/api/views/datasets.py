"""Datasets and their snapshots."""

from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.answers import created, listed, one
from governance.api.base import FILE_BYTES, ApiView, parsed
from governance.api.describe import gives, gives_page, takes_file
from governance.api.lineage_inputs import NewDataset, NewTexts
from governance.api.parsers import ParquetParser
from governance.api.shapes.lineage import DatasetShape, SnapshotShape
from governance.lineage import services
from governance.lineage.models import Checkpoint, Dataset, Snapshot
from governance.lineage.text_rows import file_of


class Datasets(ApiView):
    @gives_page(DatasetShape)
    def get(self, request: Request) -> Response:
        return listed(DatasetShape, Dataset.objects.select_related("extractor"), request)

    @gives(DatasetShape, status=201, takes=NewDataset)
    def post(self, request: Request) -> Response:
        """Register a home for records. All of it is public and never changes."""
        asked = parsed(NewDataset, request)
        if asked["extractor"]:
            asked["extractor"] = one(Checkpoint.objects.all(), ref=asked["extractor"])
        return created(DatasetShape, services.register_dataset(actor=self.actor, **asked), request)


class Snapshots(ApiView):
    parser_classes = [ParquetParser]
    most_bytes = FILE_BYTES

    @gives_page(SnapshotShape)
    def get(self, request: Request, ref: str) -> Response:
        home: Dataset = one(Dataset.objects.all(), ref=ref)
        rows = Snapshot.objects.filter(dataset=home).select_related("dataset", "parent")
        return listed(SnapshotShape, rows, request)

    @takes_file("application/vnd.apache.parquet", gives=SnapshotShape)
    def post(self, request: Request, ref: str) -> Response:
        """Take in a version: columns record_id, subject, label int64, features list<double>.

        Of a dataset of texts: record_id, subject, prompt, answer, and perhaps paraphrase, restated, wrong list<string>.
        """
        home: Dataset = one(Dataset.objects.all(), ref=ref)
        body = request.data if isinstance(request.data, bytes) else b""
        snapshot = services.take_snapshot(dataset=home, parquet=body, actor=self.actor)
        return created(SnapshotShape, snapshot, request)


class Texts(ApiView):
    most_bytes = FILE_BYTES

    @gives(SnapshotShape, status=201, takes=NewTexts)
    def post(self, request: Request, ref: str) -> Response:
        """Take in a version of a dataset of texts, row by row; as a file it goes to `snapshots`."""
        home: Dataset = one(Dataset.objects.filter(kind="texts"), ref=ref)
        data = file_of(parsed(NewTexts, request)["rows"])
        return created(SnapshotShape, services.take_snapshot(dataset=home, parquet=data, actor=self.actor), request)
