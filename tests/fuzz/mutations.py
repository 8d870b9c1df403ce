"""What happens to valid bytes: a few are overwritten, doubled, lost, or the end is missing."""

from collections.abc import Sequence

from hypothesis import strategies as st

#: Numbers that headers are wrong about.
EXTREME = [b"\x00" * 4, b"\xff" * 4, b"\xff\xff\xff\x7f", b"\x00\x00\x00\x80", b"\x01\x00\x00\x00", b"\x00" * 8]

#: Bytes that mean something in a text file.
TEXT = [
    *(b"\x00", b"\n", b"\r\n", b"\r", b'"', b'""', b",", b";", b"\t", b"\xef\xbb\xbf", b"\xff\xfe", b"\xe9", b"\x85"),
    *(b"[", b"]", b"{", b"}", b"NaN", b"1e999", b"-1", b"99999999999", b"..", b"/", b"a" * 300, b"\xe2\x80\xa8", b" "),
]


@st.composite
def edited(draw: st.DrawFn, seeds: Sequence[bytes], pieces: Sequence[bytes] = EXTREME, header: int = 128) -> bytes:
    """One of the seeds after up to eight edits, most of them in the first `header` bytes."""
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(0, 8))):
        end = len(content) if draw(st.integers(0, 3)) == 0 else min(header, len(content))
        place = draw(st.integers(0, max(end, 0)))
        kind = draw(st.sampled_from(["byte", "piece", "insert", "delete", "double", "cut", "random"]))
        if kind == "byte" and place < len(content):
            content[place] = draw(st.integers(0, 255))
        elif kind == "piece":
            piece = draw(st.sampled_from(pieces))
            content[place : place + len(piece)] = piece
        elif kind == "insert":
            content[place:place] = draw(st.sampled_from(pieces))
        elif kind == "random":
            content[place:place] = draw(st.binary(max_size=8))
        else:
            length = draw(st.integers(1, 64))
            if kind == "delete":
                del content[place : place + length]
            elif kind == "double":
                content[place:place] = content[place : place + length]
            else:
                del content[place:]
    return bytes(content)
