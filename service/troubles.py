"""How every "no" is answered: each kind has its status in one table, and what surprises us is told to nobody."""

from http import HTTPStatus
from typing import Any

import psycopg
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from service.kit import log
from service.kit.asgi import PROBLEM
from service.kit.errors import Kind, Refused

_log = structlog.get_logger()

STATUS: dict[Kind, HTTPStatus] = {
    Kind.INVALID: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.MALFORMED: HTTPStatus.BAD_REQUEST,
    Kind.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.UNAUTHENTICATED: HTTPStatus.UNAUTHORIZED,
    Kind.CONFLICT: HTTPStatus.CONFLICT,
    Kind.GONE: HTTPStatus.GONE,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.UNSUPPORTED: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
_AWAY_SECONDS = 5


def answer(app: FastAPI) -> None:
    """Give an app its answers to what goes wrong."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    for away in (psycopg.OperationalError, PoolTimeout):
        app.add_exception_handler(away, _database_away)


def _problem(request: Request, status: int, name: str, detail: str, **more: Any) -> JSONResponse:
    """Return RFC 9457's problem; `type` is stable and explained at its own address."""
    body = {
        "type": f"/problems/{name}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request.scope.get("state", {}).get("request_id"),
    }
    headers = more.pop("headers", None)
    body |= {key: value for key, value in more.items() if value}
    return JSONResponse(body, int(status), headers=headers, media_type=PROBLEM.decode())


async def _refused(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refused):
        raise error
    status = STATUS[error.kind]
    headers = {"WWW-Authenticate": "Bearer"} if error.kind is Kind.UNAUTHENTICATED else {}
    if error.after is not None:
        headers["Retry-After"] = str(error.after)
    errors = [{"where": one.where, "detail": one.detail, "remedy": one.remedy} for one in error.faults]
    more = {"where": error.where, "remedy": error.remedy, "errors": errors, "headers": headers}
    return _problem(request, status, error.name, error.detail, **more)


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """Say which fields are wrong and why; never repeat what was sent: it may name a place or a phone."""
    if not isinstance(error, RequestValidationError):
        raise error
    errors = [
        {"where": ".".join(str(part) for part in one["loc"]), "detail": one["msg"], "remedy": "See /docs."}
        for one in error.errors()
    ]
    detail = "The request does not have the form that this route takes."
    return _problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "malformed-request", detail, errors=errors)


async def _http(request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        raise error
    name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
    return _problem(request, error.status_code, name, str(error.detail), headers=error.headers)


async def _database_away(request: Request, error: Exception) -> JSONResponse:
    _log.warning("api.database_away", error=type(error).__name__)
    detail = "The service cannot reach its database; look whether a change was made before you repeat it."
    headers = {"Retry-After": str(_AWAY_SECONDS)}
    return _problem(request, HTTPStatus.SERVICE_UNAVAILABLE, "database-away", detail, headers=headers)


async def surprise(request: Request, error: Exception) -> JSONResponse:
    """Answer what nobody foresaw."""
    # Where it happened, not what the error says: its words may hold what somebody sent.
    _log.error("api.surprise", error=type(error).__name__, at=log.places(error))
    detail = "Something went wrong on our side."
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal-error", detail)
