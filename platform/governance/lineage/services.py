"""The doors of lineage, in one place; each is one transaction with its audit entries."""

from governance.lineage.bases import register_base
from governance.lineage.datasets import register_dataset, snapshot_without, take_snapshot
from governance.lineage.erasure import forget, remove_rows, retire
from governance.lineage.foreign import register_foreign_checkpoint
from governance.lineage.serving import add_descendant, register_deployment, report_deployment
from governance.lineage.training import fix_recipe, register_model, start_training, train_by_recipe

__all__ = [
    "add_descendant",
    "fix_recipe",
    "forget",
    "register_base",
    "register_dataset",
    "register_deployment",
    "register_foreign_checkpoint",
    "register_model",
    "remove_rows",
    "report_deployment",
    "retire",
    "snapshot_without",
    "start_training",
    "take_snapshot",
    "train_by_recipe",
]
