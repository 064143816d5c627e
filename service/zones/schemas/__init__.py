"""What operators send and see of zones in JSON."""

from service.zones.schemas.covering import CoverageIn as CoverageIn
from service.zones.schemas.covering import CoverageOut as CoverageOut
from service.zones.schemas.said import AnnulIn as AnnulIn
from service.zones.schemas.said import CorrectIn as CorrectIn
from service.zones.schemas.said import ExtendIn as ExtendIn
from service.zones.schemas.said import MergeIn as MergeIn
from service.zones.schemas.said import ParticularsIn as ParticularsIn
from service.zones.schemas.said import PublicationIn as PublicationIn
from service.zones.schemas.said import ReclassifyIn as ReclassifyIn
from service.zones.schemas.said import ReleaseIn as ReleaseIn
from service.zones.schemas.said import SplitIn as SplitIn
from service.zones.schemas.said import StaleIn as StaleIn
from service.zones.schemas.said import WantedIn as WantedIn
from service.zones.schemas.said import Why as Why
from service.zones.schemas.said import ZoneIn as ZoneIn
from service.zones.schemas.said import parts_of as parts_of
from service.zones.schemas.shown import HistoryOut as HistoryOut
from service.zones.schemas.shown import ProposalOut as ProposalOut
from service.zones.schemas.shown import ReclassifiedOut as ReclassifiedOut
from service.zones.schemas.shown import RecordOut as RecordOut
from service.zones.schemas.shown import StaleOut as StaleOut
