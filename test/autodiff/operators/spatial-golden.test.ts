// What samples, resizes and pools, against PyTorch's float64 gradients (scripts/write_spatial_goldens.py): at whole positions, on borders and beyond too.
import { expect } from 'chai';
import { floatsOf, type GoldenArray, readGolden, relativeError } from '../../support/golden.js';
import { gradientsOf } from '../../support/gradients.js';
import { type Attribute, floats, integers } from '../../support/model.js';

interface SpatialCase {
  readonly title: string;
  readonly op: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly order: readonly string[];
  readonly inputs: Readonly<Record<string, GoldenArray>>;
  readonly integers: Readonly<
    Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
  >;
  readonly cotangent: GoldenArray;
  readonly gradients: Readonly<Record<string, GoldenArray>>;
}

const { cases } = readGolden<{ readonly cases: readonly SpatialCase[] }>('spatial.json');

describe('gradients of spatial operators equal PyTorch’s', () => {
  for (const test of cases)
    it(test.title, async () => {
      const values = (array: GoldenArray) => [...floatsOf(array)];
      const all = Object.entries(test.inputs);
      const fixed = all.filter(([name]) => !(name in test.gradients));
      const gradients = await gradientsOf({
        op: test.op,
        opset: test.opset,
        attributes: test.attributes,
        order: test.order,
        inputs: Object.fromEntries(
          all
            .filter(([name]) => name in test.gradients)
            .map(([name, array]) => [name, { shape: array.shape, values: values(array) }]),
        ),
        initializers: [
          ...fixed.map(([name, array]) => floats(name, array.shape, values(array))),
          ...Object.entries(test.integers).map(([name, list]) => integers(name, list.shape, list.values)),
        ],
        cotangent: values(test.cotangent),
      });
      for (const [name, golden] of Object.entries(test.gradients)) {
        const expected = floatsOf(golden);
        if (expected.every((value) => value === 0))
          expect(gradients[name]!.every((value) => value === 0)).to.equal(true);
        else expect(relativeError(gradients[name]!, expected), name).to.be.below(1e-5);
      }
    });
});
