"""What changed between two texts, word by word: for people, in bounded time and memory whatever the texts are.

Paragraphs that stayed are found first, then the words inside what is between them, both by Myers' greedy
algorithm ("An O(ND) Difference Algorithm and Its Variations", 1986), which is quick where little changed and
stops here where that takes too many steps.
"""

import re
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

MAX_LETTERS = 200_000
"""How much of a text is compared: some 40,000 words, four times the longest article that is likely."""

MAX_PARAGRAPHS = 3_000
"""How many paragraphs of a text are compared."""

MAX_STEPS = 3_000_000
"""How many steps one comparison may take, about a second; what is left then is shown as replaced."""

_CONTEXT = 12  # words that stay in sight on each side of a change
_FOLDED = 60  # unchanged words of one paragraph that are worth folding
_BREAK = "\n\n"
_TOKEN = re.compile(r"[\w\u0300-\u036f]+|\s+|[^\w\s]")  # letters with combining accents stay together

Kind = Literal["same", "deleted", "inserted", "folded"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """Words that share one fate; a folded piece stayed the same and need not be read."""

    kind: Kind
    text: str

    @property
    def words(self) -> int:
        """How many words it has."""
        return len(self.text.split())


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Two texts as one: paragraphs of pieces, in order."""

    paragraphs: tuple[tuple[Piece, ...], ...]
    is_rough: (
        bool  # too much changed for MAX_STEPS: some of it is shown as replaced though words of it stayed
    )
    is_cut: bool  # only the first MAX_LETTERS or MAX_PARAGRAPHS were compared

    @property
    def is_changed(self) -> bool:
        """Whether anything differs in what was compared."""
        return any(piece.kind in {"deleted", "inserted"} for line in self.paragraphs for piece in line)


def compare(before: str | None, after: str | None) -> Difference:
    """What became of a text; None is an absent one.

    >>> [(piece.kind, piece.text) for piece in compare("Đã họp tại xã.", "Đã họp ở xã.").paragraphs[0]]
    [('same', 'Đã họp '), ('deleted', 'tại'), ('inserted', 'ở'), ('same', ' xã.')]
    """
    old, new = before or "", after or ""
    is_cut = any(len(text) > MAX_LETTERS or text.count(_BREAK) >= MAX_PARAGRAPHS for text in (old, new))
    budget = _Budget(left=MAX_STEPS)
    tokens: list[tuple[Kind, str]] = []
    for same, deleted, inserted in _changes(_paragraphs(old), _paragraphs(new), budget):
        tokens += [("same", token) for token in _tokens(same)]
        for gone, came in _pairs(deleted, inserted):
            for change in _absorbed(list(_changes(_tokens(gone), _tokens(came), budget))):
                for kind, part in zip(_KINDS, change, strict=True):
                    tokens += [(kind, token) for token in part]
    lines = [_pieces(line) for line in _lines(tokens)]
    return Difference(paragraphs=tuple(_folded(lines)), is_rough=budget.is_exceeded, is_cut=is_cut)


_KINDS: tuple[Kind, Kind, Kind] = ("same", "deleted", "inserted")

_Change = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""What stayed, then what was deleted and inserted after it."""


@dataclass(kw_only=True)
class _Budget:
    """Steps that may still be taken; no part of a text may take more than half of them."""

    left: int
    is_exceeded: bool = False


def _paragraphs(text: str) -> list[str]:
    paragraphs = text[:MAX_LETTERS].split(_BREAK)[:MAX_PARAGRAPHS]
    return [paragraph for paragraph in paragraphs if paragraph.strip()]


def _pairs(deleted: Sequence[str], inserted: Sequence[str]) -> Iterable[tuple[Sequence[str], Sequence[str]]]:
    """Paragraphs to compare with one another: each with its own where there are as many, else all with all."""
    if len(deleted) == len(inserted):
        return (([old], [new]) for old, new in zip(deleted, inserted, strict=True))
    return [(deleted, inserted)]


def _tokens(paragraphs: Sequence[str]) -> list[str]:
    """Words, spaces and signs, with a break after each paragraph."""
    return [token for paragraph in paragraphs for token in (*_TOKEN.findall(paragraph), _BREAK)]


def _changes(old: Sequence[str], new: Sequence[str], budget: _Budget) -> Iterator[_Change]:
    numbers: dict[str, int] = {}
    a, b = ([numbers.setdefault(text, len(numbers)) for text in texts] for texts in (old, new))
    start = 0
    while start < min(len(a), len(b)) and a[start] == b[start]:
        start += 1
    end = 0
    while end < min(len(a), len(b)) - start and a[-1 - end] == b[-1 - end]:
        end += 1
    middle = _matches(a[start : len(a) - end], b[start : len(b) - end], budget)
    ends = [*((start + x, start + y, n) for x, y, n in middle), (len(a) - end, len(b) - end, end)]
    same: Sequence[str] = old[:start]
    i = j = start
    for x, y, length in ends:
        if x > i or y > j or same:
            yield same, old[i:x], new[j:y]
        same, i, j = old[x : x + length], x + length, y + length
    if same:
        yield same, (), ()


def _matches(a: list[int], b: list[int], budget: _Budget) -> list[tuple[int, int, int]]:
    """The runs that both have, as (place in a, place in b, length); none when that takes too many steps."""
    if not a or not b or not set(a) & set(b):
        return []
    best = array("l", [0]) * (
        2 * (len(a) + len(b)) + 3
    )  # by diagonal; negative indexes reach the negative ones
    rounds: list[array[int]] = []
    allowed = budget.left // 2
    steps = 0
    for edits in range(len(a) + len(b) + 1):
        rounds.append(array("l"))
        for diagonal in range(-edits, edits + 1, 2):
            down = diagonal == -edits or (diagonal != edits and best[diagonal - 1] < best[diagonal + 1])
            x = best[diagonal + 1] if down else best[diagonal - 1] + 1
            run = _run(a, b, x, x - diagonal)
            x += run
            steps += 1 + run
            best[diagonal] = x
            rounds[-1].append(x)
            if x >= len(a) and x - diagonal >= len(b):
                budget.left -= steps
                return _walked_back(rounds, len(a), len(b))
        if steps > allowed:
            break
    budget.left -= steps
    budget.is_exceeded = True
    return []


def _run(a: list[int], b: list[int], x: int, y: int) -> int:
    """How long both are the same from there on."""
    first = x
    while x < len(a) and y < len(b) and a[x] == b[y]:
        x += 1
        y += 1
    return x - first


def _walked_back(rounds: list["array[int]"], x: int, y: int) -> list[tuple[int, int, int]]:
    """The runs on the way that the rounds found."""
    found = []
    for edits in range(len(rounds) - 1, 0, -1):
        before = rounds[edits - 1]
        diagonal = x - y
        place = (diagonal + edits) // 2  # of this diagonal in its round
        down = place == 0 or (place != edits and before[place - 1] < before[place])
        left = before[place] if down else before[place - 1]
        top = left - (diagonal + 1 if down else diagonal - 1)
        start = left if down else left + 1
        if x > start:
            found.append((start, start - diagonal, x - start))
        x, y = left, top
    if x:
        found.append((0, 0, x))
    return found[::-1]


def _absorbed(changes: list[_Change]) -> list[_Change]:
    """The changes without the crumbs that stayed between two of them, which nobody can read."""
    kept: list[_Change] = []
    for same, deleted, inserted in changes:
        if kept and (deleted or inserted) and _is_crumb(same, kept[-1], (same, deleted, inserted)):
            before, old, new = kept[-1]
            kept[-1] = before, [*old, *same, *deleted], [*new, *same, *inserted]
        else:
            kept.append((same, deleted, inserted))
    return kept


def _is_crumb(same: Sequence[str], left: _Change, right: _Change) -> bool:
    if len(same) > _CONTEXT or _BREAK in same:
        return False
    sizes = [max(_words(deleted), _words(inserted)) for _, deleted, inserted in (left, right)]
    return _words(same) * 2 <= min(sizes)


def _words(tokens: Sequence[str]) -> int:
    return sum(token[0].isalnum() for token in tokens)


def _lines(tokens: list[tuple[Kind, str]]) -> Iterator[list[tuple[Kind, str]]]:
    line: list[tuple[Kind, str]] = []
    for kind, token in tokens:
        if token != _BREAK:
            line.append((kind, token))
            continue
        if kind != "same" and any(other == "same" for other, _ in line):
            line.append((kind, "¶"))  # a paragraph was divided here, or joined to the next
        if line:
            yield line
        line = []
    if line:
        yield line


def _pieces(line: list[tuple[Kind, str]]) -> tuple[Piece, ...]:
    return tuple(
        Piece(kind=kind, text="".join(token for _, token in tokens))
        for kind, tokens in groupby(line, key=lambda item: item[0])
    )


def _folded(lines: list[tuple[Piece, ...]]) -> Iterator[tuple[Piece, ...]]:
    """Lines, with unchanged ones folded where no changed one is beside them, and long unchanged stretches too."""
    changed = [len(line) > 1 or line[0].kind != "same" for line in lines]
    near = [any(changed[max(0, place - 1) : place + 2]) for place in range(len(lines))]
    for is_near, group in groupby(range(len(lines)), key=near.__getitem__):
        places = list(group)
        if is_near:
            yield from (_shortened(lines[place]) for place in places)
        else:
            yield (Piece(kind="folded", text=_BREAK.join(lines[place][0].text for place in places)),)


def _shortened(line: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return tuple(
        part for place, piece in enumerate(line) for part in _parts(piece, place > 0, place < len(line) - 1)
    )


def _parts(piece: Piece, keeps_head: bool, keeps_tail: bool) -> tuple[Piece, ...]:
    words = re.findall(r"\S+\s*|\s+", piece.text)
    if piece.kind != "same" or len(words) <= _FOLDED or not (keeps_head or keeps_tail):
        return (piece,)
    first = _CONTEXT if keeps_head else 0
    last = len(words) - (_CONTEXT if keeps_tail else 0)
    parts: list[tuple[Kind, list[str]]] = [
        ("same", words[:first]),
        ("folded", words[first:last]),
        ("same", words[last:]),
    ]
    return tuple(Piece(kind=kind, text="".join(part)) for kind, part in parts if part)
