"""What every command stands on: the house it works in, who is acting, and errors that say how to mend them."""

import asyncio
import functools
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import psycopg
import pydantic
import typer
from psycopg_pool import PoolTimeout

from service.commands.servers import environment
from service.config import MIGRATIONS, Settings
from service.kit import log
from service.kit.crypto import Keyring
from service.kit.db import Tx, migrate, open_pool
from service.kit.errors import Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.lessons.opening import open_words
from service.operators import actions as operators
from service.operators.model import Operator, Role

P = ParamSpec("P")
T = TypeVar("T")
REFUSED = 2


def guarded(command: Callable[P, T]) -> Callable[P, T]:
    """Turn every refusal into words on standard error and exit status 2; nobody is shown a traceback."""

    @functools.wraps(command)
    def spoken(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except Refused as refused:
            _say(refused)
        except (psycopg.OperationalError, PoolTimeout):
            typer.echo("The database cannot be reached. Look at DATABASE_URL, the server and its network.", err=True)
        except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
            typer.echo("The database lacks tables of this version. Run `surefoot migrate`.", err=True)
        except pydantic.ValidationError as error:
            for one in error.errors(include_input=False):
                typer.echo(f"The setting {_variable(one['loc'])}: {one['msg']}.", err=True)
        except OSError as error:
            typer.echo(f"{error.strerror or error} ({error.filename or ''})", err=True)
        raise typer.Exit(REFUSED)

    return spoken


def _variable(place: tuple[int | str, ...]) -> str:
    name = str(place[0])
    return f"SUREFOOT_{name.upper()}" if name in Settings.model_fields else name


def _say(refused: Refused) -> None:
    where = f" ({refused.where})" if refused.where else ""
    typer.echo(f"{refused.detail}{where}", err=True)
    if refused.remedy:
        typer.echo(refused.remedy, err=True)
    for fault in refused.faults:
        typer.echo(f"  {fault.where}: {fault.detail} {fault.remedy}", err=True)
    sys.stderr.flush()


@asynccontextmanager
async def open_house(data: Path | None) -> AsyncIterator[House]:
    """Open the house for one command, on embedded servers if no database is configured."""
    settings = Settings() if data is None else Settings(data=data)
    log.configure(level="ERROR")
    async with AsyncExitStack() as stack:
        found = stack.enter_context(environment(settings, join=True))
        if settings.database_url is None:
            settings = settings_of(found)
            await asyncio.to_thread(migrate, settings.need_database(), MIGRATIONS)
        pool = await open_pool(settings.need_database(), size=4)
        stack.push_async_callback(pool.close)
        house = House(pool, settings.make_clock(), Keyring(settings.need_server_key()))
        house.put(settings)
        open_words(settings).into(house)
        yield house


def settings_of(found: Mapping[str, str]) -> Settings:
    """Read the settings as a program started with this environment would."""
    names = {"DATABASE_URL", "REDIS_URL", "SUREFOOT_SERVER_KEY", "SUREFOOT_SIGNING_KEY", "SUREFOOT_EPOCH"}
    names |= {"SUREFOOT_EXERCISE_SIGNING_KEY", "SUREFOOT_ROOT_KEY", "SUREFOOT_KEY_SET"}
    values = {name.removeprefix("SUREFOOT_").lower(): found[name] for name in names & found.keys()}
    urls = {name.upper(): values.pop(name) for name in ("database_url", "redis_url") if name in values}
    return Settings(**urls, **values)  # type: ignore[arg-type]  # pydantic turns text into secrets


async def acting(tx: Tx, *roles: Role) -> Operator:
    """Return who acts: the holder of SUREFOOT_KEY, if one of the roles is held (R17)."""
    key = os.environ.get("SUREFOOT_KEY")
    return operators.demand(await operators.authenticate(tx, Hidden(key) if key else None), roles)
