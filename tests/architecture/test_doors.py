"""Every route decides who may call it, and every job that is deferred by name is registered under it."""

import importlib

import procrastinate
import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from service import worker
from service.api import build
from service.config import Settings
from service.kit.http import PUBLIC, decides_access
from tests.architecture.shape import sources

# What FastAPI itself adds: the description of the API, which is public as the API's code is.
DESCRIPTION = {"/openapi.json"}


def decided(dependant: Dependant) -> bool:
    """Whether a route's dependencies, at any depth, hold a decision about access."""
    return getattr(dependant.call, "decides_access", False) or any(map(decided, dependant.dependencies))


def open_doors(app: FastAPI) -> list[str]:
    contexts = [one for one in iter_route_contexts(app.routes) if one.path not in DESCRIPTION]
    return [str(one.path) for one in contexts if not decided(getattr(one, "dependant", Dependant()))]


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return build(Settings())


def test_every_route_decides_who_may_call_it(app: FastAPI) -> None:
    assert open_doors(app) == []


def test_the_routes_of_every_feature_are_looked_at(app: FastAPI) -> None:
    paths = {context.path for context in iter_route_contexts(app.routes)}
    assert paths >= {"/v1/alerts", "/v1/zones", "/v1/registrations", "/v1/receipts", "/v1/operators", "/healthz"}


def test_a_route_without_a_decision_is_found() -> None:
    @decides_access
    def somebody() -> None: ...

    def nested(_: None = Depends(somebody)) -> None: ...

    app, router = FastAPI(openapi_url=None), APIRouter(prefix="/v1")
    router.add_api_route("/open", lambda: None)
    router.add_api_route("/public", lambda: None, dependencies=[PUBLIC])
    router.add_api_route("/nested", lambda: None, dependencies=[Depends(nested)])
    app.include_router(router)
    assert open_doors(app) == ["/v1/open"]


def registered() -> set[str]:
    made = procrastinate.App(connector=procrastinate.PsycopgConnector())
    worker.register(made)
    return set(made.tasks)


def deferred() -> dict[str, str]:
    """Map the constants of models that name a job to the names."""
    found: dict[str, str] = {}
    for source in sources("service"):
        if source.path.endswith("/model.py"):
            module = importlib.import_module(source.path.removesuffix(".py").replace("/", "."))
            found |= {f"{source.path}:{each}": getattr(module, each) for each in vars(module) if each.endswith("_JOB")}
    return found


def test_every_job_that_is_deferred_is_registered() -> None:
    assert {where: name for where, name in deferred().items() if name not in registered()} == {}


def test_every_registered_job_is_deferred_by_somebody() -> None:
    ours = {name for name in registered() if "builtin" not in name}
    assert ours == set(deferred().values())


def test_an_app_that_follows_a_lost_database_knows_the_same_jobs() -> None:
    assert registered() >= set(deferred().values())
    assert registered() >= set(deferred().values())


def test_jobs_are_named_by_constants_of_models_only() -> None:
    names = set(deferred().values())
    spoken = [
        source.path
        for source in sources("service")
        if not source.path.endswith("/model.py") and any(f'"{name}"' in source.text for name in names)
    ]
    assert spoken == []
