// A runtime for tests of core: onnxruntime-node on the CPU, and what was asked of it.
import type { ModelBytes, Runtime, Session, SessionOptions, Tensor } from '@saywhy/core';
import { onnxruntimeNode } from '@saywhy/node';

export interface TestRuntime extends Runtime {
  /** Runs of each session, in the order in which sessions were made. */
  readonly sessions: { runs: number; released: boolean; readonly bytes: number }[];
  /** Applied to what a session gives. */
  tamper?: (results: Record<string, Tensor>) => Record<string, Tensor>;
}

export function testRuntime(): TestRuntime {
  const runtime: TestRuntime = {
    name: 'onnxruntime-node',
    version: 'test',
    sessions: [],
    devices: async () => ['cpu'],
    async createSession(model: ModelBytes, options: SessionOptions): Promise<Session> {
      const session = await onnxruntimeNode.createSession(model, { ...options, device: 'cpu' });
      const entry = { runs: 0, released: false, bytes: model.bytes.length };
      runtime.sessions.push(entry);
      return {
        async run(feeds) {
          entry.runs++;
          const results = await session.run(feeds);
          return runtime.tamper ? runtime.tamper(results) : results;
        },
        async release() {
          entry.released = true;
          await session.release();
        },
      };
    },
  };
  return runtime;
}
