"""The JSON of a preview: what would go out, where, and what texts may cost."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from service.alerts.costing import ForecastOut
from service.alerts.counting import People
from service.alerts.schemas import AlertOut, TextOut, TopicsOut


class PreviewOut(BaseModel):
    """What would go out, and where. `audience` is null for fewer than 3 cells (R26)."""

    alert: AlertOut
    audience: People | None
    topics: Annotated[TopicsOut | None, Field(description="null where this deployment uses no topics")]
    cells: Annotated[int, Field(description="of resolution 7; phones in them are meant")]
    places: Annotated[int, Field(description="units whose subscribers are meant")]
    rings: int
    area_km2: float
    area: Annotated[dict[str, Any], Field(description="GeoJSON: everything within reach")]
    told: Annotated[list[str], Field(description="H3 cells of several resolutions, by which phones judge")]
    texts: list[TextOut]
    sms: Annotated[ForecastOut | None, Field(description="what texts may cost; null for fewer than 3 cells (R26)")]
    notes: Annotated[list[str], Field(description="who of the audience gets it later, or not again")]
