"""What to do about an error that says nothing of its own: by code, else by status."""

TITLES = {
    400: "The request cannot be read",
    401: "It is not clear who asks",
    403: "You may not do this",
    404: "There is no such thing here",
    405: "This route does not do that",
    409: "This does not fit the present state",
    413: "This is larger than what is taken here",
    415: "This kind of content is not taken here",
    422: "The input does not fit",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "A part of the house is away",
}
REMEDIES = {
    "400": "Correct the request's form; see /api/v1/schema.",
    "parse_error": "Send well-formed JSON in UTF-8.",
    "idempotency_key_missing": "Choose a fresh key for each case, send it as Idempotency-Key, keep it for retries.",
    "401": "Send a valid Bearer token, or sign in at the console.",
    "invalid_token": "Get a new token at /api/oauth/token; tokens last 15 minutes.",
    "403": "Ask somebody who has the role, or a token with the scope.",
    "404": "Look the reference up in the list it belongs to.",
    "405": "See the Allow header, or /api/v1/schema.",
    "409": "Reload it and choose a step that is open.",
    "410": "Use the digest of the release that replaced it.",
    "413": "Send less at once.",
    "415": "Send the content type that /api/v1/schema names.",
    "422": "Correct the fields that are named and send it again.",
    "429": "Wait as long as Retry-After says.",
    "500": "Try again; if it stays, give the X-Request-Id to the operator.",
    "503": "Try again in a moment; /readyz says what is away.",
}
