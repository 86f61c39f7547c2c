"""What schemathesis needs to know of the box: who it is, and which things exist."""

import json
import os

import schemathesis

API_KEY = os.environ["CONTRACT_API_KEY"]
API_KEY_ID = os.environ["CONTRACT_API_KEY_ID"]
ACCESS_TOKEN = os.environ["CONTRACT_ACCESS_TOKEN"]
# By parameter name: ids of things that exist, made by the test.
KNOWN = json.loads(os.environ["CONTRACT_KNOWN_IDS"])
# The first of each stays, so that there is something to ask for until the end.
KEPT = {API_KEY_ID} | {ids[0] for name, ids in KNOWN.items() if name != "link"}

CREDENTIALS = ("authorization", "x-api-key", "x-room-member-token")
# Only people may call these, no keys.
PERSONAL = {"GET /users/me", "POST /users/change-password"}


@schemathesis.auth()
class Administrator:
    """An API key, or the root administrator's session where a key is no person."""

    def get(self, case, context):
        return {"key": {"X-API-KEY": API_KEY}, "session": {"Authorization": f"Bearer {ACCESS_TOKEN}"}}

    def set(self, case, data, context):
        for name in [name for name in case.headers if name.lower() in CREDENTIALS]:
            del case.headers[name]
        case.headers.update(data["session" if case.operation.label in PERSONAL else "key"])


@schemathesis.hook
def map_path_parameters(context, parameters):
    """Every second id is one that exists; what is deleted is not the last of its kind."""
    if not parameters:
        return parameters
    last = list(parameters)[-1] if context.operation.method == "delete" else None
    return {name: _known(value, KNOWN.get(name, [])[name == last :]) for name, value in parameters.items()}


def _known(value, ids):
    if not ids or len(str(value)) % 2:
        return value
    return ids[len(str(value)) // 2 % len(ids)]


@schemathesis.hook
def filter_case(context, case):
    """Our own key stays, and one thing of each kind."""
    if case.method != "DELETE":
        return True
    named = repr([case.path_parameters, case.query])
    last = list((case.path_parameters or {}).values())[-1:]
    return not any(kept in repr(last) or (kept in named and not last) for kept in KEPT)


@schemathesis.hook
def map_query(context, query):
    """`fields` answers with these only, while the document describes the whole thing; a page token that the box has not
    made is refused, whatever its form."""
    return {name: value for name, value in query.items() if name not in ("fields", "nextPageToken")} if query else query
