"""The API's description, for programs (OpenAPI) and for people: no script, nothing fetched from elsewhere."""

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse

from api.errors import PROBLEM
from api.pages import rendering
from api.routes.base import LONGEST_KEY
from api.routes.mentions import MentionIn
from api.routes.people import secret_router

router = APIRouter(include_in_schema=False)
_SECRETS = frozenset(getattr(one, "path", "") for one in secret_router.routes)
_ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "The same key with the same request is carried out once; the first answer is given again.",
}


def describe(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI description, with what FastAPI cannot know: problem details, keys, and who may ask."""
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
        for path, method, operation in _operations(schema):
            for status, response in operation["responses"].items():
                if status >= "400" and "application/json" in response.get("content", {}):
                    response["content"][PROBLEM] = response["content"].pop("application/json")
            once = path.removeprefix("/api/v1") not in _SECRETS or method != "post"
            if method != "get" and once:
                operation.setdefault("parameters", []).append(_ONCE)
        parts = schema["components"]
        parts["schemas"]["MentionIn"] = MentionIn.model_json_schema()
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        app.openapi_schema = schema
    return app.openapi_schema


def _operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            yield path, method, operation


@router.get("/docs")
def reference(request: Request) -> HTMLResponse:
    """Show every operation of the JSON API."""
    described = request.app.openapi()
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, method, operation in _operations(described):
        groups.setdefault(operation["tags"][0], []).append(_row(method, path, operation))
    fields = {name: _fields(schema) for name, schema in described["components"]["schemas"].items()}
    context = {"about": described["info"]["description"].strip().split("\n\n"), "groups": groups, "shapes": fields}
    return rendering.render(request, "reference.html", version=described["info"]["version"], **context)


def _row(method: str, path: str, operation: dict[str, Any]) -> dict[str, Any]:
    body = _content(operation.get("requestBody", {}))
    answers = [(status, _content(one), one["description"]) for status, one in sorted(operation["responses"].items())]
    named = {"method": method.upper(), "path": path, "title": operation["summary"]}
    words = operation.get("description", "")
    return {**named, "words": words, "parameters": _parameters(operation), "body": body, "answers": answers}


def _content(holder: dict[str, Any]) -> str:
    """Say what a request or a response carries."""
    kinds: dict[str, Any] = holder.get("content", {})
    return " or ".join(_kind(one.get("schema", {})) for one in kinds.values())


def _parameters(operation: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [
        (one["name"], one["in"], _kind(one["schema"]), one.get("description", ""))
        for one in operation.get("parameters", [])
    ]


def _fields(schema: dict[str, Any]) -> list[tuple[str, str, str]]:
    if "enum" in schema:
        return [(str(value), "value", "") for value in schema["enum"]]
    return [(name, _kind(field), field.get("description", "")) for name, field in schema.get("properties", {}).items()]


def _kind(schema: dict[str, Any]) -> str:
    """Say in a few words what a schema takes, e.g. "list of CaseLine"."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        return " or ".join(dict.fromkeys(_kind(one) for one in several))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("title") if schema.get("type") == "object" and "title" in schema else schema.get("type", ""))


if __name__ == "__main__":
    import json
    import sys

    from api.app import create_app
    from monitor.settings import Settings

    json.dump(describe(create_app(Settings())), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write("\n")
