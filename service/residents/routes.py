"""The doors of phones to their registrations, and of operators to testers' codes."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from service.config import Settings
from service.i18n.catalogues import Catalogues
from service.kit.db import transaction
from service.kit.errors import Kind, Refused
from service.kit.hidden import Hidden
from service.kit.house import House
from service.kit.http import PUBLIC, HouseDep, NowDep, TxDep, decides_access
from service.kit.internet import Names
from service.kit.limits import Limits, limited, network_of
from service.operators.model import Operator, Role
from service.operators.routes import needs
from service.residents import actions, admitting, leaving, naming
from service.residents.addressing import PhoneIn, TextedCodeIn
from service.residents.app_check import HEADER as APP_CHECK
from service.residents.app_check import AppCheck
from service.residents.model import Address, AddressKind, Proof, Registration
from service.residents.schemas import (
    ChangeIn,
    CodeIn,
    CodeOfferIn,
    CreatedOut,
    JoinedOut,
    RegistrationIn,
    RegistrationOut,
    TesterCodeOut,
    WebPushOut,
    created,
    joined,
    shown,
)

router = APIRouter(tags=["registrations"])

_ONE = "/registrations/{registration_id}"

# A network may be a whole mobile operator behind a few addresses; the cap of unverified ones is the finer sieve.
_OFTEN = "3000/minute"
_EACH = "1200/minute"
_secret = HTTPBearer(auto_error=False, scheme_name="RegistrationSecret", description="the secret of this registration")


@decides_access
async def _owner(
    registration_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_secret)],
    tx: TxDep,
    now: NowDep,
) -> Registration:
    return await actions.recognise(tx, _proof(registration_id, credentials), now=now)


@decides_access
async def _owner_before(
    registration_id: UUID,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_secret)],
    house: HouseDep,
    now: NowDep,
) -> Registration:
    """Recognise the owner in a transaction of its own, for a route that commits more than once."""
    proof = _proof(registration_id, credentials)
    async with transaction(house.pool) as tx:
        return await actions.recognise(tx, proof, now=now)


def _proof(registration: UUID, credentials: HTTPAuthorizationCredentials | None) -> Proof:
    if credentials is None:
        detail = "This needs the registration's secret."
        raise Refused(Kind.UNAUTHENTICATED, "secret-missing", detail, remedy="Send `Authorization: Bearer <secret>`.")
    return Proof(registration, Hidden(credentials.credentials))


def _network(request: Request, house: HouseDep) -> Hidden[str]:
    return Hidden(network_of(house.get(Limits).client_of(request)))


async def _admitted(address: Address, house: House, request: Request) -> None:
    if address.kind is not AddressKind.WEBPUSH:
        await house.get(AppCheck).demand(request.headers.get(APP_CHECK), now=house.clock.now())
    await admitting.look_at(address, names=house.get(Names), settings=house.get(Settings))


async def _admitted_newcomer(wish: RegistrationIn, house: HouseDep, request: Request) -> RegistrationIn:
    """Look at the address before the route's transaction: Google and DNS may take their time."""
    await _admitted(wish.address.address(), house, request)
    return wish


async def _admitted_change(wish: ChangeIn, house: HouseDep, request: Request) -> ChangeIn:
    if wish.address is not None:
        await _admitted(wish.address.address(), house, request)
    return wish


Owner = Annotated[Registration, Depends(_owner)]
OwnerBefore = Annotated[Registration, Depends(_owner_before)]
# First among a route's parameters: they are resolved in order, and the transaction comes after.
NewcomerDep = Annotated[RegistrationIn, Depends(_admitted_newcomer)]
ChangeDep = Annotated[ChangeIn, Depends(_admitted_change)]
NetworkDep = Annotated[Hidden[str], Depends(_network)]
MayEnrol = Annotated[Operator, Depends(needs(Role.ADMIN, Role.AUTHOR))]


@router.get("/web-push", dependencies=[PUBLIC, Depends(limited("web-push", _OFTEN))])
async def web_push(tx: TxDep) -> WebPushOut:
    """Return the key with which a browser or a UnifiedPush distributor subscribes; with another one, subscribe anew."""
    return WebPushOut.of(await actions.web_push_key(tx))


@router.post(
    "/registrations",
    status_code=201,
    dependencies=[PUBLIC, Depends(limited("register", _OFTEN, each=_EACH))],
)
async def register(wish: NewcomerDep, network: NetworkDep, tx: TxDep, house: HouseDep, now: NowDep) -> CreatedOut:
    """Ask to be warned. The secret is shown only now; a code is pushed to the address, to be echoed."""
    newcomer = wish.newcomer(known=house.get(Catalogues).known, network=network, now=now)
    entry, secret = await actions.register(tx, house, newcomer, now=now)
    return created(entry, secret, actions.receipt_key(house.keyring, entry.registration.id))


@router.get(_ONE)
async def show(owner: Owner, tx: TxDep) -> RegistrationOut:
    """Return what the service knows of this phone."""
    return shown(await actions.show(tx, owner))


@router.patch(_ONE, dependencies=[Depends(limited("change", _OFTEN, each=_EACH))])
async def change(wish: ChangeDep, owner: Owner, network: NetworkDep, tx: TxDep, house: HouseDep) -> JoinedOut:
    """Change languages, cells or address."""
    wanted = wish.change(known=house.get(Catalogues).known, network=network)
    return joined(await actions.change(tx, house, owner, wanted, now=house.clock.now()))


@router.delete(_ONE, status_code=204)
async def forget(owner: Owner, tx: TxDep) -> None:
    """Forget this phone wholly and at once."""
    await leaving.forget(tx, owner)


@router.post(_ONE + "/verification", dependencies=[Depends(limited("verify", _OFTEN))])
async def verify(echo: CodeIn, owner: Owner, tx: TxDep, house: HouseDep, now: NowDep) -> JoinedOut:
    """Echo the pushed code: other registrations of the same address are forgotten then."""
    return joined(await actions.verify(tx, house, owner, echo.hidden(), now=now))


@router.put(_ONE + "/phone", status_code=202, dependencies=[Depends(limited("phone", _OFTEN, each=_EACH))])
async def name_phone(wish: PhoneIn, owner: Owner, network: NetworkDep, tx: TxDep, house: HouseDep) -> RegistrationOut:
    """Name a number for warnings by text; a code goes there, once, and nothing else until it comes back.

    The answer is the same whosever number it is. Whoever told this service to stop gets no code.
    """
    consent = wish.consent.consent(known=house.get(Catalogues).known, now=house.clock.now())
    number = Hidden(wish.number.get_secret_value())
    return shown(await naming.name(tx, house, owner, number, consent=consent, network=network))


@router.post(_ONE + "/phone/verify", dependencies=[Depends(limited("phone-verify", _OFTEN, each=_EACH))])
async def prove_phone(echo: TextedCodeIn, owner: OwnerBefore, house: HouseDep, now: NowDep) -> JoinedOut:
    """Show the code that came by text, within 15 minutes; it may be tried five times."""
    return joined(await naming.prove(house, owner, echo.hidden(), now=now))


@router.delete(_ONE + "/phone", status_code=204)
async def take_phone_back(owner: Owner, tx: TxDep) -> None:
    """Forget the number at once; a registration that only texts reach goes with it."""
    await naming.take_back(tx, owner)


@router.post(_ONE + "/tester", dependencies=[Depends(limited("enrol", _OFTEN))])
async def enrol(wish: CodeIn, owner: Owner, tx: TxDep, house: HouseDep, now: NowDep) -> JoinedOut:
    """Let exercises reach this phone for 30 days, by a code from whoever runs them."""
    return joined(await actions.enrol(tx, house, owner, wish.hidden(), now=now))


@router.delete(_ONE + "/tester", status_code=204)
async def leave(owner: Owner, tx: TxDep, now: NowDep) -> None:
    """Let no exercise reach this phone any more."""
    await actions.leave(tx, owner, now=now)


@router.post("/tester-codes", status_code=201)
async def issue_code(wish: CodeOfferIn, issuer: MayEnrol, tx: TxDep, house: HouseDep, now: NowDep) -> TesterCodeOut:
    """Make a code by which phones' owners enrol as testers; shown only now."""
    code = await actions.issue_code(tx, house, wish.offer(), issuer=issuer, now=now)
    return TesterCodeOut(code=code.reveal(), uses=wish.uses, expires_at=now + wish.offer().life)
