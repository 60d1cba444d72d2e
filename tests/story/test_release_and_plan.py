import pytest

from tests.story.world import Clinic

pytestmark = pytest.mark.django_db


def test_two_people_release_a_trained_model(folk):
    clinic = Clinic(folk)
    checkpoint = clinic.train(clinic.model, clinic.snapshot)
    release = clinic.release(checkpoint, clinic.policy())
    assert release.status == "published"
