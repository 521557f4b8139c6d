// Explanations of small networks of every family, on WebGPU and on the CPU. Run by webgpu.test.ts on SwiftShader.
import { fileURLToPath } from 'node:url';
import { createExplainer, type Device } from '@saywhy/node';
import { relativeError } from '../../support/golden.js';
import { normal } from '../../support/random.js';
import { answerWith } from '../../support/swiftshader.js';

export interface NetOnWebGpu {
  readonly file: string;
  readonly layer: string;
  readonly device: string;
  /** Relative L2 distance of the gradient from the CPU's. */
  readonly error: number;
}

/** One export of each family whose gradients take other rules. */
const files = ['dense', 'efficient', 'norms', 'segmentation', 'swin'].map((name) => `${name}.torchscript.onnx`);
const folder = fileURLToPath(new URL('../../fixtures/nets/', import.meta.url));

/** Some function of all scores, whatever their shape. */
const towards = (scores: { readonly data: ArrayLike<number> }) => {
  const gradient = Float32Array.from(scores.data, normal(5));
  return { value: 0, gradient };
};

async function gradientsOf(file: string, device: Device) {
  const explainer = await createExplainer(`${folder}${file}`, { device });
  try {
    const sizes = explainer.model.inputs[0]!.shape!.map((size, axis) =>
      typeof size === 'number' ? size : axis === 0 ? 1 : 64,
    );
    const next = normal(3);
    const input = { data: Float32Array.from({ length: sizes.reduce((a, b) => a * b, 1) }, next), shape: sizes };
    const layers = ['input', ...(explainer.model.layers.length > 0 ? ['auto'] : [])];
    const found = [];
    for (const layer of layers) {
      const [gradient] = await explainer.gradients(input, { layer, target: towards });
      found.push({ layer, device: explainer.device, data: gradient!.gradient.data as Float32Array });
    }
    return found;
  } finally {
    await explainer.dispose();
  }
}

const results: NetOnWebGpu[] = [];
for (const file of files) {
  const [cpu, gpu] = [await gradientsOf(file, 'cpu'), await gradientsOf(file, 'webgpu')];
  for (const [index, { data, ...others }] of gpu.entries())
    results.push({ file, ...others, error: relativeError(data, cpu[index]!.data) });
}
answerWith(results);
