"""Every file has a place: what a feature may hold, and why a file beside the usual ones is there."""

import pytest

from tests.architecture.shape import Source, sources

USUAL = {"__init__", "model", "rules", "store", "actions", "schemas", "routes", "jobs"}

# Beside the usual names: outside formats, and parts split off because one file would be too long to read.
BESIDE = {
    "alerts": {
        "texts": "the words of warnings, as declared messages",
        "later_texts": "split off texts: the words of what follows a warning",
        "composing": "split off actions: the words of one warning",
        "ending": "split off composing: what release records did, in plain words",
        "following": "split off actions: updates, corrections, ends, renewals",
        "areas": "split off actions: what one warning is about, and whom it is for",
        "drafting": "split off schemas: what authors send",
        "covering": "split off rules: the cells and subscribers of one area, pure",
        "geojson": "an outside format: the areas that authors draw",
        "planning": "split off actions: who gets it, page by page, resumable",
        "paging": "split off planning: whom a page looks at",
        "reach": "split off rules: where planning goes next, who is passed over, what waits",
        "showing": "split off actions: what operators and phones are shown",
        "telling": "split off schemas: corrections as they are prepared and confirmed",
        "progress": "split off showing: how far an alert got, live",
        "counting": "split off schemas: counts of people, blurred",
        "hearing": "split off actions: receipts of phones that nobody knows",
        "warned": "split off actions: was this registration warned, and if not, why not",
        "spreading": "split off planning: its letters to topics, for phones that nobody knows",
        "joining": "a door: residents call it, as jobs and routes are called",
    },
    "conversations": {},
    "delivery": {
        "payload": "the provider's body, encoded and measured by pure code",
        "queueing": "split off actions: batches and the jobs that send them, many at once",
        "sms": "split off model: what passes between us and the operators of mobile networks",
        "texts": "split off rules: what the ledger says of a text, and what follows",
        "ledger": "split off actions: each text before it is handed over, and what became of it",
        "texting": "split off actions: a batch of texts, from its numbers to its fates",
        "providers": "an outside format: the file that names those operators",
        "provider_ways": "split off providers: what each protocol needs to know of an operator",
        "topics": "split off rules: how topics are named, and which an alert goes to",
        "posting": "split off actions: letters to topics",
        "channels": "one file a provider, and one that judges its answers",
        "records": "split off model: who was heard, which registrations try the path, whether anything may be sent",
        "receiving": "split off actions: receipts, many in one commit",
        "proving": "split off actions: the round trip that proves an address",
        "canaries": "split off actions: test messages to phones of our own",
        "outcomes": "split off actions: what providers answered, counted",
        "figures": "split off actions: what an alarm needs to know",
    },
    "zones": {
        "words": "the one label of a zone, as declared messages",
        "records": "split off model: release records, proposals, and what people give",
        "geojson": "an outside format: the outlines that people give",
        "refusals": "which refusal says which reason",
        "ending": "split off rules: how a zone ends, in part or whole, and comes back",
        "descent": "split off rules: how zones grow and come of one another",
        "releasing": "split off actions: release records",
        "proposals": "split off actions: what needs a second person",
        "lineage": "split off actions: what one person may do, as it takes no danger away",
        "history": "split off actions: what was done, by whom",
        "coverage": "split off actions: where an authority keeps the record",
        "pouring": "split off actions: a whole list of an authority, batch by batch",
    },
    "imports": {
        "reasons": "split off model: why a row waits, what was noticed",
        "records": "split off model: what is on record of imports",
        "columns": "an outside format: how the properties of records are named",
        "values": "an outside format: how sources write what they say",
        "mapping": "an outside format: which column of a source means what",
        "proposing": "writes such a mapping for a file",
        "inert": "an outside format: texts that no spreadsheet runs",
        "tables": "an outside format: plans for spreadsheets and maps",
        "describing": "split off rules: what a record says beside its outline",
        "outlining": "split off rules: the outlines of records, many at once",
        "placing": "split off rules: outlines in the wrong place",
        "surveying": "split off rules: what one record of a source says",
        "comparing": "split off rules: outlines that are the same, or moved",
        "merging": "split off rules: what a row adds to a zone",
        "planning": "split off rules: the rows of one file against each other",
        "crew": "split off actions: processes that judge rows",
        "sifting": "split off actions: a file read to its end",
        "receiving": "split off actions: imports that run later",
        "fetching": "split off actions: a layer of a FeatureServer, page by page",
        "carrying": "a door's inside: an import that runs in the worker",
        "covering": "split off actions: coverage areas from the same files",
        "deciding": "split off actions: what a second person decides",
        "looking": "split off actions: what is on record of imports",
        "exporting": "split off actions: zones in the columns of their source",
        "mappings": "split off actions: which mapping a source has",
        "words": "what operators read about a row",
    },
    "atlas": {
        "answering": "split off rules: what may be said of a place or a walk",
        "chart": "split off index: one world's zones, and what changed since they were drawn",
        "covered": "split off index: where authorities keep the record",
        "features": "an outside format: OGC API - Features, and TileJSON",
        "index": "split off actions: the public zones in a process's memory",
        "layer": "split off index: zones as plain arrays",
        "mvt": "an outside format: Mapbox Vector Tile",
        "revalidation": "an outside protocol: conditional requests of RFC 9110",
        "serving": "a door in front of the framework, for what is asked most",
        "tiles": "split off actions: what a tile shows",
        "words": "the words of answers, as declared messages",
    },
    "incidents": {
        "columns": "an outside format: how the properties of records are named",
        "showing": "split off schemas: how totals become an answer",
        "telling": "split off schemas: what became of imports and incidents",
        "waiting": "split off actions: what waits of imports, and what incidents were",
        "records": "split off model: what is kept of imports and of incidents' pasts",
        "counting": "split off rules: which counts the public may see",
        "surveying": "split off rules: what one record of a source says",
        "words": "what operators read about a row, and everybody beside a figure",
    },
    "publication": {
        "jws": "an outside format: how what is signed is written",
        "geojson": "an outside format: the bytes of a pack",
        "trust": "split off rules: whose signature a phone believes",
        "deltas": "split off rules: what changed between two packs, line by line",
        "making": "split off rules: a pack's next version with its deltas, slow and pure",
        "signing": "where private keys are used; the API cannot reach it",
        "building": "split off actions: makes and signs; the worker's, the API cannot reach it",
        "offline": "the folder of the root key, which no server sees",
        "owning": "split off building: keys of its own for a data folder",
        "shelf": "what is ready to send, in a process's memory",
        "serving": "a door in front of the framework, for bytes that are ready",
        "phone": "the phone's rules, for app developers to read",
        "holding": "the reference client's folder",
        "sources": "where the reference client fetches from",
        "syncing": "the reference client",
        "tree": "an exported copy of all that is served",
    },
    "places": {
        "sources": "one file an outside format, and what all of them read alike",
        "folding": "what spellings of a name have in common, pure",
        "reading": "what a query says: name, place, sort of unit, pure",
        "nearby": "which texts are spelt alike, pure",
        "directory": "the names of all places, folded and in order",
        "finding": "the look-up by name, pure",
        "ground": "which area a place stands for, pure",
        "units": "which units an area touches, pure",
        "merging": "split off rules: what several sources together say of a place",
        "matching": "split off rules: which place a row of another source is about",
        "naming": "which name to show to whom, pure",
        "gazetteer": "names, hierarchy and ground of all places, as one value",
        "following": "the gazetteer in a process's memory",
    },
    "residents": {
        "audience": "split off actions: whom an area means, in pages",
        "canaries": "split off actions: registrations that stand for nobody",
        "admitting": "split off actions: which address may be registered",
        "app_check": "an outside protocol: Firebase App Check, by which an app shows that it is the real one",
        "web_push": "an outside format: subscriptions of RFC 8030 and 8291",
        "leaving": "split off actions: how registrations go, with everything of them",
        "addressing": "split off schemas: addresses and numbers",
        "texts": "the words of texts that try a number, as declared messages",
        "numbers": "an outside format: numbers of phones, and how they are kept",
        "claiming": "split off actions: numbers that nobody has proved yet, and their codes",
        "owning": "split off actions: whose a number is",
        "naming": "split off actions: the number that a phone names, proves and takes back",
        "phones": "split off actions: what happens to a number by text",
        "confirming": "split off actions: numbers without a sign of life",
        "rekeying": "split off actions: sealing numbers with another key",
        "subscribing": "split off actions: the cells and places that a registration names",
    },
    "guidance": {
        "yaml": "an outside format, read strictly",
        "topics": "what a topic's file holds",
        "lists": "what the lists beside the topics hold",
        "loading": "our content, and a deployment's own laid over it",
        "wording": "split off rules: what single sentences may not say",
        "extraction": "a door: Babel calls it, to make the catalogue",
    },
    "operators": {"words": "which refusal says which reason"},
    "i18n": {
        "catalogues": "what languages there are, and their texts",
        "checking": "whether a translation may be shown",
        "extract": "finds the messages in the code",
        "filling": "puts values into holes",
        "forbidden": "what no text in any language may claim",
        "lengths": "how long an SMS is, pure",
        "loading": "reads the files of all languages",
        "opening": "loads the catalogues that the settings name",
        "po": "an outside format",
        "review": "an outside format: who has read a translation, and which",
        "upkeep": "what translators' commands do",
    },
}


def strangers(source: Source) -> list[str]:
    """Name the file if its feature has no place for it."""
    _, feature, part, *_ = [*source.path.removesuffix(".py").split("/"), "", ""]
    if feature not in BESIDE or part in USUAL | BESIDE[feature].keys():
        return []
    return [f"{source.path}: a feature holds {', '.join(sorted(USUAL))}; say here why this stands beside them"]


def test_every_file_of_a_feature_has_a_usual_name_or_a_reason() -> None:
    assert [wrong for source in sources("service") for wrong in strangers(source)] == []


def test_every_reason_is_for_a_file_that_exists() -> None:
    there = {tuple(source.path.removesuffix(".py").split("/")[1:3]) for source in sources("service")}
    assert {(feature, name) for feature, names in BESIDE.items() for name in names} - there == set()


@pytest.mark.parametrize("path", ["service/zones/thing.py", "service/residents/channels/sms.py"])
def test_a_stranger_is_found(path: str) -> None:
    assert strangers(Source(path, "")) != []
