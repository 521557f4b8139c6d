// A runtime for tests of core: onnxruntime-node on the CPU, and what was asked of it.
import type { ModelBytes, Runtime, Session } from '@saywhy/core';
import * as ort from 'onnxruntime-node';

ort.env.logLevel = 'fatal';

export interface TestRuntime extends Runtime {
  /** Runs of each session, in the order in which sessions were made. */
  readonly sessions: { runs: number; released: boolean; readonly bytes: number }[];
  /** Applied to what a session gives. */
  tamper?: (results: Record<string, ort.Tensor>) => Record<string, ort.Tensor>;
}

export function testRuntime(): TestRuntime {
  const runtime: TestRuntime = {
    name: 'onnxruntime-node',
    version: 'test',
    sessions: [],
    devices: async () => ['cpu'],
    async createSession(model: ModelBytes): Promise<Session> {
      const external = Object.entries(model.external ?? {}).map(([path, data]) => ({ path, data }));
      const session = await ort.InferenceSession.create(model.bytes, {
        logSeverityLevel: 4,
        ...(external.length > 0 && { externalData: external }),
      });
      const entry = { runs: 0, released: false, bytes: model.bytes.length };
      runtime.sessions.push(entry);
      return {
        async run(feeds) {
          entry.runs++;
          const results = await session.run(feeds);
          return runtime.tamper ? runtime.tamper(results as Record<string, ort.Tensor>) : results;
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
