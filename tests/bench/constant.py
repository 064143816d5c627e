"""The API as it is served, or with a constant in place of every answer to a check: `… constant` or `… whole`."""

import os
import sys

from fastapi import FastAPI
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from service import api
from service.atlas import actions, schemas
from service.kit.processes import die_with_parent

_CONSTANT = "BENCH_CONSTANT"
_TYPICAL = 2


def served() -> FastAPI:
    """Return the app; with the variable set, the first answer that names two zones is given to everybody after."""
    app = api.served()
    if os.environ.get(_CONSTANT):
        _freeze()
    return app


def _freeze() -> None:
    check, checked = actions.check, schemas.checked
    kept: list[schemas.CheckOut] = []

    def put_into_words(*asked: object, **more: object) -> schemas.CheckOut:
        if kept:
            return kept[0]
        answer = checked(*asked, **more)  # type: ignore[arg-type]  # whatever it is asked with
        if len(answer.answers) == _TYPICAL:
            kept.append(answer)
        return answer

    def found(*asked: object, **more: object) -> object:
        return None if kept else check(*asked, **more)  # type: ignore[arg-type]  # whatever it is asked with

    actions.check = found  # type: ignore[assignment]  # the constant in place of the answer
    schemas.checked = put_into_words


def main() -> None:
    """Serve until told to stop, at the port and with as many processes as the settings name."""
    die_with_parent()
    if sys.argv[1] == "constant":
        os.environ[_CONSTANT] = "1"
    Granian(
        "tests.bench.constant:served",
        factory=True,
        address="127.0.0.1",
        port=int(os.environ["SUREFOOT_PORT"]),
        interface=Interfaces.ASGI,
        workers=int(os.environ["SUREFOOT_API_PROCESSES"]),
        log_access=False,
        log_level=LogLevels.warning,
        websockets=False,
    ).serve()


if __name__ == "__main__":
    main()
