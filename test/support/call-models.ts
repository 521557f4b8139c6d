// The calls of operator-calls.ts as models.
import { type Model, parseModel, SaywhyError } from '@saywhy/autodiff';
import { exists, formalInput, schemaOf, toVersion } from '../../packages/autodiff/src/schema/read.js';
import { type Attribute, booleans, buildModel, bytes, floats, integers } from './model.js';
import type { OperatorCall } from './operator-calls.js';

/** The last opset of operators that are deprecated. */
const LAST: Readonly<Record<string, number>> = { Upsample: 9, Scatter: 10 };

/**
 * The operator's calls, as models of some opset in which the sum of its result is the score; those that the version can say. `real0` is the result as
 * float32.
 * @param isHalf the operator is called with float16, between casts
 */
export function modelOf(
  op: string,
  call: OperatorCall,
  opset: number,
  isSymbolic: boolean,
  isHalf = false,
): Model | undefined {
  if (!exists(op, opset) || opset > (LAST[op] ?? opset)) return undefined;
  const lists: Readonly<Record<string, readonly number[]>> = {
    ...call.integers,
    ...call.booleans,
    ...(call.scales && { scales: call.scales }),
    ...Object.fromEntries((call.zeros ?? []).map((name) => [name, [0]])),
  };
  const quantized = Object.keys(call.quantized ?? {});
  const given = isVariadic(op)
    ? Object.keys(call.floats)
    : formalsOf(op).map((name) =>
        name in call.floats || name in lists || quantized.includes(name) ? name : undefined,
      );
  const written = versionOf(op, opset, given, call, lists);
  if (!written) return undefined;
  const used = written.inputs.map((name) => name ?? '');
  const symbols = (name: string, shape: readonly number[]) =>
    shape.map((size, axis) => (isSymbolic && axis !== 1 && !call.sized?.includes(name) ? `${name}${axis}` : size));
  const outputs = Array.from({ length: call.outputs ?? 1 }, (_, index) => `part${index}`);
  // Every output of Split has a gradient, of TopK the first.
  const ends = op === 'Split' ? outputs : outputs.slice(0, 1);
  const constants = [
    ...Object.entries(call.integers ?? {}).map(([name, values]) =>
      integers(name, call.shapes?.[name] ?? [values.length], values),
    ),
    ...Object.entries(call.booleans ?? {}).map(([name, values]) => booleans(name, [values.length], values)),
    ...(call.scales ? [floats('scales', [call.scales.length], call.scales)] : []),
    ...(call.zeros ?? []).map((name) => bytes(name, [], [0])),
    ...(quantized.length > 0 ? [floats('step', [], [0.1])] : []),
  ];
  const real = Object.entries(call.floats).filter(([name]) => used.includes(name));
  const halves = isHalf ? new Map(real.map(([name]) => [name, `${name}/half`])) : new Map<string, string>();
  return parseModel(
    buildModel({
      opset,
      inputs: [
        ...real.map(([name, shape]) => ({ name, shape: symbols(name, shape) })),
        ...quantized.map((name) => ({ name: `${name}/real`, shape: symbols(name, call.quantized![name]!) })),
      ],
      outputs: [{ name: 'score' }],
      nodes: [
        ...quantized.map((name) => ({ op: 'QuantizeLinear', inputs: [`${name}/real`, 'step'], outputs: [name] })),
        ...[...halves].map(([name, half]) => ({ op: 'Cast', inputs: [name], outputs: [half], attributes: { to: 10 } })),
        {
          ...nameOf(op),
          name: 'call',
          inputs: used.map((name) => halves.get(name) ?? name),
          outputs,
          attributes: written.attributes,
        },
        ...ends.flatMap((name, index) => [
          { op: 'Cast', inputs: [name], outputs: [`real${index}`], attributes: { to: 1 } },
          { op: 'ReduceSum', inputs: [`real${index}`], outputs: [`sum${index}`] },
        ]),
        { op: 'Sum', inputs: ends.map((_, index) => `sum${index}`), outputs: ['score'] },
      ],
      initializers: constants.filter(({ name }) => used.includes(name) || name === 'step'),
    }),
  );
}

/** An operator's name and domain. */
function nameOf(op: string): { op: string; domain: string } {
  const dot = op.lastIndexOf('.');
  return { op: op.slice(dot + 1), domain: op.slice(0, Math.max(dot, 0)) };
}

/** A call's inputs and attributes as an older version has them; undefined where it cannot say it. */
function versionOf(
  op: string,
  opset: number,
  given: readonly (string | undefined)[],
  call: OperatorCall,
  lists: Readonly<Record<string, readonly number[]>>,
) {
  try {
    const { inputs, attributes, kinds } = toVersion(op, opset, given, call.attributes ?? {}, (name) => lists[name]);
    const typed = Object.entries(attributes).map(([name, value]): [string, Attribute] => {
      if (kinds[name] === 'float') return [name, { float: value as number }];
      return [name, kinds[name] === 'floats' ? { floats: value as number[] } : (value as Attribute)];
    });
    return { inputs, attributes: Object.fromEntries(typed) };
  } catch (error) {
    if (error instanceof SaywhyError && error.code === 'opset-too-old') return undefined;
    throw error;
  }
}

export function isVariadic(op: string): boolean {
  return schemaOf(op)!
    .signatures.at(-1)!
    .inputs.some((name) => name.endsWith('...'));
}

export function formalsOf(op: string): string[] {
  return schemaOf(op)!
    .signatures.at(-1)!
    .inputs.map((_, index) => formalInput(op, index)!);
}
