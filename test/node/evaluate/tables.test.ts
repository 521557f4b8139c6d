// Tables, summaries and CSV from results that are known.
import { readFileSync } from 'node:fs';
import { metrics as allMetrics, findMetric } from '@saywhy/core/metrics';
import { expect } from 'chai';
import { summaryCsv, valuesCsv } from '../../../packages/node/src/evaluate/csv.js';
import type { Results, Value } from '../../../packages/node/src/evaluate/results.js';
import { mapTimes, summaryOf } from '../../../packages/node/src/evaluate/summary.js';
import { listOfMetrics, metricTable } from '../../../scripts/evaluation/tables.js';

const value = (metric: string, number: Value['value'], more: Partial<Value> = {}): Value => ({
  method: 'grad-cam',
  metric,
  value: number,
  milliseconds: 10,
  ...more,
});

const results: Results = {
  saywhy: 'evaluation',
  settings: { model: 'm', scores: 'logits (softmax)', layer: 'auto', seed: 0, device: 'cpu', versions: {} },
  cases: [
    {
      key: 'a',
      image: 'a, b.png',
      target: { text: 'cat "tabby"', score: 3 },
      values: [
        value('insertion', 0.25, { curve: [0, 0.5] }),
        value('inside-outside', 'infinity'),
        value('sanity-cascading', -0.5, { stage: 1 }),
        value('sanity-cascading', 0.25, { stage: 0 }),
      ],
      maps: { 'grad-cam': 4 },
      shared: {},
      left: [],
    },
    {
      key: 'b',
      image: 'b.png',
      values: [value('insertion', 0.75, { curve: [0.5, 1] }), value('inside-outside', 2), value('inside-outside', 3)],
      maps: { 'grad-cam': 8 },
      shared: {},
      left: [],
    },
  ],
};
const metrics = ['insertion', 'inside-outside', 'sanity-cascading'].map(findMetric);

describe('results of an evaluation', () => {
  it('are summarised by method and metric', () => {
    const [insertion, ratio, sanity] = summaryOf(results, ['grad-cam', 'cam'], metrics);
    expect(insertion).to.deep.include({ count: 2, value: 0.5, interval: [0.25, 0.75], curve: [0.25, 0.75] });
    expect(ratio).to.include({ count: 3, value: 3 });
    // The stages in their order; their mean has no sign.
    expect(sanity).to.deep.include({ count: 1, value: 0.375, curve: [0.25, -0.5], milliseconds: 20 });
    expect(mapTimes(results, ['grad-cam'])).to.deep.equal([{ method: 'grad-cam', milliseconds: 6 }]);
  });

  it('are CSV that quotes what it has to', () => {
    const rows = valuesCsv(results).trimEnd().split('\n');
    expect(rows[1]).to.equal('"a, b.png","cat ""tabby""",grad-cam,insertion,0.25,10.0');
    expect(rows).to.include('"a, b.png","cat ""tabby""",grad-cam,inside-outside,infinity,10.0');
    expect(rows).to.have.length(1 + 3 + 3);
    const summary = summaryCsv(summaryOf(results, ['grad-cam'], metrics))
      .trimEnd()
      .split('\n');
    expect(summary[1]).to.equal('grad-cam,insertion,2,0.5,0.25,0.75,10.0');
    expect(summary).to.include('grad-cam,sanity-cascading,1,0.375,,,20.0');
  });

  it('are tables of the docs', () => {
    expect(metricTable(results, ['insertion', 'sanity-cascading']).split('\n')).to.deep.equal([
      '|  | Insertion ↑ | Sanity check, cascading ↓ |',
      '|---|---|---|',
      '| Grad-CAM | 0.50 (0.25 to 0.75) | 0.38 |',
    ]);
  });
});

describe('docs/evaluation.md', () => {
  const page = readFileSync(new URL('../../../docs/evaluation.md', import.meta.url), 'utf8');

  it('lists the metrics as the code has them (npm run evaluation)', () => {
    expect(page).to.include(`<!-- metrics -->\n${listOfMetrics()}\n<!-- /metrics -->`);
  });

  it('is what the README says of it', () => {
    const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
    expect(readme).to.include(`every method by ${allMetrics.length} metrics`);
  });

  it('has all its tables filled', () => {
    for (const name of ['paper', 'faithful', 'placed', 'trusted', 'scenes', 'captions', 'time']) {
      const table = page.split(`<!-- ${name} -->`)[1]?.split(`<!-- /${name} -->`)[0] ?? '';
      expect(table.trim().split('\n').length, name).to.be.above(5);
    }
  });
});
