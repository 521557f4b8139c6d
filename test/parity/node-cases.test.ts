// Every operator case of the ONNX standard (PyPI's onnx, onnx.backend.test) that has a real number among its inputs and outputs and that ONNX Runtime runs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { folder } from './cases.js';
import { judge, type NodeCase } from './node-case.js';

interface Cases {
  readonly cases: readonly NodeCase[];
  readonly left_out: Readonly<Record<string, readonly string[]>>;
}

/** Why cases are not run, and how many: not one is left out without a reason. */
const leftOut: Readonly<Record<string, number>> = {
  'no real number goes in': 328,
  'no real number comes out': 187,
  'onnxruntime refuses it': 35,
  'onnxruntime does not have the operator': 30,
  'an operator of another domain than the standard one': 22,
  'onnxruntime gives something else than the standard says': 3,
  'its real numbers are of a type that the JavaScript API does not have': 3,
};
/** Why gradients are refused, and for how many cases. */
const sequence = 'which tensors its sequence holds is settled at run time; export the model without sequences';
const refusals: Readonly<Record<string, number>> = {
  'Dropout: it is in training mode, or may be (its training_mode is computed at run time); export the model in evaluation mode': 6,
  'BatchNormalization: it is in training mode; export the model after model.eval()': 2,
  'Scan: no rule for opset 8, where it has a batch; export the model with a newer one': 1,
  'MatMul: the rank of its input is not known before run time; Split: the rank of its input is not known before run time': 2,
  [`SequenceAt: ${sequence}; SequenceConstruct: ${sequence}; SequenceMap: ${sequence}`]: 2,
  [`SequenceAt: ${sequence}; SequenceMap: ${sequence}`]: 1,
  [`If: in it, OptionalGetElement: ${sequence}; SequenceAt: ${sequence}; SequenceInsert: ${sequence}`]: 1,
};

describe('operator cases of the ONNX standard', function () {
  this.timeout(60_000);
  const from = join(folder, 'node-cases');
  const { cases, left_out } = JSON.parse(readFileSync(join(from, 'cases.json'), 'utf8')) as Cases;
  const refused: Record<string, number> = {};
  const counts = { right: 0, none: 0 };

  for (const test of cases)
    it(`${test.name} (${test.precision}, opset ${test.opset})`, async () => {
      const verdict = await judge(test, from);
      expect(verdict.wrong).to.deep.equal([]);
      for (const reason of new Set(verdict.refused)) refused[reason] = (refused[reason] ?? 0) + 1;
      if (verdict.right > 0) counts.right += 1;
      else if (verdict.refused.length === 0) counts.none += 1;
    });

  it('are all here, and those that are refused are so for known reasons', () => {
    expect(Object.fromEntries(Object.entries(left_out).map(([reason, names]) => [reason, names.length]))).to.deep.equal(
      leftOut,
    );
    expect(refused).to.deep.equal(refusals);
    expect(counts).to.deep.equal({ right: 1208, none: 54 });
  });
});
