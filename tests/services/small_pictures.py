"""Makes a picture of a page small: a PNG with a palette, which an interface needs no more than."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode

from playwright.sync_api import Page

COLOURS = 96

#: Returns width, height, colours and an index for each dot. Colours that differ by little are one:
#: the one of them that is seen most. A strong one tells more than a grey one. Those that
#: are left out become the nearest of those that are kept.
_REDUCE = """async ([address, most]) => {
    const bitmap = await createImageBitmap(await (await fetch(address)).blob());
    const {width, height} = bitmap;
    const canvas = new OffscreenCanvas(width, height).getContext("2d");
    canvas.drawImage(bitmap, 0, 0);
    const dots = new Uint32Array(canvas.getImageData(0, 0, width, height).data.buffer);
    const parts = dot => [dot & 255, dot >> 8 & 255, dot >> 16 & 255];
    const counts = new Map();
    for (const dot of dots) counts.set(dot, (counts.get(dot) || 0) + 1);
    const groups = new Map();
    for (const [dot, count] of counts) {
        const name = parts(dot).map(part => part >> 3).join();
        const group = groups.get(name) || {dot, best: 0, all: 0};
        if (count > group.best) Object.assign(group, {dot, best: count});
        group.all += count;
        groups.set(name, group);
    }
    const tells = group => {
        const own = parts(group.dot);
        return group.all * (1 + (Math.max(...own) - Math.min(...own)) / 8);
    };
    const kept = [...groups.values()].sort((a, b) => tells(b) - tells(a)).slice(0, most);
    const palette = kept.map(group => parts(group.dot));
    const nearest = new Map();
    for (const dot of counts.keys()) {
        const own = parts(dot);
        const to = each => each.reduce((sum, part, i) => sum + (part - own[i]) ** 2, 0);
        const far = palette.map(to);
        nearest.set(dot, far.indexOf(Math.min(...far)));
    }
    let indices = "";
    for (const dot of dots) indices += String.fromCharCode(nearest.get(dot));
    return [width, height, palette, btoa(indices)];
}"""


def reduced(blank: Page, picture: bytes) -> bytes:
    """Return a PNG in few colours.

    Args:
        blank: a page without a policy of its own, in which the browser reads the picture.
        picture: a PNG as the browser took it.
    """
    address = f"data:image/png;base64,{b64encode(picture).decode()}"
    width, height, palette, encoded = blank.evaluate(_REDUCE, [address, COLOURS])
    indices = b64decode(encoded)
    rows = b"".join(b"\0" + indices[at : at + width] for at in range(0, width * height, width))
    # PNG, third edition, 11.2: eight bits a dot, type 3 (a palette).
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 3, 0, 0, 0))
        + _chunk(b"PLTE", bytes(part for colour in palette for part in colour))
        + _chunk(b"IDAT", zlib.compress(rows, 9))
        + _chunk(b"IEND", b"")
    )


def size_of(picture: bytes) -> tuple[int, int]:
    """Return width and height of a PNG."""
    width, height = struct.unpack(">2I", picture[16:24])
    return width, height


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
