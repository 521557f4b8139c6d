"""Reads Qt's binary resource container (.rcc, magic "qres"): a tree of names over zlib, zstd or raw data."""

import struct
import zlib
from collections.abc import Iterator

_COMPRESSED_ZLIB, _DIRECTORY, _COMPRESSED_ZSTD = 1, 2, 4


def files(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields (path, content) for every file in the container."""
    if data[:4] != b"qres":
        raise ValueError(f"not a Qt resource file: it begins with {data[:4]!r}, not b'qres'")
    version, tree, contents, names = struct.unpack_from(">4I", data, 4)
    entry_size = 22 if version >= 2 else 14

    def walk(index: int, parent: str) -> Iterator[tuple[str, bytes]]:
        at = tree + index * entry_size
        name_offset, flags = struct.unpack_from(">IH", data, at)
        path = parent
        if index:
            length = struct.unpack_from(">H", data, names + name_offset)[0]
            start = names + name_offset + 6
            path = f"{parent}/{data[start : start + 2 * length].decode('utf-16-be')}".lstrip("/")
        if flags & _DIRECTORY:
            count, first = struct.unpack_from(">2I", data, at + 6)
            for child in range(first, first + count):
                yield from walk(child, path)
            return
        start = contents + struct.unpack_from(">I", data, at + 10)[0]
        size = struct.unpack_from(">I", data, start)[0]
        yield path, _expand(data[start + 4 : start + 4 + size], flags, path)

    yield from walk(0, "")


def _expand(content: bytes, flags: int, path: str) -> bytes:
    if flags & _COMPRESSED_ZLIB:
        return zlib.decompress(content[4:])  # the first four bytes are the expanded size
    if flags & _COMPRESSED_ZSTD:
        raise ValueError(f"{path} is compressed with zstd, which this reader does not expand")
    return content
