"""Why a request may be refused, and how identity may be proved: closed lists, so that an auditor can count them."""

from governance.intake.models import ErasureRequest

Status = ErasureRequest.Status

GROUNDS = {
    "identity_not_proved": "Identity could not be proved (GDPR Art. 12(6))",
    "manifestly_unfounded": "Manifestly unfounded (GDPR Art. 12(5))",
    "excessive": "Excessive, in particular repetitive (GDPR Art. 12(5))",
    "no_ground": "No ground for erasure applies (GDPR Art. 17(1))",
    "expression": "Freedom of expression and information (GDPR Art. 17(3)(a))",
    "legal_obligation": "Legal obligation or task in the public interest (GDPR Art. 17(3)(b))",
    "public_health": "Public interest in public health (GDPR Art. 17(3)(c))",
    "research": "Archiving, research or statistics (GDPR Art. 17(3)(d))",
    "legal_claims": "Legal claims (GDPR Art. 17(3)(e))",
    "no_data_held": "No data of this person are held",
    "already_erased": "This person's data were erased before",
}
# Said before identity is proved, these would tell a stranger whether the person is in the data.
ONLY_AFTER_IDENTITY = {
    "no_ground",
    "expression",
    "legal_obligation",
    "public_health",
    "research",
    "legal_claims",
    "no_data_held",
    "already_erased",
}
ONLY_BEFORE_IDENTITY = {"identity_not_proved"}

METHODS = {
    "in_person": "Seen in person, with a document that was not kept",
    "code_sent": "A code sent to an address already on file was given back",
    "signed_in": "Signed in to an existing account",
    "agent_attested": "Attested by an authorised agent, with a power of attorney",
}


def allowed_now(status: str) -> set[str]:
    """The grounds that may be given in this state."""
    return set(GROUNDS) - (ONLY_AFTER_IDENTITY if status == Status.RECEIVED else ONLY_BEFORE_IDENTITY)
