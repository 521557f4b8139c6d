// Protobuf messages by small tables: objects of the shape that @bufbuild/protobuf gives them (proto2: absent scalars read as their defaults and are not
// written; fields that the table lacks are kept as they are).
import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const { Varint, Bit32, Bit64, LengthDelimited } = WireType;

const scalars = {
  bytes: { wire: LengthDelimited, blank: new Uint8Array(0) as unknown },
  double: { wire: Bit64, blank: 0 },
  enum: { wire: Varint, blank: 0 },
  float: { wire: Bit32, blank: 0 },
  int32: { wire: Varint, blank: 0 },
  int64: { wire: Varint, blank: 0n },
  string: { wire: LengthDelimited, blank: '' },
  uint64: { wire: Varint, blank: 0n },
} as const;
type Scalar = keyof typeof scalars;

interface Field {
  readonly name: string;
  readonly number: number;
  /** Of a message, its name. */
  readonly type: Scalar | (string & {});
  readonly scalar: (typeof scalars)[Scalar] | undefined;
  readonly isList: boolean;
  readonly isPacked: boolean;
  /** The property that holds whichever of several fields is set. */
  readonly oneof: string | undefined;
}

/** A kind of message; `D` names its type. */
export interface Schema<D extends DescMessage> {
  readonly fields: readonly Field[];
  /** Of the messages: their name and the defaults of their scalars. */
  readonly prototype: object;
  /** The schema of a field's messages. */
  readonly of: (field: Field) => AnySchema;
  /** Never there: it ties the type. */
  readonly descriptor?: D;
}
type AnySchema = Schema<DescMessage>;

/** Graphs in graphs: as deep as protobuf's own libraries go. */
const DEEPEST = 100;

interface Unknown {
  readonly no: number;
  readonly wireType: WireType;
  readonly data: Uint8Array;
}
type AnyMessage = Record<string, unknown> & { $unknown?: Unknown[] };
type Oneof = { case: string | undefined; value?: unknown };

/** Kinds of messages from lines of `field=number:type`; `[]` for a list, `[packed]` for one that is written so, `oneof.field` for one of several. */
export function messages(lines: Readonly<Record<string, string>>) {
  const known = new Map<string, AnySchema>();
  const of = ({ type }: Field) => known.get(type)!;
  for (const [name, line] of Object.entries(lines)) {
    const fields = line.split(/\s+/).map(fieldFrom);
    const defaults = fields.flatMap(({ scalar, isList, oneof, name }) =>
      scalar && !isList && !oneof ? [[name, scalar.blank] as const] : [],
    );
    const prototype = { $typeName: `onnx.${name}`, ...Object.fromEntries(defaults) };
    known.set(name, { fields, prototype, of });
  }
  return { schema: <D extends DescMessage>(name: string) => known.get(name) as Schema<D> };
}

function fieldFrom(text: string): Field {
  const [, oneof, name, number, type, list] = /^(?:(\w+)\.)?(\w+)=(\d+):([\w.]+)(\[\]|\[packed\])?$/.exec(text)!;
  return {
    name: name!,
    number: Number(number),
    type: type!,
    scalar: scalars[type as Scalar],
    isList: list !== undefined,
    isPacked: list === '[packed]',
    oneof,
  };
}

export function create<D extends DescMessage>(schema: Schema<D>, given: MessageInitShape<D>): MessageShape<D> {
  return make(schema, given as Record<string, unknown>) as unknown as MessageShape<D>;
}

function make(schema: AnySchema, given: Record<string, unknown>): AnyMessage {
  const message = blank(schema);
  for (const field of schema.fields) {
    const value = valueIn(given, field);
    const whole = (item: unknown) =>
      field.scalar || '$typeName' in (item as object) ? item : make(schema.of(field), item as Record<string, unknown>);
    if (value !== undefined) put(message, field, field.isList ? (value as unknown[]).map(whole) : whole(value));
  }
  return message;
}

function blank({ prototype, fields }: AnySchema): AnyMessage {
  const message: AnyMessage = Object.create(prototype);
  for (const { name, isList, oneof } of fields) {
    if (isList) message[name] = [];
    else if (oneof) message[oneof] = { case: undefined };
  }
  return message;
}

/** What a field was set to. */
function valueIn(message: Record<string, unknown>, { name, oneof }: Field): unknown {
  if (!oneof) return Object.hasOwn(message, name) ? message[name] : undefined;
  const chosen = message[oneof] as Oneof | undefined;
  return chosen?.case === name ? chosen.value : undefined;
}

function put(message: AnyMessage, { name, oneof }: Field, value: unknown): void {
  if (oneof) message[oneof] = { case: name, value };
  else message[name] = value;
}

/** A message of its own, down to every message and list in it; bytes are shared. */
export function clone<D extends DescMessage>(schema: Schema<D>, message: MessageShape<D>): MessageShape<D> {
  return copy(schema, message as unknown as AnyMessage) as unknown as MessageShape<D>;
}

function copy(schema: AnySchema, message: AnyMessage): AnyMessage {
  const result = blank(schema);
  for (const field of schema.fields) {
    const value = valueIn(message, field);
    const own = (item: unknown) => (field.scalar ? item : copy(schema.of(field), item as AnyMessage));
    if (value !== undefined) put(result, field, field.isList ? (value as unknown[]).map(own) : own(value));
  }
  if (message.$unknown) result.$unknown = [...message.$unknown];
  return result;
}

/** @throws Error for bytes that are no such message */
export function fromBinary<D extends DescMessage>(schema: Schema<D>, bytes: Uint8Array): MessageShape<D> {
  return readInto(blank(schema), schema, bytes) as unknown as MessageShape<D>;
}

function readInto(message: AnyMessage, schema: AnySchema, bytes: Uint8Array, depth = 0): AnyMessage {
  if (depth > DEEPEST) throw new Error(`Messages lie in each other more than ${DEEPEST} deep.`);
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    const field = schema.fields.find(({ number }) => number === no);
    const isWhole = field && wireType === (field.scalar?.wire ?? LengthDelimited);
    const isPacked = !isWhole && field?.isList && wireType === LengthDelimited;
    if (isWhole && field.isList) (message[field.name] as unknown[]).push(readOne(reader, schema, field, depth));
    else if (isWhole) put(message, field, readOne(reader, schema, field, depth, valueIn(message, field)));
    else if (isPacked) {
      const packed = new BinaryReader(reader.bytes());
      const list = message[field.name] as unknown[];
      while (packed.pos < packed.len) list.push(readOne(packed, schema, field, depth));
    } else {
      message.$unknown ??= [];
      message.$unknown.push({ no, wireType, data: reader.skip(wireType, no) });
    }
  }
  return message;
}

/** @param before a message that occurs again is added to what there is */
function readOne(reader: BinaryReader, schema: AnySchema, field: Field, depth: number, before?: unknown): unknown {
  const { type, scalar } = field;
  if (scalar) return type === 'enum' ? reader.int32() : reader[type as Exclude<Scalar, 'enum'>]();
  const own = schema.of(field);
  return readInto((before as AnyMessage | undefined) ?? blank(own), own, reader.bytes(), depth + 1);
}

export function toBinary<D extends DescMessage>(schema: Schema<D>, message: MessageShape<D>): Uint8Array<ArrayBuffer> {
  const writer = new BinaryWriter();
  write(writer, schema, message as unknown as AnyMessage);
  return writer.finish();
}

function write(writer: BinaryWriter, schema: AnySchema, message: AnyMessage): void {
  for (const field of schema.fields) {
    const value = valueIn(message, field);
    if (value === undefined) continue;
    const { number, scalar, isList, isPacked } = field;
    if (isPacked) {
      if ((value as unknown[]).length === 0) continue;
      writer.tag(number, LengthDelimited).fork();
      for (const item of value as unknown[]) writeScalar(writer, field, item);
      writer.join();
      continue;
    }
    for (const item of isList ? (value as unknown[]) : [value]) {
      writer.tag(number, scalar?.wire ?? LengthDelimited);
      if (scalar) writeScalar(writer, field, item);
      else {
        writer.fork();
        write(writer, schema.of(field), item as AnyMessage);
        writer.join();
      }
    }
  }
  for (const { no, wireType, data } of message.$unknown ?? []) writer.tag(no, wireType).raw(data);
}

function writeScalar(writer: BinaryWriter, { type }: Field, value: unknown): void {
  const method = type === 'enum' ? 'int32' : (type as Exclude<Scalar, 'enum'>);
  (writer[method] as (value: unknown) => unknown).call(writer, value);
}
