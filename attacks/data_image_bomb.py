"""An image of a few bytes says that it has four billion pixels, or is a program of PostScript."""

import struct
import zlib

from frame import refusal, run

from delea.errors import MalformedError
from delea.importers.data.images import read_images


def png(width: int, height: int, body: int = 1 << 20) -> bytes:
    """Return a PNG of so many pixels, all black, with so many bytes in a thousandth of them."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(bytes(body))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in parts)


TRICKS = {
    "2^32 pixels": png(1 << 16, 1 << 16),
    "2^62 pixels": png((1 << 31) - 1, (1 << 31) - 1),
    "25 million pixels": png(5000, 5000, 5000 * 5001),
    "more pixels than it has": png(4000, 4000),
    "a program": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
    "a text": b"hello",
}


def attack() -> str:
    """Try, and say why it failed."""
    told = [
        refusal(lambda data=data: read_images([("cat", "cat/1.png", data)]), MalformedError)
        for data in TRICKS.values()
    ]
    return f"PNG and JPEG alone, of 2^24 pixels at most, which the header is asked for; {told[2]}"


if __name__ == "__main__":
    run(attack)
