// The engine's own tables of ONNX's messages, against onnx-buf's, which protobuf's compiler wrote.
import { readdirSync, readFileSync } from 'node:fs';
import {
  create,
  type DescField,
  type DescMessage,
  fromBinary as decode,
  toBinary as encode,
  ScalarType,
} from '@bufbuild/protobuf';
import { expect } from 'chai';
import * as onnx from 'onnx-buf';
import { clone, fromBinary, toBinary } from '../../../packages/autodiff/src/model/messages.js';
import {
  AttributeProtoSchema,
  Code,
  Kind,
  ModelProtoSchema,
  NodeProtoSchema,
} from '../../../packages/autodiff/src/model/onnx.js';

const nets = new URL('../../fixtures/nets/', import.meta.url);

function lineOf(field: DescField): string {
  const isList = field.fieldKind === 'list';
  const kind = isList ? field.listKind : field.fieldKind;
  const type =
    kind === 'message'
      ? field.message!.typeName
      : kind === 'scalar'
        ? ScalarType[field.scalar!]!.toLowerCase()
        : 'enum';
  const list = !isList ? '' : field.packed ? '[packed]' : '[]';
  return `${field.oneof ? `${field.oneof.localName}.` : ''}${field.localName}=${field.number}:${type.replace('onnx.', '')}${list}`;
}

describe("ONNX's messages", () => {
  it('have the fields that onnx.proto gives them', () => {
    const seen = new Set<string>();
    const compare = (
      own: typeof ModelProtoSchema.fields,
      schema: { of: typeof ModelProtoSchema.of },
      known: DescMessage,
    ): void => {
      if (seen.has(known.typeName)) return;
      seen.add(known.typeName);
      const lines = own.map(({ oneof, name, number, type, isList, isPacked }) => {
        const list = !isList ? '' : isPacked ? '[packed]' : '[]';
        return `${oneof ? `${oneof}.` : ''}${name}=${number}:${type}${list}`;
      });
      const expected = [...known.fields].sort((a, b) => a.number - b.number);
      expect(lines, known.typeName).to.deep.equal(expected.map(lineOf));
      own.forEach((field, index) => {
        const { message } = expected[index]!;
        if (message) compare(schema.of(field).fields, schema.of(field), message);
      });
    };
    compare(ModelProtoSchema.fields, ModelProtoSchema, onnx.ModelProtoSchema);
    expect(seen.size).to.equal(27);
    expect(onnx.AttributeProto_AttributeType).to.include(Kind);
    expect(onnx.TensorProto_DataType).to.include(Code);
  });

  it('are read and written as protobuf does, in models of every family', () => {
    for (const file of readdirSync(nets).filter((name) => name.endsWith('.onnx'))) {
      const bytes = new Uint8Array(readFileSync(new URL(file, nets)));
      const expected = encode(onnx.ModelProtoSchema, decode(onnx.ModelProtoSchema, bytes));
      const model = fromBinary(ModelProtoSchema, bytes);
      expect(Buffer.compare(toBinary(ModelProtoSchema, model), expected), file).to.equal(0);
      const copy = clone(ModelProtoSchema, model);
      copy.graph!.node[0]!.name = 'another';
      expect(Buffer.compare(toBinary(ModelProtoSchema, model), expected), `${file} after its copy changed`).to.equal(0);
    }
  });

  it('of every type of number, packed or not, absent or zero', () => {
    const proto = create(onnx.AttributeProtoSchema, {
      name: '',
      f: 0,
      i: -1n,
      s: new Uint8Array([0, 255]),
      floats: [1.5, -0],
      ints: [2n ** 62n, -(2n ** 62n)],
      strings: [new Uint8Array(0)],
      type: onnx.AttributeProto_AttributeType.TENSOR,
      t: {
        dims: [3n],
        floatData: [1, 2, 3],
        int32Data: [-1],
        int64Data: [-5n],
        doubleData: [0.1],
        uint64Data: [2n ** 63n],
      },
      tp: {
        value: {
          case: 'tensorType',
          value: { elemType: 1, shape: { dim: [{ value: { case: 'dimParam', value: 'n' } }] } },
        },
      },
    });
    const bytes = encode(onnx.AttributeProtoSchema, proto);
    const own = fromBinary(AttributeProtoSchema, bytes);
    expect(own.t!.uint64Data).to.deep.equal([2n ** 63n]);
    expect(own.tp!.value).to.have.property('case', 'tensorType');
    expect(own.docString).to.equal('');
    expect(own.g).to.equal(undefined);
    expect(Buffer.compare(toBinary(AttributeProtoSchema, own), bytes)).to.equal(0);
  });

  it('keep fields that nobody knows, and add what occurs twice', () => {
    // Field 100 is unknown; `t` (5) comes twice, with a name (8) and a type (2); `ints` (8) once packed.
    const bytes = Uint8Array.from([0xa0, 0x06, 7, 0x2a, 3, 0x42, 1, 0x61, 0x2a, 2, 0x10, 1, 0x42, 2, 5, 6]);
    const own = fromBinary(AttributeProtoSchema, bytes);
    const expected = decode(onnx.AttributeProtoSchema, bytes);
    expect(own.t).to.deep.include({ name: 'a', dataType: 1 });
    expect(own.ints).to.deep.equal([5n, 6n]);
    expect(Buffer.compare(toBinary(AttributeProtoSchema, own), encode(onnx.AttributeProtoSchema, expected))).to.equal(
      0,
    );
  });

  it('are refused where they end too soon, or lie too deep', () => {
    expect(() => fromBinary(NodeProtoSchema, Uint8Array.from([0x0a, 9, 0x61]))).to.throw();
    // A type of sequences of sequences of ...
    let type = new Uint8Array(0);
    for (let depth = 0; depth < 120; depth++) {
      const inner = Uint8Array.from([0x0a, ...lengthOf(type.length), ...type]);
      type = Uint8Array.from([0x22, ...lengthOf(inner.length), ...inner]);
    }
    expect(() => fromBinary(AttributeProtoSchema, Uint8Array.from([0x72, ...lengthOf(type.length), ...type]))).to.throw(
      'deep',
    );
  });
});

function lengthOf(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...lengthOf(value >> 7)];
}
