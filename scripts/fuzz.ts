/** Tries mutated models: `npm run fuzz -- 200000 [first seed]`. Prints what they came to, and fails where one did what none may. */
import { fuzz } from '../test/support/fuzz.js';

const [count = 10_000, from = 0] = process.argv.slice(2).map(Number);
const begin = performance.now();
const report = await fuzz({
  from,
  count,
  loadOne: 20,
  onProgress: (done, failures) =>
    process.stderr.write(`\r${done} of ${count}, failures: ${failures.length} ${failures.at(-1) ?? ''}`),
});
process.stderr.write('\n');
const seconds = (performance.now() - begin) / 1000;
console.log(`${count} cases from seed ${from} in ${seconds.toFixed(0)} s`);
console.log(
  [...report.codes]
    .sort(([, a], [, b]) => b - a)
    .map(([code, times]) => `${code} ${times}`)
    .join(', '),
);
console.log(`slowest: ${report.slowest.time.toFixed(0)} ms of CPU time (seed ${report.slowest.seed})`);
console.log(
  `memory grew by ${Math.round(report.growth / 2 ** 20)} MB at most; loaded in onnxruntime: ${report.loaded}`,
);
for (const [reason, seed] of report.unforeseen) console.log(`unforeseen, seed ${seed}: ${reason}`);
for (const failure of report.failures) console.error(`FAILED ${failure}`);
process.exit(report.failures.length > 0 ? 1 : 0);
