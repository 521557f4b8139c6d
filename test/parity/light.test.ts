// The ONNX model zoo's style of 2018: opset 9, IR version 3, weights among the inputs, a softmax at the end. PyPI's onnx ships such graphs, their weights
// made at load: good for loading and shapes, not for values.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { differentiate, inferTensors, parseModel, requiredInputs, writeModel } from '@saywhy/autodiff';
import { expect } from 'chai';
import * as ort from 'onnxruntime-node';
import { python } from './cases.js';

describe('models of opset 9 and IR version 3', function () {
  this.timeout(300_000);
  const where =
    'import onnx.backend.test, pathlib; print(pathlib.Path(onnx.backend.test.__file__).parent / "data" / "light")';
  const folder = execFileSync(python, ['-c', where], { encoding: 'utf8' }).trim();
  for (const file of readdirSync(folder).filter((name) => /^light_.*\.onnx$/.test(name)))
    it(file, async () => {
      const model = parseModel(readFileSync(join(folder, file)));
      const input = requiredInputs(model.graph)[0]!;
      const scores = model.graph.outputs[0]!.name;
      const joined = differentiate(model, { of: scores, wrt: [input.name] });
      const session = await ort.InferenceSession.create(writeModel(joined), { logSeverityLevel: 3 });
      const shape = input.shape as number[];
      const count = shape.reduce((a, b) => a * b, 1);
      const of = inferTensors(model).get(scores)!.shape as number[];
      const cotangent = new Float32Array(of.reduce((a, b) => a * b, 1));
      cotangent[0] = 1;
      const results = await session.run({
        [input.name]: new ort.Tensor(
          'float32',
          Float32Array.from({ length: count }, (_, index) => Math.sin(index)),
          shape,
        ),
        [`cotangent/${scores}`]: new ort.Tensor('float32', cotangent, of),
      });
      await session.release();
      const gradient = results[`gradient/${input.name}`]!;
      expect(gradient.dims).to.deep.equal(shape);
      expect((gradient.data as Float32Array).every(Number.isFinite)).to.equal(true);
    });
});
