"""The rules of the comparison of accuracies, frozen after `accuracy_tuning` and never fitted to a set that is shown."""

from benchmarks.learners import CertifiedRule, TravelRule, UsualRule

CERTIFIED = CertifiedRule(kappa=1.0, relaxations=0.5)
CERTIFIED_CAPPED = CertifiedRule(kappa=2.0, relaxations=0.25)
DP_SGD = TravelRule(kappa=1.0, rate=1.0, steps=100, clip=0.5)
# Not tuned: DP-SGD's own numbers, in the certified steps.
CLIPPED = CertifiedRule(kappa=1.0, relaxations=0.25)
# As a user would, the best of the grid for each epsilon.
DP_SGD_USUAL = {
    1.0: UsualRule(learning_rate=16.0, clip=0.1),
    3.0: UsualRule(learning_rate=16.0, clip=0.5),
    8.0: UsualRule(learning_rate=16.0, clip=0.5),
}
