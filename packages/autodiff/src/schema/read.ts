// Versions end here: whatever opset a node was written for, `read` gives its newest signature, and `toVersion` goes the other way.
import { SaywhyError } from '../errors.js';
import type { AttributeKind } from '../model/encode.js';
import type { Attributes, AttributeValue, DataType } from '../model/types.js';
import { operatorSchemas } from './operators.js';

interface Signature {
  readonly since: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, readonly [kind: string, byDefault?: AttributeValue]>>;
}
interface Schema {
  readonly versions: readonly number[];
  readonly signatures: readonly Signature[];
}

const schemas = new Map<string, Schema>(Object.entries(operatorSchemas as unknown as Record<string, Schema>));

/** Attributes that became inputs under another name. */
const renamed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Pad: { constant_value: 'value' },
  TopK: { K: 'k' },
};

/** A call by the newest schema; `given` are inputs made from attributes of an older version. */
export interface NormalCall<T> {
  readonly inputs: (T | undefined)[];
  readonly given: {
    readonly index: number;
    readonly value: number | readonly number[];
    readonly type: DataType | 'like-first';
  }[];
  readonly attributes: Attributes;
}

export function schemaOf(opType: string): Schema | undefined {
  return schemas.get(opType);
}

export function formalName(name: string): string {
  return name.replace(/(\?|\.\.\.)$/, '');
}

/** The formal name of the input at a position, by the newest schema. The inputs of a variadic operator share one. */
export function formalInput(opType: string, index: number): string | undefined {
  const inputs = schemas.get(opType)?.signatures.at(-1)?.inputs;
  if (!inputs) return undefined;
  const name = inputs[index] ?? (inputs.at(-1)?.endsWith('...') ? inputs.at(-1) : undefined);
  return name && formalName(name);
}

/** Whether the operator set has this operator at this version. */
export function exists(opType: string, opset: number): boolean {
  return signatureAt(opType, opset) !== undefined;
}

export function read<T>(
  opType: string,
  opset: number,
  inputs: readonly (T | undefined)[],
  attributes: Attributes,
): NormalCall<T> {
  const newest = schemas.get(opType)?.signatures.at(-1);
  const written = signatureAt(opType, opset);
  if (!newest || !written) return { inputs: [...inputs], given: [], attributes };
  const result: NormalCall<T> = { inputs: [], given: [], attributes: {} };
  inputs.forEach((input, index) => {
    result.inputs[positionIn(newest, written, index)] = input;
  });
  newest.inputs.map(formalName).forEach((name, index) => {
    const old = attributeName(opType, name, written);
    if (!old) return;
    const [kind, byDefault] = written.attributes[old]!;
    const value = (attributes[old] ?? byDefault) as number | readonly number[] | undefined;
    if (value !== undefined)
      result.given.push({ index, value, type: kind === 'float' || kind === 'floats' ? 'like-first' : 'int64' });
  });
  const filled: Record<string, AttributeValue> = { ...attributes };
  for (const [name, [, byDefault]] of Object.entries(newest.attributes))
    filled[name] ??= written.attributes[name] ? written.attributes[name][1] : byDefault;
  return { ...result, attributes: filled };
}

/** A node to be written for an opset: attributes and inputs as that version has them, and the ONNX type of each attribute. */
export interface Written<T> {
  readonly inputs: (T | undefined)[];
  readonly attributes: Attributes;
  readonly kinds: Readonly<Record<string, AttributeKind>>;
}

/**
 * @param constant the elements of an input that an older version wants as an attribute
 * @throws SaywhyError `opset-too-old` where the version cannot say what is asked for
 */
export function toVersion<T>(
  opType: string,
  opset: number,
  inputs: readonly (T | undefined)[],
  attributes: Attributes,
  constant: (input: T) => readonly number[] | undefined,
): Written<T> {
  const newest = schemas.get(opType)?.signatures.at(-1);
  const target = signatureAt(opType, opset);
  const refuse = (what: string) =>
    new SaywhyError(
      'opset-too-old',
      `The gradient needs ${what}, which opset ${opset} does not have. Export the model with a newer opset (17 is a good choice).`,
    );
  if (!newest || !target) throw refuse(opType);
  const variadic = newest.inputs.at(-1)?.endsWith('...');
  const written: Record<string, AttributeValue> = {};
  const positions: (T | undefined)[] = [];
  inputs.forEach((input, index) => {
    const name = variadic ? undefined : formalName(newest.inputs[index] ?? '');
    const old = name && attributeName(opType, name, target);
    if (old) {
      if (input === undefined) return;
      const value = constant(input);
      if (!value) throw refuse(`${opType} with "${name}" computed at run time`);
      written[old] = target.attributes[old]![0].endsWith('s') ? value : value[0];
    } else {
      const position = variadic ? index : positionIn(target, newest, index);
      if (position < target.inputs.length || variadic) positions[position] = input;
      else if (input !== undefined) throw refuse(`${opType} with an input "${name}"`);
    }
  });
  for (const [name, [, byDefault]] of Object.entries(newest.attributes)) {
    const value = attributes[name];
    const known = target.attributes[name];
    if (known) {
      const differs = !equal(known[1], byDefault);
      if (value !== undefined || differs) written[name] = value ?? byDefault;
    } else if (value !== undefined && !equal(value, byDefault)) throw refuse(`${opType} with "${name}"`);
  }
  const kinds = Object.fromEntries(Object.entries(target.attributes).map(([name, [kind]]) => [name, kind]));
  return { inputs: Array.from(positions), attributes: written, kinds };
}

function signatureAt(opType: string, opset: number): Signature | undefined {
  return schemas.get(opType)?.signatures.findLast(({ since }) => since <= opset);
}

/**
 * Inputs are matched by formal name; by position where a name was changed (BatchNormalization's mean became input_mean). One that the other version
 * does not have lies beyond its last input.
 */
function positionIn(signature: Signature, from: Signature, index: number): number {
  const name = formalName(from.inputs[index] ?? '');
  const names = signature.inputs.map(formalName);
  if (names.includes(name)) return names.indexOf(name);
  const taken = from.inputs.some((other) => formalName(other) === names[index]);
  return taken ? names.length : index;
}

/** The attribute that stands for an input of the newest version, where the given version has it as one. */
function attributeName(opType: string, input: string, signature: Signature): string | undefined {
  if (signature.inputs.some((name) => formalName(name) === input)) return undefined;
  const name = renamed[opType]?.[input] ?? input;
  return signature.attributes[name] ? name : undefined;
}

function equal(a: AttributeValue, b: AttributeValue): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
