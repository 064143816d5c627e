"""What no text of guidance may say: each forbidden thing is found, and its denial or a plain word is not."""

import pytest

from service.guidance.model import Audience, Text
from service.guidance.wording import forbidden_in, sentences, unfit_for

SMALL = frozenset({Audience.CHILDREN_5_7})
CHILD = frozenset({Audience.CHILDREN_8_11})
YOUTH = frozenset({Audience.YOUTH_12_14, Audience.ADULTS})
ADULTS = frozenset({Audience.ADULTS})
EVERYBODY = frozenset({Audience.EVERYBODY})


@pytest.mark.parametrize(
    ("number", "text", "reason"),
    [
        (1, "The road is open again.", "no danger"),
        (1, "The deminers have finished.", "no danger"),
        (1, "✓ Checked.", "tick"),
        (1, "Follow the green road.", "green"),
        (1, "This way → home.", "arrow"),
        (2, "It has a sensitive fuze.", "device"),
        (2, "Look at the trigger.", "device"),
        (2, "A PMN-2 is round.", "device"),
        (2, "It weighs two kilograms.", "device"),
        (2, "You can tell live from dead.", "device"),
        (3, "There is a reward for each find.", "rewards"),
        (3, "Hire private deminers.", "private"),
        (3, "Move it to the side of the road.", "specialists"),
        (3, "Put on gloves and carry it away.", "specialists"),
        (3, "Pick up the pieces.", "specialists"),
        (3, "You can burn it with straw.", "specialists"),
        (3, "Probe the ground with a stick.", "specialists"),
        (3, "Then hand it in at the police station.", "specialists"),
        (4, "Go closer to be sure.", "near"),
        (4, "Photograph it for the police.", "near"),
        (4, "Take a photo.", "near"),
        (4, "Mark the place.", "near"),
        (4, "Stay and guard it.", "near"),
        (4, "Go back to the place with the police.", "near"),
        (6, "Who can find the mines first?", "game"),
        (6, "A treasure lies in the field.", "game"),
        (7, "There was blood on the road.", "frightens"),
        (7, "You will lose a leg.", "frightens"),
        (7, "It will happen to you.", "frightens"),
        (7, "He lost his hand.", "frightens"),
        (9, "Only careless people do that.", "blames"),
        (9, "It is your own fault.", "blames"),
        (9, "The enemy left it.", "party"),
        (9, "A soldier in uniform stood there.", "party"),
        (10, "It lies at 48.51234, 35.1.", "position"),
        (10, "Call 0800123456.", "number"),
        (10, "Stay 100 metres away.", "number"),
        (11, "That was a false alarm.", "calls a warning off"),
        (11, "The warning is cancelled.", "calls a warning off"),
        (12, "It depends.", "open"),
    ],
)
def test_what_is_forbidden_everywhere_is_found(number: int, text: str, reason: str) -> None:
    assert any(reason in fault.reason and fault.remedy for fault in forbidden_in(text)), number


@pytest.mark.parametrize(
    "text",
    [
        "Nobody can say that the road is open again.",
        "Never move it, carry it or burn it.",
        "Do not go closer, and do not photograph it.",
        "Do not pick it up for anyone.",
        "Nobody may mark the place, guard it or go back to it.",
        "The wind can move them.",
        "Call {number} once you are away from it.",
        "Stay at least {distance} away.",
        "Somebody was hurt, and the doctors are helping.",
        "Brief every driver on the three drills.",
        "You can stop at once.",
    ],
)
def test_a_denial_or_a_plain_word_is_let_through(text: str) -> None:
    assert [fault.reason for fault in forbidden_in(text)] == []


def test_a_denial_in_another_sentence_denies_nothing() -> None:
    assert list(forbidden_in("Do not run. Move it to the side."))


def reasons(readers: frozenset[Audience], words: str) -> list[str]:
    return [fault.reason for fault in unfit_for(readers, Text("a", words))]


@pytest.mark.parametrize(
    ("readers", "words", "reason"),
    [
        (SMALL, "It can explode.", "smallest"),
        (SMALL, "It can hurt you.", "smallest"),
        (SMALL, "Go far, ten steps away.", "smallest"),
        (SMALL, "Call {number}, and tell a grown-up.", "small child"),
        (SMALL, "I stop when I see a thing that I do not know at all.", "words a sentence"),
        (EVERYBODY, "It can explode.", "smallest"),
        (CHILD, "Call {number}.", "alone"),
        (CHILD, "Show the police the place.", "lead"),
        (CHILD, "Look for more of them.", "search"),
        (CHILD, "Press on the bleeding.", "bleeding"),
        (CHILD, "Stay {distance} away.", "distance"),
        (CHILD, "Stop at once when you see a thing on the path that does not belong to you.", "words a sentence"),
        (YOUTH, "Stay {distance} away.", "distance"),
        (YOUTH, "one two three four five six seven eight nine ten eleven twelve thirteen a b c.", "words a sentence"),
    ],
)
def test_r14_each_age_is_spared_what_is_not_for_it(readers: frozenset[Audience], words: str, reason: str) -> None:
    assert any(reason in each for each in reasons(readers, words))


@pytest.mark.parametrize(
    ("readers", "words"),
    [
        (SMALL, "Not mine, I leave it. I go back and tell."),
        (SMALL, "Only if you are alone, call {number}."),
        (CHILD, "Tell a grown-up, who calls {number}."),
        (CHILD, "Do not show the police the place."),
        (CHILD, "It can explode. Stop and shout for help."),
        (YOUTH, "Press on the bleeding."),
        (ADULTS, "Stay {distance} away."),
        (ADULTS, "one two three four five six seven eight nine ten eleven twelve thirteen a b c."),
    ],
)
def test_each_age_is_told_what_is_for_it(readers: frozenset[Audience], words: str) -> None:
    assert reasons(readers, words) == []


def test_sentences_end_at_full_stops_questions_and_colons() -> None:
    assert sentences("Stop! Do you see it? Say: “I am here.” Then wait.") == [
        "Stop!",
        "Do you see it?",
        "Say:",
        "“I am here.",
        "Then wait.",
    ]
