import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../../packages/node/src/cli/main.js';

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process, as if its output went to files; `terminal`: as if it went to a terminal. */
export async function run(argv: readonly string[], options: { readonly terminal?: boolean } = {}): Promise<Outcome> {
  const isTTY = options.terminal ?? false;
  const before = process.exitCode;
  let stdout = '';
  let stderr = '';
  try {
    await main(argv, {
      stdout: { isTTY, write: (text) => (stdout += text) },
      stderr: { isTTY, columns: 100, write: (text) => (stderr += text) },
    });
    return { code: Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.exitCode = before;
  }
}

/** A folder that is there for the tests of one `describe`. */
export function temporaryFolder(): () => string {
  let folder = '';
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'saywhy-test-'));
  });
  after(() => rm(folder, { recursive: true }));
  return () => folder;
}

const root = new URL('../../../', import.meta.url);

export const sample = (name: string): string => fileURLToPath(new URL(`samples/${name}`, root));

export const net = (name: string): string => fileURLToPath(new URL(`test/fixtures/nets/${name}`, root));
