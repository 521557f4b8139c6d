import { expect } from 'chai';
import fc from 'fast-check';
import { defaults, fromHash, modes, type Settings, toHash } from '../../../packages/web/demo/src/state/link.js';

const name = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });

const settings: fc.Arbitrary<Settings> = fc.record(
  {
    mode: fc.constantFrom(...modes),
    picture: name,
    model: name,
    scene: name,
    question: name,
    method: name,
    choice: fc.oneof(
      fc.constant({ kind: 'top' as const }),
      fc.record({ kind: fc.constant('class' as const), index: fc.nat(999) }),
      fc.record({
        kind: fc.constant('versus' as const),
        index: fc.integer({ min: 0, max: 9 }),
        other: fc.integer({ min: 10, max: 99 }),
      }),
    ),
    evidence: fc.constantFrom('for' as const, 'against' as const, 'both' as const),
    layer: name,
    compare: fc.oneof(
      fc.constantFrom({ kind: 'none' as const }, { kind: 'photo' as const }, { kind: 'random' as const }),
      fc.record({ kind: fc.constant('model' as const), model: name }),
    ),
    arrangement: fc.constantFrom('split' as const, 'beside' as const),
    view: fc.record({
      opacity: fc.integer({ min: 0, max: 100 }).map((n) => n / 100),
      colormap: fc.constantFrom('inferno' as const, 'jet' as const, 'viridis' as const, 'gray' as const),
      smooth: fc.boolean(),
      contours: fc.boolean(),
      base: fc.constantFrom('color' as const, 'gray' as const, 'hidden' as const),
      stretch: fc.boolean(),
    }),
  },
  { requiredKeys: ['mode', 'method', 'choice', 'evidence', 'layer', 'compare', 'arrangement', 'view'] },
);

describe('A link', () => {
  it('brings every setting back', () => {
    fc.assert(
      fc.property(settings, (wanted) => {
        expect(fromHash(`#${toHash(wanted)}`)).to.deep.equal(wanted);
      }),
    );
  });

  it('is empty where nothing was changed', () => {
    expect(toHash(defaults)).to.equal('');
    expect(fromHash('')).to.deep.equal(defaults);
  });

  it('reads whatever people write, and never fails', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        const { view, choice } = fromHash(hash);
        expect(view.opacity).to.be.within(0, 1);
        expect(choice.kind).to.be.oneOf(['top', 'class', 'versus']);
      }),
    );
  });

  it('takes nothing for more than it is', () => {
    const read = fromHash('#class=-1&opacity=7&colors=diverging&show=everything&beside=kept&photo=none');
    expect(read).to.deep.equal(defaults);
    expect(fromHash('#class=3&than=3').choice).to.deep.equal({ kind: 'class', index: 3 });
  });

  it('names a map that was kept as nothing, since the map is not in it', () => {
    expect(fromHash(toHash({ ...defaults, compare: { kind: 'kept' } })).compare).to.deep.equal({ kind: 'none' });
  });
});
