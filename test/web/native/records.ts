// One gradient of every record on WebGPU and on the CPU. Run by webgpu.test.ts on SwiftShader; the names of records as arguments are for looking closer.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  differentiableTensors,
  differentiate,
  extract,
  type Model,
  requiredInputs,
  writeModel,
} from '@saywhy/autodiff';
import * as ort from 'onnxruntime-node';
import { needsChannelsFirst } from '../../../packages/core/src/sessions/layout.js';
import { modelOf } from '../../support/call-models.js';
import { relativeError } from '../../support/golden.js';
import { type OperatorCall, operatorCalls } from '../../support/operator-calls.js';
import { random } from '../../support/random.js';
import { answerWith } from '../../support/swiftshader.js';

export interface RecordOnWebGpu {
  readonly op: string;
  /** Relative L2 distance of all gradients from the CPU's. */
  readonly error?: number;
  /** Why WebGPU did not run it. */
  readonly failure?: string;
  /** Operators that the gradient added and the CPU ran. */
  readonly fallbacks?: readonly string[];
}

/** The newest operator set whose operators WebGPU knows. */
const OPSET = 21;
const folder = mkdtempSync(join(tmpdir(), 'saywhy-webgpu-'));

type Feeds = Record<string, ort.Tensor>;

async function run(model: Model, feeds: Feeds, device: 'cpu' | 'webgpu') {
  const first = device === 'webgpu' && needsChannelsFirst(model);
  const session = await ort.InferenceSession.create(writeModel(model), {
    executionProviders: [first ? { name: 'webgpu', preferredLayout: 'NCHW' } : device],
    logSeverityLevel: 4,
    enableProfiling: true,
    profileFilePrefix: join(folder, device),
  });
  try {
    return await session.run(feeds);
  } finally {
    session.endProfiling();
    await session.release();
  }
}

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly args?: { readonly provider?: string; readonly op_name?: string };
}

/** The nodes that the CPU ran in the last run on WebGPU, by name. */
function nodesOnCpu(): { readonly name: string; readonly op: string }[] {
  const file = readdirSync(folder).find((name) => name.startsWith('webgpu'))!;
  const events = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Event[];
  return events
    .filter(({ cat, args }) => cat === 'Node' && args?.provider === 'CPUExecutionProvider')
    .map(({ name, args }) => ({ name: name.replace(/_kernel_time$/, ''), op: args!.op_name! }));
}

async function compare(op: string, call: OperatorCall): Promise<RecordOnWebGpu | undefined> {
  const opset = [OPSET, 23, 9].find((version) => modelOf(op, call, version, false));
  const model = opset && modelOf(op, call, opset, false);
  if (!model) return undefined;
  // The result itself, as real numbers: of the sum of a softmax's there is no gradient.
  const of = 'real0';
  const able = differentiableTensors(model, of);
  const wrt = model.graph.inputs.map(({ name }) => name).filter((name) => able.has(name));
  if (wrt.length === 0) return undefined;
  const gradients = wrt.map((name) => `gradient/${name}`);
  const feeds = feedsOf(model);
  let [expected, joined]: [Record<string, ort.Tensor>, Model] = [{}, model];
  try {
    const forward = extract(model, { inputs: [], outputs: [of] });
    const { [of]: result } = await run(forward, feeds, 'cpu');
    const next = random(2);
    const cotangent = Float32Array.from({ length: result!.size }, () => 2 * next() - 1);
    feeds[`cotangent/${of}`] = new ort.Tensor('float32', cotangent, result!.dims);
    joined = extract(differentiate(model, { of, wrt }), { inputs: [], outputs: [of, ...gradients] });
    expected = await run(joined, feeds, 'cpu');
  } catch {
    return undefined;
  }
  try {
    const found = await run(joined, feeds, 'webgpu');
    const error = Math.max(...gradients.map((name) => distance(found[name]!, expected[name]!)));
    const added = nodesOnCpu().filter(({ name }) => name.startsWith('backward/'));
    return { op, error, fallbacks: [...new Set(added.map((node) => node.op))].sort() };
  } catch (error) {
    return { op, failure: error instanceof Error ? error.message : String(error) };
  }
}

function distance(found: ort.Tensor, expected: ort.Tensor): number {
  return relativeError(found.data as Float32Array, expected.data as Float32Array);
}

/** Between 0.2 and 0.8, where every operator but one has a value, and most no kink. */
function feedsOf(model: Model): Feeds {
  const next = random(1);
  const least = model.graph.nodes.some(({ opType }) => opType === 'Acosh') ? 1.2 : 0.2;
  return Object.fromEntries(
    requiredInputs(model.graph).map(({ name, shape }) => {
      const dims = shape as readonly number[];
      const size = dims.reduce((product, length) => product * length, 1);
      return [
        name,
        new ort.Tensor(
          'float32',
          Float32Array.from({ length: size }, () => least + 0.6 * next()),
          dims,
        ),
      ];
    }),
  );
}

const results: RecordOnWebGpu[] = [];
const wanted = process.argv.slice(2);
for (const [op, calls] of Object.entries(operatorCalls))
  for (const call of wanted.length === 0 ? calls.slice(0, 1) : wanted.includes(op) ? calls : []) {
    const result = await compare(op, call);
    if (result) results.push(result);
    for (const file of readdirSync(folder)) rmSync(join(folder, file));
  }
rmSync(folder, { recursive: true });
answerWith(results);
