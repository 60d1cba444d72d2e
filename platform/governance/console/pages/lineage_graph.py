"""A model's lineage as boxes and arrows, laid out here: snapshots, runs, checkpoints, releases, deployments.

Counts of people, never names; what was destroyed is struck through and says so.
"""

from dataclasses import dataclass, field

from governance.console.addresses import page_of
from governance.console.wording import short
from governance.lineage.models import Checkpoint, Deployment, Descent, Snapshot, SnapshotRow, TrainedModel, TrainingRun
from governance.releases.models import Release

COLUMN, ROW, WIDTH, HEIGHT, TOP, BULGE = 196, 88, 158, 58, 34, 30
HEADS = ("Snapshots", "Training runs", "Checkpoints", "Releases", "Deployments")


@dataclass(frozen=True)
class Box:
    x: int
    y: int
    title: str
    note: str
    gone: bool = False
    href: str = ""

    @property
    def middle(self) -> int:
        return self.y + HEIGHT // 2

    @property
    def text_x(self) -> int:
        return self.x + 12

    @property
    def title_y(self) -> int:
        return self.y + 25

    @property
    def note_y(self) -> int:
        return self.y + 45


@dataclass(frozen=True)
class Arrow:
    path: str
    words: str = ""


@dataclass
class Graph:
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    taken: set[tuple[int, int]] = field(default_factory=set)

    @property
    def width(self) -> int:
        return COLUMN * len(HEADS) - (COLUMN - WIDTH) + 4

    @property
    def height(self) -> int:
        return max((box.y + HEIGHT for box in self.boxes), default=TOP) + 12

    @property
    def heads(self) -> list[tuple[int, str]]:
        return [(column * COLUMN + 2, words) for column, words in enumerate(HEADS)]

    @property
    def box_width(self) -> int:
        return WIDTH

    @property
    def box_height(self) -> int:
        return HEIGHT

    def place(self, column: int, row: int, title: str, note: str, *, gone: bool = False, href: str = "") -> Box:
        """A box in this column, at this row or the next free one below it."""
        while (column, row) in self.taken:
            row += 1
        self.taken.add((column, row))
        box = Box(column * COLUMN + 2, TOP + row * ROW, title, note, gone, href)
        self.boxes.append(box)
        return box

    def join(self, source: Box, target: Box, words: str = "") -> None:
        self.arrows.append(Arrow(curve(source, target), words))


def curve(source: Box, target: Box) -> str:
    if source.x == target.x and target.y - source.y > ROW:
        # Around the boxes between them, on the side where nothing else leaves.
        x, out = source.x + WIDTH, source.x + WIDTH + BULGE
        return f"M {x} {source.middle} C {out} {source.middle}, {out} {target.middle}, {x + 3} {target.middle}"
    if source.x == target.x:
        x, start, end = source.x + WIDTH // 2, source.y + HEIGHT, target.y - 3
        return f"M {x} {start} L {x} {end}"
    start, end = source.x + WIDTH, target.x - 3
    bend = (start + end) // 2
    return f"M {start} {source.middle} C {bend} {source.middle}, {bend} {target.middle}, {end} {target.middle}"


def graph_of(model: TrainedModel) -> Graph:
    graph = Graph()
    snapshots: dict[int, Box] = {}
    runs: dict[int, Box] = {}
    held: dict[int, Box] = {}
    for row, point in enumerate(model.checkpoints.select_related("run__snapshot").order_by("id")):
        if point.run.snapshot and point.run.snapshot_id not in snapshots:
            snapshots[point.run.snapshot.pk] = snapshot_box(graph, point.run.snapshot, row)
        if point.run_id not in runs:
            runs[point.run_id] = run_box(graph, point.run, row)
            if point.run.snapshot_id:
                graph.join(snapshots[point.run.snapshot_id], runs[point.run_id])
        held[point.pk] = graph.place(2, row, short(point.object_digest), point.status, gone=is_gone(point))
        graph.join(runs[point.run_id], held[point.pk])
    join_descents(graph, held)
    join_served(graph, model, held)
    return graph


def snapshot_box(graph: Graph, snapshot: Snapshot, row: int) -> Box:
    people = SnapshotRow.objects.filter(snapshot=snapshot).values("record__subject").distinct().count()
    note = f"{people:,} people" if people else f"{snapshot.rows:,} rows"
    gone = snapshot.destroyed_at is not None
    return graph.place(0, row, short(snapshot.ref), f"{note}, destroyed" if gone else note, gone=gone)


def run_box(graph: Graph, run: TrainingRun, row: int) -> Box:
    return graph.place(1, row, f"{run.created_at:%-d %b %Y}", "declared, not seen" if run.declared else "run here")


def is_gone(point: Checkpoint) -> bool:
    return point.status == Checkpoint.Status.DESTROYED


def join_descents(graph: Graph, held: dict[int, Box]) -> None:
    for edge in Descent.objects.filter(parent__in=held, child__in=held).order_by("id"):
        graph.join(held[edge.parent_id], held[edge.child_id], edge.get_kind_display())


def join_served(graph: Graph, model: TrainedModel, held: dict[int, Box]) -> None:
    """Releases beside their checkpoints; each deployment beside what it last said it serves."""
    sources = {point.object_digest: held[point.pk] for point in model.checkpoints.all()}
    for release in Release.objects.filter(checkpoint__in=held).select_related("checkpoint"):
        beside = held[release.checkpoint_id]
        gone = release.status in (Release.Status.SUPERSEDED, Release.Status.WITHDRAWN)
        note = release.status
        box = graph.place(3, row_of(beside), short(release.ref), note, gone=gone, href=page_of(release))
        graph.join(beside, box)
        sources[release.checkpoint.object_digest] = box
    for deployment in model.deployments.order_by("name"):
        join_deployment(graph, deployment, sources.get(deployment.serving))


def join_deployment(graph: Graph, deployment: Deployment, source: Box | None) -> None:
    note = short(deployment.serving) if deployment.serving else "has not reported"
    box = graph.place(4, row_of(source) if source else 0, deployment.name[:22], note)
    if source:
        graph.join(source, box)


def row_of(box: Box) -> int:
    return (box.y - TOP) // ROW
