/**
 * A view of a file's bytes that is read at absolute offsets. Reading past the end throws a RangeError, which the caller of
 * the header readers turns into "truncated".
 */
export class Reader {
  readonly #view: DataView;
  readonly length: number;

  constructor(readonly bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.length = bytes.byteLength;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number, littleEndian = false): number {
    return this.#view.getUint16(at, littleEndian);
  }

  u32(at: number, littleEndian = false): number {
    return this.#view.getUint32(at, littleEndian);
  }

  i32(at: number, littleEndian = false): number {
    return this.#view.getInt32(at, littleEndian);
  }

  /** `length` bytes as Latin-1 text, fewer where the file ends. */
  text(at: number, length: number): string {
    return String.fromCharCode(...this.bytes.subarray(at, at + length));
  }

  slice(at: number, length: number): Reader {
    if (at + length > this.length) throw new RangeError(`Bytes ${at} to ${at + length} of ${this.length}.`);
    return new Reader(this.bytes.subarray(at, at + length));
  }
}
