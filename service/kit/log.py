"""Structured logs: facts as JSON lines on standard error, no person in them."""

import logging
import sys
import traceback
from pathlib import Path

import structlog

_FRAMES = 8


def configure(*, level: str = "INFO") -> None:
    """Send every log, the libraries' too, as one JSON object a line to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso"),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _without_arguments,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    # Libraries describe what they handle (jobs' arguments, SQL, addresses): only their troubles are let through.
    root.setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level]))


def places(error: BaseException) -> list[str]:
    """Return where an error came by, the deepest last; no words and no values of it."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    return [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _without_arguments(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Keep a library's trouble to one short line: a traceback's values could name a person."""
    event.pop("exc_info", None)
    event["event"] = str(event.get("event", ""))[:200]
    return event
