"""Where a line of a delimited file ends, though there may be line breaks and stray quotes in its values.

A run of an odd number of quotes at a value's border opens or closes it: at its beginning it opens, at its end it closes,
and between two borders (`,",`) it does whichever is due. Any other quote (`5" tv`) is part of the value that it is in.
"""

from typing import Final

MAX_RECORD_LINES: Final = 200
"""Lines after which an open quote is taken for a stray one."""
LINE_ENDS: Final = b"\r\n"
QUOTE: Final = b'"'


def last_line_end(data: bytes, delimiter: bytes) -> int:
    """The end of the last line whose end is inside no open quote; 0: there is none.

    Args:
        data: Lines, from the beginning of a row on.
        delimiter: What divides the values; empty: no quote counts.
    """
    last = data.rfind(b"\n") + 1
    if not delimiter:
        return last
    floor = _lines_back(data, last, MAX_RECORD_LINES)
    end = last
    while end > floor:
        opened = _open_quote(data, floor, end, delimiter)
        if opened < 0:
            return end
        end = data.rfind(b"\n", 0, opened) + 1
    return last if floor else 0


def _lines_back(data: bytes, end: int, lines: int) -> int:
    """Where the line begins that is `lines` lines before the end; 0 where there are fewer."""
    for _ in range(lines):
        if end <= 0:
            return 0
        end = data.rfind(b"\n", 0, end - 1) + 1
    return end


def _open_quote(data: bytes, floor: int, end: int, delimiter: bytes) -> int:
    """The place of the quote that is open at a line's end, looked for from the floor on; -1: none is."""
    borders, turns, last_turn, before = delimiter + LINE_ENDS, 0, -1, end
    while (place := data.rfind(QUOTE, floor, before)) >= 0:
        before = _run(data, floor, place)
        if (place - before) % 2:
            continue
        opens, closes = not before or data[before - 1] in borders, data[place + 1] in borders
        if opens and closes:
            turns, last_turn = turns + 1, max(last_turn, before)
        elif opens or closes:
            is_open = opens != bool(turns % 2)
            return max(last_turn, before) if is_open else -1
    return last_turn if turns % 2 else -1


def _run(data: bytes, floor: int, place: int) -> int:
    """Where the run of quotes that ends at this place begins."""
    while place > floor and data[place - 1] == QUOTE[0]:
        place -= 1
    return place
