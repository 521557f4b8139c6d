// The tiny networks with sizes that are settled at run time: batch, height and width, singly and together.
import { readdirSync, readFileSync } from 'node:fs';
import { differentiate, parseModel, resolveTensor } from '@saywhy/autodiff';
import { expect } from 'chai';
import { distance, fixtures, floatsOf, type GoldenArray, readGolden } from '../support/golden.js';
import { run } from '../support/run.js';
import { type SizeName, withSymbols } from '../support/symbolic.js';

interface GoldenNet {
  readonly files: readonly { readonly file: string }[];
  readonly cotangent: GoldenArray;
  readonly layer: { readonly module: string };
  readonly gradient: GoldenArray;
  readonly inputGradient: GoldenArray;
  readonly noise: number;
}

const choices: readonly (readonly SizeName[])[] = [
  ['batch'],
  ['height'],
  ['width'],
  ['height', 'width'],
  ['batch', 'height', 'width'],
];

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
