// Protobuf's wire format, as far as an ONNX file is taken apart and put together without decoding its weights.
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** One field of a message. */
export interface Field {
  readonly number: number;
  /** The bytes of a length-delimited field (text, bytes, a message, packed numbers); undefined for a number. */
  readonly content: Uint8Array | undefined;
  /** The field as it was written, its tag included. */
  readonly whole: Uint8Array;
}

/** The fields of a message in their order, as views of its bytes. */
export function* fieldsOf(bytes: Uint8Array): Generator<Field> {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [number, wireType] = reader.tag();
    const content = wireType === WireType.LengthDelimited ? reader.bytes() : undefined;
    if (!content) reader.skip(wireType, number);
    yield { number, content, whole: bytes.subarray(start, reader.pos) };
  }
}

/** The tag and length of a length-delimited field, which its content follows. */
export function fieldHead(number: number, length: number): Uint8Array {
  return new BinaryWriter().tag(number, WireType.LengthDelimited).uint32(length).finish();
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0]!;
  const whole = new Uint8Array(totalLength(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export function totalLength(parts: readonly Uint8Array[]): number {
  return parts.reduce((total, part) => total + part.length, 0);
}
