// The worker: bundled into one file, dist/worker.js.
import { expose } from 'comlink';
import type { Told } from '../remote/protocol.js';
import { ExplainerHost } from './host.js';

expose(new ExplainerHost((call, progress) => postMessage({ call, progress } satisfies Told)));
