// Versions end here: whatever opset a node was written for, `read` gives its newest signature, and `toVersion` goes the other way.
import { SaywhyError } from '../errors.js';
import type { AttributeKind } from '../model/encode.js';
import type { Attributes, AttributeValue, DataType } from '../model/types.js';
import { formerValue, impliedAttributes, isNoBound, modernValue, renamedAttributes } from './changes.js';
import { contribSchemas } from './contrib.js';
import { operatorSchemas } from './operators.js';

type AttributeSchema = readonly [kind: string, byDefault?: AttributeValue];

/** As the generated table has it: `X` is required, `X?` optional, `X...` stands for any number. */
interface Schema {
  readonly versions: readonly number[];
  readonly signatures: readonly {
    readonly since: number;
    readonly inputs: readonly string[];
    readonly attributes: Readonly<Record<string, AttributeSchema>>;
  }[];
}

/** The same, taken apart once. */
interface Signature {
  readonly since: number;
  /** Formal names of the inputs. */
  readonly inputs: readonly string[];
  readonly isRequired: readonly boolean[];
  readonly isVariadic: boolean;
  readonly attributes: ReadonlyMap<string, AttributeSchema>;
}

const schemas = new Map<string, Schema>(
  Object.entries({ ...operatorSchemas, ...contribSchemas } as unknown as Record<string, Schema>),
);
const signatures = new Map<string, readonly Signature[]>();

/** The name of an input without the mark that says whether it is optional or variadic. */
export function formalName(name: string): string {
  return name.replace(/(\?|\.\.\.)$/, '');
}

/** Every signature of an operator, oldest first; none of one that is not in the standard operator set. */
function signaturesOf(opType: string): readonly Signature[] {
  const before = signatures.get(opType);
  if (before) return before;
  const known = (schemas.get(opType)?.signatures ?? []).map(({ since, inputs, attributes }) => ({
    since,
    inputs: inputs.map(formalName),
    isRequired: inputs.map((name) => formalName(name) === name),
    isVariadic: inputs.at(-1)?.endsWith('...') ?? false,
    attributes: new Map(Object.entries(attributes)),
  }));
  if (schemas.has(opType)) signatures.set(opType, known);
  return known;
}

/** A call by the newest schema; `fromAttributes` are inputs that an older version has as attributes. */
export interface NormalCall<T> {
  readonly inputs: (T | undefined)[];
  readonly fromAttributes: {
    readonly index: number;
    readonly value: number | readonly number[];
    readonly type: DataType | 'like-first';
  }[];
  readonly attributes: Attributes;
}

export function schemaOf(opType: string): Schema | undefined {
  return schemas.get(opType);
}

/** What an operator's inputs are called, by the newest schema; undefined for an operator that has none here. */
export function namesOfInputs(opType: string): readonly string[] | undefined {
  return newestOf(opType)?.inputs;
}

/** The formal names of an operator's inputs, by the newest schema; those of a variadic one are left out. */
export function formalInputs(opType: string): readonly string[] {
  const newest = newestOf(opType);
  return newest?.isVariadic ? newest.inputs.slice(0, -1) : (newest?.inputs ?? []);
}

/** The formal name of the input at a position, by the newest schema. The inputs of a variadic operator share one. */
export function formalInput(opType: string, index: number): string | undefined {
  const newest = newestOf(opType);
  return newest?.inputs[index] ?? (newest?.isVariadic ? newest.inputs.at(-1) : undefined);
}

/** The name of a required input that a call by the newest signature lacks. */
export function missingInput(opType: string, inputs: readonly unknown[]): string | undefined {
  const newest = newestOf(opType);
  return newest?.inputs.find((_, index) => newest.isRequired[index] && inputs[index] === undefined);
}

/** Whether the operator set has this operator at this version. */
export function exists(opType: string, opset: number): boolean {
  return signatureAt(opType, opset) !== undefined;
}

/**
 * @param inputs by position, as the node has them
 * @throws SaywhyError `invalid-model` for an attribute of another type than the operator's
 */
export function read<T>(
  opType: string,
  opset: number,
  inputs: readonly (T | undefined)[],
  attributes: Attributes,
): NormalCall<T> {
  const newest = newestOf(opType);
  // onnxruntime writes LayerNormalization into files that are older than the operator.
  const written = signatureAt(opType, opset) ?? signaturesOf(opType)[0];
  if (!newest || !written) return { inputs: [...inputs], fromAttributes: [], attributes };
  checkKinds(opType, newest, written, attributes);
  const result: NormalCall<T> = { inputs: [], fromAttributes: [], attributes: {} };
  inputs.forEach((input, index) => {
    result.inputs[positionIn(newest, written, index)] = input;
  });
  const filled: Record<string, AttributeValue> = {};
  for (const name in attributes)
    if (newest.attributes.has(name) || written.attributes.has(name)) filled[name] = attributes[name];
  newest.inputs.forEach((name, index) => {
    const old = attributeName(opType, name, written);
    if (!old) return;
    delete filled[old];
    const [kind, byDefault] = written.attributes.get(old)!;
    const value = (attributes[old] ?? byDefault) as number | readonly number[] | undefined;
    if (value !== undefined && !isNoBound(opType, value))
      result.fromAttributes.push({
        index,
        value,
        type: kind === 'float' || kind === 'floats' ? 'like-first' : 'int64',
      });
  });
  for (const name of newest.attributes.keys())
    filled[name] = modernValue(opType, name, filled[name] ?? defaultOf(opType, name, written, newest));
  return { ...result, attributes: filled };
}

/** A node to be written for an opset: attributes and inputs as that version has them, and the ONNX type of each attribute. */
export interface Written<T> {
  readonly inputs: (T | undefined)[];
  readonly attributes: Attributes;
  readonly kinds: Readonly<Record<string, AttributeKind>>;
}

/**
 * @param inputs by position, as the newest version has them
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
  const newest = newestOf(opType);
  const target = signatureAt(opType, opset);
  const refuse = (what: string) =>
    new SaywhyError(
      'opset-too-old',
      `The gradient needs ${what}, which opset ${opset} does not have. Export the model with a newer opset (17 is a good choice).`,
    );
  if (!newest || !target) throw refuse(opType);
  const misspelt = Object.keys(attributes).find((name) => !newest.attributes.has(name));
  if (misspelt) throw new Error(`${opType} has no attribute "${misspelt}"`);
  const written: Record<string, AttributeValue> = {};
  const positions: (T | undefined)[] = [];
  inputs.forEach((input, index) => {
    if (newest.isVariadic && index >= newest.inputs.length - 1) {
      positions[index] = input;
      return;
    }
    if (input === undefined) return;
    const name = newest.inputs[index] ?? '';
    const old = attributeName(opType, name, target);
    if (old) {
      const value = constant(input);
      if (!value) throw refuse(`${opType} with "${name}" computed at run time`);
      written[old] = target.attributes.get(old)![0].endsWith('s') ? value : value[0];
      return;
    }
    const position = positionIn(target, newest, index);
    if (position >= target.inputs.length) throw refuse(`${opType} with an input "${name}"`);
    positions[position] = input;
  });
  for (const [name, [, byDefault]] of newest.attributes) {
    const value = attributes[name] ?? byDefault;
    const implied = defaultOf(opType, name, target, newest);
    const known = target.attributes.get(name);
    if (known && (attributes[name] !== undefined || !equal(value, modernValue(opType, name, implied))))
      written[name] = formerValue(opType, name, value, known[1]);
    else if (!known && value !== undefined && !equal(value, implied)) throw refuse(`${opType} with "${name}"`);
  }
  const kinds = Object.fromEntries(Object.keys(written).map((name) => [name, target.attributes.get(name)![0]]));
  return { inputs: Array.from(positions), attributes: written, kinds };
}

function newestOf(opType: string): Signature | undefined {
  return signaturesOf(opType).at(-1);
}

function signatureAt(opType: string, opset: number): Signature | undefined {
  return signaturesOf(opType).findLast(({ since }) => since <= opset);
}

/** What a version does where an attribute of the newest one is not given. */
function defaultOf(opType: string, name: string, version: Signature, newest: Signature): AttributeValue {
  const own = version.attributes.get(name);
  return own ? own[1] : (impliedAttributes[opType]?.[name] ?? newest.attributes.get(name)?.[1]);
}

/**
 * Inputs are matched by formal name; by position where a name was changed (BatchNormalization's mean became input_mean). One that the other version
 * does not have lies beyond its last input.
 */
function positionIn(signature: Signature, from: Signature, index: number): number {
  if (signature === from) return index;
  const at = signature.inputs.indexOf(from.inputs[index] ?? '');
  if (at >= 0) return at;
  return from.inputs.includes(signature.inputs[index] ?? '') ? signature.inputs.length : index;
}

/** The attribute that stands for an input of the newest version, where the given version has it as one. */
function attributeName(opType: string, input: string, signature: Signature): string | undefined {
  if (signature.inputs.includes(input)) return undefined;
  const name = renamedAttributes[opType]?.[input] ?? input;
  return signature.attributes.has(name) ? name : undefined;
}

function checkKinds(opType: string, newest: Signature, written: Signature, attributes: Attributes): void {
  for (const name in attributes) {
    const kind = (written.attributes.get(name) ?? newest.attributes.get(name))?.[0];
    const value = attributes[name];
    if (kind === undefined || value === undefined || hasKind(value, kind)) continue;
    throw new SaywhyError(
      'invalid-model',
      `The attribute "${name}" of a node ${opType} is not of the type "${kind}", as ONNX wants it.`,
    );
  }
}

function hasKind(value: AttributeValue, kind: string): boolean {
  if (kind === 'int') return Number.isInteger(value);
  if (kind === 'float') return typeof value === 'number';
  if (kind === 'string') return typeof value === 'string';
  if (kind === 'ints') return Array.isArray(value) && value.every(Number.isInteger);
  if (kind === 'floats') return Array.isArray(value) && value.every((element) => typeof element === 'number');
  if (kind === 'strings') return Array.isArray(value) && value.every((element) => typeof element === 'string');
  return typeof value === 'object';
}

function equal(a: AttributeValue, b: AttributeValue): boolean {
  return a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((x, i) => x === b[i]));
}
