"""A text that passes for somebody's cannot be drawn, and an auditor is told what to do instead."""

import pytest

from governance.actors import person
from governance.errors import Invalid
from governance.lineage.services import register_dataset
from governance.verification.sentinels import plant

pytestmark = pytest.mark.django_db


def test_sentinels_are_refused_among_texts_with_a_remedy(folk):
    home = register_dataset(name="press", kind="texts", rows_per_subject=3, actor=person(folk.operator, "operator"))
    auditor = person(folk.auditor, "auditor")
    with pytest.raises(Invalid, match="of texts none can be drawn") as refusal:
        plant(dataset=home, count=8, kind="random", like="writer-#####@press.example", actor=auditor)
    assert refusal.value.code == "texts_not_drawn" and "planted" in refusal.value.remedy
