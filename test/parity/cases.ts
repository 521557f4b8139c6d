// What scripts/parity_cases.py wrote: models, inputs, and what PyTorch says of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One way in which an architecture came to be a file. */
export interface ParityFile {
  readonly model: string;
  /** The same as the exporter left it, in which modules have their names. */
  readonly plain: string;
  readonly exporter: string;
  readonly opset: number;
  readonly variant: 'plain' | 'optimised' | 'folded';
}

export interface ParityCase {
  readonly name: string;
  readonly files: readonly ParityFile[];
  readonly input: readonly number[];
  readonly class: number;
  readonly layer: { readonly module: string; readonly shape: readonly number[] };
  readonly cam?: { readonly module: string; readonly shape: readonly number[]; readonly size: readonly number[] };
  readonly noise: { readonly logits: number; readonly gradient: number; readonly inputGradient: number };
}

/** What scripts/parity_cases.py was asked for. */
export interface ParityRun {
  readonly turn: number | null;
  readonly names: readonly string[];
  /** Whether those are all that there are. */
  readonly complete: boolean;
  /** By architecture and exporter, what the exporter says where it fails. */
  readonly without: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export const folder = process.env.SAYWHY_PARITY ?? '';
export const python = process.env.SAYWHY_PYTHON ?? '';
if (!existsSync(folder) || !existsSync(python))
  throw new Error(
    'Run scripts/parity.sh: it writes the cases and names their folder in SAYWHY_PARITY, and Python in SAYWHY_PYTHON.',
  );

export const cases: readonly ParityCase[] = readdirSync(folder)
  .filter((name) => existsSync(join(folder, name, 'case.json')))
  .map((name) => JSON.parse(readFileSync(join(folder, name, 'case.json'), 'utf8')) as ParityCase);

export const parityRun = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as ParityRun;

export function bytesOf({ name }: ParityCase, file: string): Uint8Array {
  return readFileSync(join(folder, name, file));
}

export function floatsOf(test: ParityCase, file: string): Float32Array {
  return new Float32Array(new Uint8Array(bytesOf(test, file)).buffer);
}

/** The bound of the project, or three times what PyTorch's own float32 is off where that is more. */
export function bound(noise: number): number {
  return Math.max(1e-4, 3 * noise);
}
