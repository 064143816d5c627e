"""The doors to places, for everybody: find one by name, look at one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from service.kit.http import PUBLIC, HouseDep
from service.kit.limits import limited
from service.places import actions, schemas
from service.places.following import PlaceIndex
from service.places.schemas import FindIn, FoundOut, WholeOut

router = APIRouter(prefix="/places", tags=["places"], dependencies=[PUBLIC, Depends(limited("places", "240/minute"))])

Lang = Annotated[str | None, Query(max_length=35, description="BCP 47; in which language to show names")]


@router.get("")
async def find(wanted: Annotated[FindIn, Query()], house: HouseDep) -> FoundOut:
    """Return the places that a name or code may mean, grouped by name, the likeliest first."""
    gazetteer = house.get(PlaceIndex).gazetteer
    answer = gazetteer.find(wanted.name, exercise=wanted.exercise, country=wanted.country)
    return schemas.found(answer, gazetteer, wanted.lang)


@router.get("/{place_id}")
async def get(place_id: UUID, house: HouseDep, lang: Lang = None) -> WholeOut:
    """Return a place with the units that it lies in and those that lie in it."""
    gazetteer = house.get(PlaceIndex).gazetteer
    return schemas.whole(actions.get(gazetteer, place_id), gazetteer, lang)
