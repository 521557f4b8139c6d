// The tiny networks with sizes that are settled at run time: batch, height and width, singly and together.
import { readdirSync, readFileSync } from 'node:fs';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { differentiate, parseModel, resolveTensor } from '@saywhy/autodiff';
import { expect } from 'chai';
import { ModelProtoSchema, TensorShapeProto_DimensionSchema } from 'onnx-buf';
import { distance, fixtures, floatsOf, type GoldenArray, readGolden } from '../support/golden.js';
import { run } from '../support/run.js';

interface GoldenNet {
  readonly files: readonly { readonly file: string }[];
  readonly cotangent: GoldenArray;
  readonly layer: { readonly module: string };
  readonly gradient: GoldenArray;
  readonly inputGradient: GoldenArray;
  readonly noise: number;
}

/** Axes of the picture by the names of their sizes. */
const axes = ['batch', '', 'height', 'width'] as const;
const choices: readonly (readonly (typeof axes)[number][])[] = [
  ['batch'],
  ['height'],
  ['width'],
  ['height', 'width'],
  ['batch', 'height', 'width'],
];

/** The file with some sizes of its input named instead of given, and nothing said of any other tensor's. */
function withSymbols(bytes: Uint8Array, symbolic: readonly string[], shape: readonly number[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, bytes);
  const { graph } = model;
  graph!.valueInfo = [];
  for (const { type } of graph!.output)
    if (type?.value.case === 'tensorType') delete (type.value.value as { shape?: unknown }).shape;
  const declared = graph!.input.find(({ name }) => name === 'input')!.type!.value;
  if (declared.case !== 'tensorType') throw new Error('The input is a tensor.');
  declared.value.shape!.dim = shape.map((size, axis) => {
    const value = symbolic.includes(axes[axis]!)
      ? { case: 'dimParam' as const, value: axes[axis]! }
      : { case: 'dimValue' as const, value: BigInt(size) };
    return create(TensorShapeProto_DimensionSchema, { value });
  });
  return toBinary(ModelProtoSchema, model);
}

describe('sizes that are settled at run time', () => {
  const input = readGolden<GoldenArray>('nets/input.json');
  const names = readdirSync(new URL('nets/', fixtures)).filter(
    (name) => name.endsWith('.json') && name !== 'input.json',
  );
  for (const name of names) {
    const net = readGolden<GoldenNet>(`nets/${name}`);
    const bound = Math.max(1e-5, 3 * net.noise);
    for (const { file } of net.files)
      it(`${file}: the gradients are PyTorch’s`, async () => {
        const bytes = readFileSync(new URL(`nets/${file}`, fixtures));
        const layer = resolveTensor(parseModel(bytes), net.layer.module);
        for (const symbolic of choices) {
          const model = parseModel(withSymbols(bytes, symbolic, input.shape));
          const joined = differentiate(model, { of: 'logits', wrt: [layer, 'input'] });
          const results = await run(joined, {
            input: { data: floatsOf(input), shape: input.shape },
            'cotangent/logits': { data: floatsOf(net.cotangent), shape: net.cotangent.shape },
          });
          const what = symbolic.join(', ');
          expect(distance(results[`gradient/${layer}`]!.data, net.gradient), `${what}: layer`).to.be.below(bound);
          expect(distance(results['gradient/input']!.data, net.inputGradient), `${what}: input`).to.be.below(bound);
        }
      });
  }
});
