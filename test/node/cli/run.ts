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

interface RunOptions {
  /** As if the output went to a terminal, not to files. */
  readonly terminal?: boolean;
  /** `NO_COLOR` as the command finds it; CI sets it around the tests, so that it is never theirs. */
  readonly noColor?: string;
}

/** Runs the command in this process. */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  const isTTY = options.terminal ?? false;
  const before = process.exitCode;
  const { TERM = '', NO_COLOR = '' } = process.env;
  Object.assign(process.env, { TERM: 'xterm', NO_COLOR: options.noColor ?? '' });
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
    Object.assign(process.env, { TERM, NO_COLOR });
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
