"""Guessing at passwords is slowed down: so many attempts a minute for a name from an address, and for the address."""

import hashlib

from django.http import HttpRequest

from governance.api.throttles import caller_address, is_within

FOR_A_NAME, FOR_AN_ADDRESS = 10, 60


def may_try(request: HttpRequest) -> bool:
    """Count this attempt to sign in; looking at the form is none. Only a digest of the name is kept, for a minute."""
    if request.method != "POST":
        return True
    address = caller_address(request)
    name = hashlib.sha256(request.POST.get("username", "").lower().encode()).hexdigest()[:32]
    for_name = is_within("login", f"{address}:{name}", usual=FOR_A_NAME)
    return is_within("login-address", address, usual=FOR_AN_ADDRESS) and for_name
