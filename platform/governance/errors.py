"""One class per remedy. Each carries a code, an HTTP status and a sentence that says what to do."""


class ObelusError(Exception):
    """Something the caller can mend; becomes problem+json on the API and a plain line in a shell."""

    code = "error"
    status = 400
    title = "The request cannot be carried out"

    def __init__(self, detail: str, *, code: str = "", remedy: str = "", **evidence: object) -> None:
        super().__init__(detail)
        self.detail, self.remedy, self.evidence = detail, remedy, evidence
        self.code = code or type(self).code


class Invalid(ObelusError):
    code, status, title = "invalid", 422, "The input does not fit"


class NotFound(ObelusError):
    code, status, title = "not_found", 404, "There is no such thing here"


class Forbidden(ObelusError):
    code, status, title = "forbidden", 403, "You may not do this"


class Conflict(ObelusError):
    code, status, title = "conflict", 409, "This does not fit the present state"


class IllegalMove(Conflict):
    code, title = "illegal_move", "This step is not open from the present state"


class StaleState(Conflict):
    code, title = "stale_state", "Somebody else moved this first"


class FourEyes(Forbidden):
    code, title = "four_eyes", "A second, different person must do this"


class Destroyed(ObelusError):
    code, status, title = "destroyed", 410, "This was destroyed and cannot be had again"


class NotCertifiable(Conflict):
    code, title = "not_certifiable", "No certificate can cover this"


class GateShut(Conflict):
    code, title = "gate_shut", "The release gate is shut"


class StorageFull(ObelusError):
    code, status, title = "storage_full", 507, "The object store has no room"


class DigestMismatch(Conflict):
    code, title = "digest_mismatch", "The bytes are not the ones that were recorded"


class TokenLost(ObelusError):
    """A worker whose lease ended tried to record something. Nothing was recorded."""

    code, status, title = "token_lost", 409, "The lease of this attempt has ended"
