"""The word diff: both texts are in it whole, and no text takes it long."""

import random

import pytest

from crawler import worddiff
from crawler.worddiff import Difference, compare

SIGNS = {"same": "{}", "deleted": "[-{}-]", "inserted": "[+{}+]", "folded": "<{}>"}


def drawn(difference: Difference) -> list[str]:
    return ["".join(SIGNS[piece.kind].format(piece.text) for piece in line) for line in difference.paragraphs]


def words(difference: Difference, side: str) -> list[str]:
    """The words of one of the two texts, as the difference has them."""
    sides = ("same", "folded", side)
    return [
        word
        for line in difference.paragraphs
        for word in "".join(piece.text for piece in line if piece.kind in sides).replace("¶", " ").split()
    ]


def text(chance: random.Random) -> str:
    return "\n\n".join(
        " ".join(chance.choice("abcd") for _ in range(chance.randint(1, 6)))
        for _ in range(chance.randint(0, 5))
    )


def test_both_texts_are_in_it_whole() -> None:
    chance = random.Random(4)
    for _ in range(1000):
        before, after = text(chance), text(chance)
        difference = compare(before, after)
        assert words(difference, "deleted") == before.split()
        assert words(difference, "inserted") == after.split()
        assert difference.is_changed == (before != after)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (None, "Mới", ["[+Mới+]"]),
        ("cộng hòa", "cộng hoà", ["cộng [-hòa-][+hoà+]"]),
        ("đươ\u0323c", "đươc", ["[-đươ\u0323c-][+đươc+]"]),
        ("Tốt. Xong.", "Tốt.\n\nXong.", ["Tốt.[- -][+¶+]", "Xong."]),
        ("Tốt.\n\nXong.", "Tốt.", ["Tốt.", "[-Xong.-]"]),
        ("Xã A\t9\nXã B\t7", "Xã A\t9\nXã B\t8", ["Xã A\t9\nXã B\t[-7-][+8+]"]),
        ("ông A nói là có", "bà B bảo là không", ["[-ông A nói-][+bà B bảo+] là [-có-][+không+]"]),
        ("một hai ba bốn", "năm sáu ba bảy tám", ["[-một hai ba bốn-][+năm sáu ba bảy tám+]"]),
    ],
    ids=range(8),
)
def test_what_changed_is_drawn_as_people_read_it(before: str | None, after: str, expected: list[str]) -> None:
    assert drawn(compare(before, after)) == expected


def test_long_unchanged_stretches_are_folded() -> None:
    many = " ".join(f"chữ{number}" for number in range(200))
    (first, *_, last) = drawn(compare(f"{many}\n\nA\n\nB\n\nC {many}", f"{many}\n\nA\n\nB\n\nD {many}"))
    assert first == f"<{many}\n\nA>"
    assert last.startswith("[-C-][+D+] chữ0 ")
    assert last.endswith("chữ199>")


def test_ten_thousand_words_are_compared_whole() -> None:
    text = [f"chữ{number % 997}" for number in range(10_000)]
    edited = [f"{word}x" if place % 50 == 0 else word for place, word in enumerate(text)]
    difference = compare(" ".join(text), " ".join(edited))
    assert (difference.is_rough, difference.is_cut) == (False, False)
    assert [piece.kind for line in difference.paragraphs for piece in line].count("inserted") == 200


HOSTILE = {
    "20 MB of one word": ("a" * 20_000_000, "b" * 20_000_000),
    "20 MB of short words": ("a b " * 5_000_000, "b a " * 5_000_000),
    "nothing but paragraphs": ("a\n\nb\n\n" * 5_000, "b\n\nc\n\na\n\n" * 3_000),
    "another text of the same words": ("một hai ba " * 9000, "ba một hai một " * 8000),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_steps_are_bounded_whatever_the_texts_are(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before, after = HOSTILE[case]
    monkeypatch.setattr(worddiff, "MAX_STEPS", 60_000)
    runs = 0
    run = worddiff._run

    def counted(a: list[int], b: list[int], x: int, y: int) -> int:
        nonlocal runs
        runs += 1
        return run(a, b, x, y)

    monkeypatch.setattr(worddiff, "_run", counted)
    difference = compare(before, after)
    assert difference.is_changed
    assert difference.is_cut == (case != "another text of the same words")
    assert len(difference.paragraphs) <= 2 * worddiff.MAX_PARAGRAPHS
    assert runs <= 60_000
