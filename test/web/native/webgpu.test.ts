// WebGPU's numbers in Node, on the SwiftShader that Debian's Chromium brings: the same kernels as in a browser, and sooner done.
import { expect } from 'chai';
import { onSwiftShader } from '../../support/swiftshader.js';
import type { ConvolutionOnWebGpu } from './convolutions.js';
import type { NetOnWebGpu } from './nets.js';
import type { RecordOnWebGpu } from './records.js';

const at = (module: string): URL => new URL(module, import.meta.url);

/** Whose gradients the CPU computes in part: the operator itself has no place on the GPU, or sizes follow from what it finds. */
const ON_CPU = {
  Det: 'Det',
  Cast: 'Cast',
  Compress: 'Concat Gather Slice Sub',
  Range: 'Cast Range Reshape Slice',
  ReverseSequence: 'ReverseSequence',
  Unique: 'Expand Reshape Slice Unique',
  Scatter: 'Scatter',
  RoiAlign: 'Cast Range Reshape',
  MaxRoiPool: 'Cast Concat Equal Gather Mul Range Reshape Slice Unsqueeze',
};

describe('WebGPU in Node', function () {
  this.timeout(600_000);

  it('every kind of convolution is right in the layout that is asked for', async () => {
    const results = await onSwiftShader<ConvolutionOnWebGpu[]>(at('convolutions.ts'));
    expect(results.length).to.be.greaterThan(1000);
    expect(results.filter(({ asked }) => !(asked < 1e-5))).to.deep.equal([]);
    // Were onnxruntime's own layout right, there would be nothing to ask for.
    const wrong = results.filter(({ own }) => !(own < 1e-5));
    expect(wrong.length).to.be.greaterThan(50);
    const spared = results.filter(({ first }) => !first).length;
    this.tests[0]!.title += ` (${wrong.length} of ${results.length} are wrong in onnxruntime's own, ${spared} keep it)`;
  });

  it("gradients of networks of every family are the CPU's, at the last layer and at the input", async () => {
    const results = await onSwiftShader<NetOnWebGpu[]>(at('nets.ts'));
    expect(results).to.have.length(10);
    for (const { file, layer, device, error } of results) {
      expect(device).to.equal('webgpu');
      expect(error, `${file} at ${layer}`).to.be.below(1e-4);
    }
    this.tests[1]!.title += ` (${Math.max(...results.map(({ error }) => error)).toExponential(0)})`;
  });

  it("gradients of every operator are the CPU's, and run on the GPU", async () => {
    const results = await onSwiftShader<RecordOnWebGpu[]>(at('records.ts'));
    expect(results.length).to.be.greaterThan(100);
    const failed = results.filter(({ failure }) => failure !== undefined);
    // The provider itself cannot run it on shapes that broadcast both ways.
    expect(failed.map(({ op }) => op)).to.deep.equal(['Pow']);
    for (const { op, error, failure } of results)
      if (failure === undefined) expect(error, `gradient of ${op}`).to.be.below(1e-3);
    const onCpu = results.flatMap(({ op, fallbacks = [] }) =>
      fallbacks.length > 0 ? [[op, fallbacks.join(' ')]] : [],
    );
    expect(Object.fromEntries(onCpu)).to.deep.equal(ON_CPU);
  });
});
