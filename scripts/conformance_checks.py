"""Checks of our own for schemathesis; scripts/conformance.sh loads them."""

import schemathesis

# Milliseconds below which a request may itself be the reason that time runs out.
SHORT = 1000


@schemathesis.check
def no_failure_of_the_server(ctx, response, case):
    """As not_a_server_error, but that 504 is right for a request that allows little time itself."""
    if response.status_code < 500:
        return
    asked = (case.query or {}).get("timeout") or (case.body.get("timeoutMilliseconds") if isinstance(case.body, dict) else None)
    is_short = str(asked).isdigit() and int(asked) < SHORT
    assert response.status_code == 504 and is_short, f"{response.status_code} with a timeout of {asked}"
    assert response.json()["error"]["code"] == "deadline-exceeded"
