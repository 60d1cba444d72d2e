"""Attacks on our own certificates: measured lower bounds beside the numbers that the accountant certifies.

A lower bound above its certificate is a bug in the engine or in the accountant. One below proves nothing.
"""

from unlearning.audit.finding import Finding
from unlearning.audit.registry import AUDITS, Audit
from unlearning.audit.study import Study
from unlearning.audit.subject import Subject

__all__ = ["AUDITS", "Audit", "Finding", "Study", "Subject"]
