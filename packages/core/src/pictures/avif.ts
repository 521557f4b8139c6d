import type { Orientation } from '../images/orientation.js';
import type { PictureHeader } from './header.js';
import type { Reader } from './reader.js';

interface Box {
  readonly type: string;
  /** Where the content starts, and where it ends. */
  readonly at: number;
  readonly end: number;
}

/** The ISO media boxes between two offsets. */
function* boxes(file: Reader, from: number, to: number): Generator<Box> {
  for (let at = from; at + 8 <= to; ) {
    const size = file.u32(at);
    const large = size === 1;
    const end = size === 0 ? to : at + (large ? file.u32(at + 8) * 2 ** 32 + file.u32(at + 12) : size);
    if (end <= at || end > to) throw new RangeError(`A box of ${end - at} bytes where ${to - at} are left.`);
    yield { type: file.text(at + 4, 4), at: at + (large ? 16 : 8), end };
    at = end;
  }
}

function find(file: Reader, from: number, to: number, type: string): Box {
  for (const box of boxes(file, from, to)) if (box.type === type) return box;
  throw new RangeError(`No box '${type}'.`);
}

/**
 * Size and turn of the primary item. In AVIF the properties `irot` and `imir` turn the picture, and EXIF's remark about
 * it is void (ISO/IEC 23000-22); the decoder gives the picture as it is stored.
 */
export function readAvif(file: Reader): PictureHeader {
  const full = 4; // version and flags of a full box
  const meta = find(file, 0, file.length, 'meta');
  const pitm = find(file, meta.at + full, meta.end, 'pitm');
  const primary = file.u8(pitm.at) === 0 ? file.u16(pitm.at + full) : file.u32(pitm.at + full);
  const iprp = find(file, meta.at + full, meta.end, 'iprp');
  const ipco = find(file, iprp.at, iprp.end, 'ipco');
  const properties = [...boxes(file, ipco.at, ipco.end)];
  const own = associations(file, find(file, iprp.at, iprp.end, 'ipma'), primary).map((index) => properties[index - 1]);
  const property = (type: string): Box | undefined => own.find((box) => box?.type === type);

  const size = property('ispe');
  const turn = property('irot');
  const mirror = property('imir');
  return {
    width: size ? file.u32(size.at + full) : 0,
    height: size ? file.u32(size.at + full + 4) : 0,
    orientation: orientationOf(turn ? file.u8(turn.at) & 3 : 0, mirror && ((file.u8(mirror.at) & 1) as 0 | 1)),
  };
}

/** The indices, from 1, of the properties that belong to an item. */
function associations(file: Reader, ipma: Box, item: number): number[] {
  const wideItems = file.u8(ipma.at) >= 1;
  const wideIndices = (file.u8(ipma.at + 3) & 1) === 1;
  const entries = file.u32(ipma.at + 4);
  let at = ipma.at + 8;
  for (let i = 0; i < entries; i++) {
    const id = wideItems ? file.u32(at) : file.u16(at);
    at += wideItems ? 4 : 2;
    const count = file.u8(at++);
    // The top bit says only whether a reader must understand the property.
    const indices = Array.from({ length: count }, (_, k) =>
      wideIndices ? file.u16(at + 2 * k) & 0x7fff : file.u8(at + k) & 0x7f,
    );
    if (id === item) return indices;
    at += count * (wideIndices ? 2 : 1);
  }
  return [];
}

/**
 * A turn by `quarters` counter-clockwise, then a mirror (axis 0: top and bottom change places, 1: left and right), as the
 * one EXIF orientation that does the same.
 */
function orientationOf(quarters: number, axis: 0 | 1 | undefined): Orientation {
  const plain: readonly Orientation[] = [1, 8, 3, 6];
  const topBottom: readonly Orientation[] = [4, 5, 2, 7];
  const leftRight: readonly Orientation[] = [2, 7, 4, 5];
  const table = axis === undefined ? plain : axis === 0 ? topBottom : leftRight;
  return table[quarters]!;
}
