// The worker: bundled into one file, dist/worker.js.
import { expose } from 'comlink';
import { ExplainerHost } from './host.js';

expose(new ExplainerHost());
