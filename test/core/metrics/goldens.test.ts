// Metrics against independent implementations: scripts/metric_goldens.py says which.
import { readFileSync } from 'node:fs';
import { createExplainer, type Explainer, type Method } from '@saywhy/core';
import {
  above,
  averageDrop,
  averageIncrease,
  boxAround,
  boxOf,
  deletion,
  discrimination,
  energyInside,
  entropy,
  evaluate,
  gini,
  imputed,
  insertion,
  insideOutside,
  largestSegment,
  type Mask,
  pointsInside,
  rankCorrelation,
  road,
  segmentationIou,
} from '@saywhy/core/metrics';
import { expect } from 'chai';
import { strongestFirst } from '../../../packages/core/src/metrics/order.js';
import { removedPlaces, withoutPlaces } from '../../../packages/core/src/metrics/road.js';
import { distance, fixtures, floatsOf, type GoldenArray, readGolden } from '../../support/golden.js';
import { testRuntime } from '../../support/runtime.js';

interface Walk {
  readonly curve: readonly number[];
  readonly area: number;
}

interface Goldens {
  readonly map: GoldenArray;
  readonly second: GoldenArray;
  readonly spearman: number;
  readonly distances: readonly [number, number];
  readonly energy: number;
  readonly ratio: number;
  readonly segments: number;
  readonly box: readonly number[];
  readonly largest: number;
  readonly maskBox: readonly number[];
  readonly iou: number;
  readonly discrimination: number;
  readonly entropy: number;
  readonly gini: number;
  readonly net: {
    readonly index: number;
    readonly probability: number;
    readonly drop: number;
    readonly increase: number;
    readonly insertion: Walk;
    readonly deletion: Walk;
    readonly road: readonly number[];
    readonly filled: Readonly<Record<string, GoldenArray>>;
  };
}

const goldens = readGolden<Goldens>('metrics/goldens.json');
const map = { data: floatsOf(goldens.map), shape: [32, 32] };
const input = { data: floatsOf(readGolden<GoldenArray>('nets/input.json')), shape: [1, 3, 32, 32] };
const image = { data: input.data, shape: [3, 32, 32] };

const maskWhere = (inside: (x: number, y: number) => boolean): Mask => ({
  data: Uint8Array.from({ length: 32 * 32 }, (_, i) => Number(inside(i % 32, Math.floor(i / 32)))),
  shape: [32, 32],
});
const mask = maskWhere((x, y) => Math.hypot(x - 20.3, y - 10.1) < 6.2);
const other = maskWhere((x, y) => x >= 3 && x < 12 && y >= 16 && y < 27);

describe('metrics of a map, against SciPy and scikit-image', () => {
  it('the distance to the peak decides the pointing game', () => {
    [mask, other].forEach((area, i) => {
      const away = goldens.distances[i]!;
      expect(pointsInside(map, area, away + 1e-6)).to.equal(true);
      expect(pointsInside(map, area, away - 1e-3)).to.equal(false);
    });
    expect(goldens.distances[1]).to.be.above(3);
  });

  it('sums inside and outside', () => {
    expect(energyInside(map, mask)).to.be.closeTo(goldens.energy, 1e-6);
    expect(insideOutside(map, mask)).to.be.closeTo(goldens.ratio, 1e-5 * goldens.ratio);
    expect(discrimination(map, mask, other)).to.be.closeTo(goldens.discrimination, 1e-6);
    expect(segmentationIou(map, mask)).to.be.closeTo(goldens.iou, 1e-9).and.above(0.02);
  });

  it('segments and boxes', () => {
    expect(goldens.segments, 'more than one to choose from').to.be.above(1);
    const largest = largestSegment(above(map, 0.15));
    expect(largest.data.reduce((sum, one) => sum + one, 0)).to.equal(goldens.largest);
    expect(boxOf(map)).to.deep.equal(goldens.box);
    expect(boxAround(mask)).to.deep.equal(goldens.maskBox);
  });

  it('entropy, Gini index and rank correlation', () => {
    expect(entropy(map)).to.be.closeTo(goldens.entropy, 1e-5);
    expect(gini(map)).to.be.closeTo(goldens.gini, 1e-6);
    expect(rankCorrelation(map.data, floatsOf(goldens.second))).to.be.closeTo(goldens.spearman, 1e-9);
  });
});

describe('metrics that run a net, against pytorch-grad-cam, torchcam and SciPy', () => {
  const { net } = goldens;
  const given: Method = {
    name: 'given',
    title: 'Given',
    paper: { title: 'none', url: 'https://example.org' },
    needs: ['input'],
    signed: false,
    map: () => ({ data: map.data.slice(), shape: [...map.shape] }),
  };
  let explainer: Explainer;
  before(async () => {
    const file = new URL('nets/plain.torchscript.onnx', fixtures);
    explainer = await createExplainer(readFileSync(file), { runtime: testRuntime() });
  });
  after(() => explainer.dispose());
  const measure = async (metric: typeof road) => {
    const { measurements, target } = await evaluate(explainer, input, { method: [given], metric: [metric] });
    expect(target?.index).to.equal(net.index);
    return measurements[0]!;
  };

  it('average drop and increase', async () => {
    expect((await measure(averageDrop)).value).to.be.closeTo(net.drop, 1e-5);
    expect((await measure(averageIncrease)).value).to.equal(net.increase);
  });

  for (const metric of [insertion, deletion])
    it(`${metric.name}: the curve and the area under it`, async () => {
      const expected = net[metric.name as 'insertion' | 'deletion'];
      const { value, curve } = await measure(metric);
      expect(value).to.be.closeTo(expected.area, 1e-4);
      expect(curve).to.have.length(expected.curve.length);
      curve!.forEach((probability, i) => {
        expect(probability, `step ${i}`).to.be.closeTo(expected.curve[i]!, 1e-4);
      });
    });

  it('linear imputation', () => {
    const strongest = strongestFirst(map.data, 0);
    for (const [name, golden] of Object.entries(net.filled)) {
      const order = name.startsWith('morf') ? strongest : strongest.slice().reverse();
      const removed = removedPlaces(order, Number(name.slice(4)) / 100);
      expect(distance(imputed(image, removed, 1e-7), golden), name).to.be.below(1e-5);
      expect(distance(withoutPlaces(image, removed, 0, 0), golden), `${name}, as it is used`).to.be.below(2e-3);
    }
  });

  it('ROAD, whose noise moves it little', async () => {
    const { value, curve } = await measure(road);
    curve!.forEach((half, i) => {
      expect(half).to.be.closeTo(net.road[i]!, 4e-3);
    });
    expect(value).to.be.closeTo(net.road.reduce((sum, one) => sum + one, 0) / net.road.length, 3e-3);
  });
});
