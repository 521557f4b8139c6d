/**
 * Speed as ratios to the plain forward run of the same model in the same process: `npm run bench [model ...]`.
 * Models are exported at random weights by scripts/export_model.py; where Python has them, pytorch-grad-cam and torchcam are timed in turn.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { differentiate, parseModel, requiredInputs, writeModel } from '@saywhy/autodiff';
import { createExplainer } from '@saywhy/node';
import * as ort from 'onnxruntime-node';
import { Peer } from './peer.js';
import { median, pair } from './timing.js';

const folder = new URL('models/', import.meta.url);
/** One: threads of two sessions that wait for work by spinning would slow each other. */
const threads = 1;
/** A run of a large model is a long measurement already. */
const runsOf = (name: string) => (name.startsWith('vit') ? 3 : 9);
/** What Python has layers named for. */
const peerModels: readonly string[] = ['resnet18', 'resnet50', 'mobilenet_v3_small', 'efficientnet_b0'];
const peers: readonly string[] = ['forward', 'pytorch-grad-cam', 'torchcam'];

/** The bars of the design, as ratios to the forward run. */
const bars: Readonly<Record<string, number>> = {
  resnet50: 2.3,
  efficientnet_b0: 3.2,
  mobilenet_v3_small: 4.5,
  vit_base_patch16_224: 3,
};

function python(): string | undefined {
  const candidates = [process.env.SAYWHY_PYTHON, new URL('../.venv/bin/python', import.meta.url).pathname];
  return candidates.find((path) => path !== undefined && existsSync(path));
}

function modelBytes(name: string): Uint8Array {
  const file = new URL(`${name}.onnx`, folder);
  if (!existsSync(file)) {
    const interpreter = python();
    if (!interpreter)
      throw new Error('The models are exported by Python: run scripts/parity.sh once, or name one in SAYWHY_PYTHON.');
    mkdirSync(folder, { recursive: true });
    const script = new URL('../scripts/export_model.py', import.meta.url).pathname;
    // torchvision's vision transformers begin with a head of zeros, and so with no gradient at all.
    const source = name.startsWith('vit') ? 'timm' : 'torchvision';
    execFileSync(interpreter, [script, `${source}:${name}`, '--out', file.pathname], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  return readFileSync(file);
}

const ratio = (first: number, second: number) => (second / first).toFixed(2);
const format = (milliseconds: number) => `${milliseconds.toFixed(milliseconds < 10 ? 2 : 1)} ms`;

async function benchModel(name: string): Promise<string[]> {
  const runs = runsOf(name);
  const bytes = modelBytes(name);
  const options = { graphOptimizationLevel: 'all' as const, intraOpNumThreads: threads, logSeverityLevel: 3 as const };
  const session = await ort.InferenceSession.create(bytes, options);
  const input = requiredInputs(parseModel(bytes).graph)[0]!.name;
  const data = Float32Array.from({ length: 3 * 224 * 224 }, (_, index) => Math.sin(index * 0.013));
  const shape = [1, 3, 224, 224];
  const forward = () => session.run({ [input]: new ort.Tensor('float32', data, shape) });
  const explainer = await createExplainer(bytes, { device: 'cpu', threads });
  // Another input each time: of the same one, nothing would run forward again.
  const another = () => {
    data[0]! += 0.001;
    return { data, shape };
  };
  const explain = (count: number) => () =>
    explainer.explain(another(), { target: Array.from({ length: count }, (_, index) => 7 * index) });

  const cam = await pair(forward, explain(1), runs);
  const ten = await pair(explain(1), explain(10), runs);
  const further = (ten.second - ten.first) / 9;
  const deep = await pair(forward, () => explainer.gradients(another(), { target: 7, layer: 'input' }), runs);
  const beside = peer && peerModels.includes(name) ? await benchPeers(peer, name, explain(1)) : [];
  await explainer.dispose();
  await session.release();
  const bar = bars[name] ? ` (bar ${bars[name]})` : '';
  return [
    name,
    format(cam.first),
    `${format(cam.second)} = ${ratio(cam.first, cam.second)} x, + ${format(cam.second - 1.05 * cam.first)} over 1.05 x`,
    format(further),
    `${format(deep.second)} = ${ratio(deep.first, deep.second)} x${bar}`,
    ...beside,
  ];
}

/** Grad-CAM in Python, in its own process, in turn with ours. */
async function benchPeers(peer: Peer, name: string, explain: () => Promise<unknown>): Promise<string[]> {
  await peer.ask(`load ${name}`);
  const cells: string[] = [];
  for (const what of peers) {
    const { first, second } = await pair(() => peer.ask(what), explain, runsOf(name));
    cells.push(`${format(first)} = ${ratio(second, first)} x ours`);
  }
  return cells;
}

/** Parsing, differentiating with respect to the input, and writing, all in memory; and by how much the process grows from after parsing. */
function benchPreparation(name: string): string {
  const bytes = modelBytes(name);
  const times: number[] = [];
  let growth = 0;
  for (let run = 0; run < 5; run++) {
    const start = performance.now();
    const model = parseModel(bytes);
    const before = process.memoryUsage.rss();
    const written = writeModel(
      differentiate(model, { of: model.graph.outputs[0]!.name, wrt: [requiredInputs(model.graph)[0]!.name] }),
    );
    times.push(performance.now() - start);
    growth = Math.max(growth, (process.memoryUsage.rss() - before) / written.length);
  }
  return `prepare ${name} (${(bytes.length / 1e6).toFixed(0)} MB): ${format(median(times))}, memory grows by ${growth.toFixed(2)} x the file`;
}

const named = process.argv.slice(2);
const names =
  named.length > 0 ? named : ['resnet18', 'resnet50', 'mobilenet_v3_small', 'efficientnet_b0', 'vit_base_patch16_224'];
const interpreter = python();
const peer = interpreter === undefined ? undefined : new Peer(interpreter);
const header = ['model', 'forward', 'Grad-CAM, last layer', 'a further class', 'gradient to the input'];
if (peer) header.push(...peers.map((what) => `${what} in Python`));
console.log(`| ${header.join(' | ')} |\n|${header.map(() => '---').join('|')}|`);
for (const name of names) console.log(`| ${(await benchModel(name)).join(' | ')} |`);
console.log(`\n${benchPreparation(names.includes('resnet50') ? 'resnet50' : names[0]!)}`);
peer?.end();
