// WebGPU in Chromium, on SwiftShader: wasm's explanations, nothing left on the GPU, and what happens where a GPU is lost, too small or wrong.
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { type Browser, launch, type Page, type Server } from '../../support/browsers/index.js';
import { fixtures, relativeError } from '../../support/golden.js';
import { buildModel, floats, integers, type ModelSpec, type NodeSpec } from '../../support/model.js';
import { normal } from '../../support/random.js';
import { type Hooked, hookedWorkers } from './gpu-hooks.js';
import { serveAdapter } from './pages.js';

type Web = typeof import('@saywhy/web');
type Failure = { readonly code: string; readonly message: string };

const SIDE = 12;

/** Convolutions of 3x3 from so many channels to so many, each followed by an operator; the means of the last are the scores. */
function net(channels: readonly number[], { activation = 'Relu', middle = [] as NodeSpec[] } = {}): ModelSpec {
  const next = normal(1);
  const steps = channels.slice(1).map((to, i) => ({ from: channels[i]!, to, i }));
  return {
    opset: 17,
    inputs: [{ name: 'input', shape: [1, channels[0]!, SIDE, SIDE] }],
    outputs: [{ name: 'logits', shape: [1, channels.at(-1)!] }],
    initializers: steps.map(({ from, to, i }) => {
      const values = Array.from({ length: to * from * 9 }, () => next() / Math.sqrt(3 * from));
      return floats(`weight${i}`, [to, from, 3, 3], values);
    }),
    nodes: [
      ...steps.flatMap(({ i }): NodeSpec[] => [
        {
          op: 'Conv',
          inputs: [i === 0 ? 'input' : `y${i - 1}`, `weight${i}`],
          outputs: [`x${i}`],
          attributes: { pads: [1, 1, 1, 1] },
        },
        { op: activation, inputs: [`x${i}`], outputs: [`y${i}`] },
      ]),
      ...middle,
      {
        op: 'GlobalAveragePool',
        inputs: [middle.at(-1)?.outputs[0] ?? `y${steps.length - 1}`],
        outputs: ['means'],
      },
      { op: 'Flatten', inputs: ['means'], outputs: ['logits'] },
    ],
  };
}

/** The mean of 3 numbers, by way of 1.7 GB. */
const large = net([3, 4, 3], {
  middle: [
    { op: 'GlobalAveragePool', inputs: ['y1'], outputs: ['small'] },
    { op: 'Expand', inputs: ['small', 'sizes'], outputs: ['large'] },
  ],
});

const files = {
  ...hookedWorkers,
  '/plain.onnx': buildModel(net([3, 4, 5])),
  // What onnxruntime's WebGPU computes wrongly unless channels come first: from 6 to 8, and from 18 to 8 in the gradient alone.
  '/wrong-forward.onnx': buildModel(net([3, 6, 8, 5])),
  '/wrong-gradient.onnx': buildModel(net([3, 8, 18, 5])),
  '/transformer.onnx': readFileSync(new URL('nets/vit.torchscript.onnx', fixtures)),
  // A negative number has no logarithm.
  '/logarithm.onnx': buildModel(net([3, 4, 5], { activation: 'Log' })),
  '/large.onnx': buildModel({
    ...large,
    initializers: [...large.initializers!, integers('sizes', [4], [1, 3, 12_000, 12_000])],
  }),
};

describe('WebGPU in Chromium', function () {
  this.timeout(240_000);
  let server: Server;
  let browser: Browser;
  let page: Page;

  before(async () => {
    server = await serveAdapter({ files });
    browser = await launch('chromium', { webgpu: true });
  });
  beforeEach(async () => {
    page = await browser.open(server.origin);
  });
  afterEach(() => page.close());
  after(async () => {
    await browser?.close();
    await server.close();
  });

  /** Maps of the first two classes by two methods, at the last layer and at the input, and what else the explanation says. */
  const explain = (model: string, side: number, options: object, sign = 0) =>
    page.evaluate(
      async (model, side, options, sign) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        const channel = new BroadcastChannel('hooks');
        const hooked = () =>
          new Promise<Hooked>((resolve) => {
            channel.onmessage = ({ data }) => resolve(data);
            channel.postMessage('ask');
          });
        const explainer = await createExplainer(model, { ...options, worker: '/hooked.js' });
        const wave = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * i) + sign);
        const input = { data: wave, shape: [3, side, side] };
        const seen = [(await hooked()).dispatches];
        const maps = [];
        let warnings: readonly { code: string; message: string }[] = [];
        for (const target of [0, 1]) {
          const result = await explainer.explain(input, { method: ['grad-cam', 'saliency'], target });
          seen.push((await hooked()).dispatches);
          for (const { method, raw } of result.maps) maps.push({ method, raw: Array.from(raw.data) });
          warnings = result.warnings;
        }
        const { device } = explainer;
        await explainer.dispose();
        return { device, warnings, maps, dispatches: seen.slice(1).map((count, i) => count - seen[i]!) };
      },
      model,
      side,
      options,
      sign,
    );

  for (const [model, side] of [
    ['/plain.onnx', SIDE],
    ['/wrong-forward.onnx', SIDE],
    ['/wrong-gradient.onnx', SIDE],
    ['/transformer.onnx', 32],
  ] as const)
    it(`${model}: both parts run on the GPU, and give wasm's maps`, async function () {
      const gpu = await explain(model, side, { device: 'webgpu' });
      const wasm = await explain(model, side, { device: 'wasm' });
      expect(gpu.device).to.equal('webgpu');
      expect(gpu.warnings.map(({ code }) => code)).to.not.include('device-unchecked');
      // The second class of the same picture takes a backward run and no forward one.
      expect(gpu.dispatches[0]).to.be.greaterThan(gpu.dispatches[1]!);
      expect(gpu.dispatches[1]).to.be.greaterThan(0);
      expect(wasm.dispatches).to.deep.equal([0, 0]);
      expect(gpu.maps).to.have.length(4);
      const errors = gpu.maps.map(({ raw }, i) => relativeError(raw, wasm.maps[i]!.raw));
      this.test!.title += ` (${Math.max(...errors).toExponential(0)})`;
      for (const error of errors) expect(error).to.be.below(1e-2);
      expect(Math.max(...wasm.maps.flatMap(({ raw }) => raw.map(Math.abs)))).to.be.greaterThan(0);
    });

  it('20 explanations leave nothing on the GPU', async () => {
    const counts = await page.evaluate(async (side) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const channel = new BroadcastChannel('hooks');
      const explainer = await createExplainer('/plain.onnx', { device: 'webgpu', worker: '/hooked.js' });
      const counts: Hooked[] = [];
      for (let n = 0; n < 20; n++) {
        const data = Float32Array.from({ length: 3 * side * side }, (_, i) => Math.sin(i * (n + 1)));
        await explainer.explain({ data, shape: [3, side, side] }, { method: ['grad-cam', 'saliency'], target: n % 5 });
        counts.push(
          await new Promise((resolve) => {
            channel.onmessage = ({ data }) => resolve(data);
            channel.postMessage('ask');
          }),
        );
      }
      return counts;
    }, SIDE);
    const [, second, ...later] = counts;
    expect(second!.buffers).to.be.greaterThan(0);
    for (const { buffers, bytes } of later) {
      expect(buffers).to.equal(second!.buffers);
      expect(bytes).to.equal(second!.bytes);
    }
  });

  it('a GPU that goes away is an error that says what to do, and the next explainer works', async () => {
    const seen = await page.evaluate(async (side) => {
      const { createExplainer } = (await import('/bundle.js' as string)) as Web;
      const input = { data: new Float32Array(3 * side * side).fill(0.5), shape: [3, side, side] };
      const explainer = await createExplainer('/plain.onnx', { worker: '/hooked.js' });
      await explainer.explain(input);
      const first = explainer.device;
      const hooks = new BroadcastChannel('hooks');
      const destroyed = new Promise((resolve) => hooks.addEventListener('message', resolve));
      hooks.postMessage('lose');
      await destroyed;
      const failures: Failure[] = [];
      for (let times = 0; times < 2; times++)
        await explainer
          .explain({ ...input, data: input.data.map((x) => x + times) }, { target: 2 })
          .catch(({ code, message }: Failure) => failures.push({ code, message }));
      await explainer.dispose();
      const next = await createExplainer('/plain.onnx', { worker: '/hooked.js' });
      const { maps } = await next.explain(input);
      return { first, failures, next: next.device, maps: maps.length };
    }, SIDE);
    expect(seen).to.deep.include({ first: 'webgpu', next: 'webgpu', maps: 1 });
    expect(seen.failures.map(({ code }) => code)).to.deep.equal(['device-lost', 'device-lost']);
    expect(seen.failures[0]!.message).to.match(/^The GPU is no longer there .*Make another explainer; .*wasm/);
  });

  const created = (model: string, options: object) =>
    page.evaluate(
      async (model, options) => {
        const { createExplainer } = (await import('/bundle.js' as string)) as Web;
        return createExplainer(model, options).then(
          ({ device, model }) => ({ device, warnings: [...model.warnings], code: undefined, message: undefined }),
          ({ code, message }: Failure) => ({ device: undefined, warnings: [], code, message }),
        );
      },
      model,
      options,
    );

  for (const [worker, tensor] of [
    ['/wrong.js', 'logits'],
    ['/wrong-gradient.js', 'gradient/y1'],
  ] as const)
    it(`a GPU that computes ${tensor} wrongly is refused, and auto says why`, async () => {
      const refused = await created('/plain.onnx', { device: 'webgpu', worker });
      const reason = `WebGPU computes wrong numbers here: "${tensor}" of this model differs from wasm's by `;
      expect(refused).to.have.property('code', 'device-unavailable');
      expect(refused).to.have.property('message').that.contains(reason).and.contains("Use { device: 'wasm' }");
      const auto = await created('/plain.onnx', { worker });
      expect(auto).to.have.property('device', 'wasm');
      const [skipped] = auto.warnings;
      expect(skipped).to.have.property('code', 'device-skipped');
      expect(skipped!.message).to.contain(reason);
    });

  it('where noise leads to no numbers, nothing is held against the GPU, and that is said', async () => {
    const gpu = await explain('/logarithm.onnx', SIDE, { device: 'webgpu' }, 2);
    expect(gpu.device).to.equal('webgpu');
    const said = gpu.warnings.find(({ code }) => code === 'device-unchecked');
    expect(said!.message).to.match(
      /not all compared with wasm's: noise leads to no finite numbers in \d+ of \d+ places/,
    );
  });

  for (const device of ['webgpu', 'wasm'])
    it(`a tensor too large for ${device} is want of memory, in words`, async () => {
      const failure = await page.evaluate(
        async (device, side) => {
          const { createExplainer } = (await import('/bundle.js' as string)) as Web;
          const input = { data: new Float32Array(3 * side * side).fill(0.5), shape: [3, side, side] };
          const explainer = await createExplainer('/large.onnx', { device });
          return explainer.explain(input).then(
            () => undefined,
            ({ code, message }: Failure) => ({ code, message }),
          );
        },
        device,
        SIDE,
      );
      expect(failure).to.have.property('code', 'out-of-memory');
      expect(failure!.message).to.match(/there is not enough memory \(.+\)\. Take a smaller model or input/);
      expect(failure!.message).to.not.match(/\.(cc|h):\d+/);
    });
});
