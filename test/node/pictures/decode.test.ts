import { readdirSync } from 'node:fs';
import { loadPicture } from '@saywhy/node';
import { expect } from 'chai';

const fixtures = new URL('./fixtures/', import.meta.url);

/** The largest difference from what Pillow makes of the file, and the mean one, over the colour channels. */
async function differenceFromPillow(name: string): Promise<{ size: boolean; largest: number; mean: number }> {
  const picture = await loadPicture(new URL(name, fixtures));
  const expected = await loadPicture(new URL(`expected/${name}.png`, fixtures));
  const size = picture.width === expected.width && picture.height === expected.height;
  let largest = 0;
  let sum = 0;
  for (let i = 0; i < expected.data.length; i++) {
    if (i % 4 === 3) continue;
    const difference = Math.abs(picture.data[i]! - expected.data[i]!);
    largest = Math.max(largest, difference);
    sum += difference;
  }
  return { size, largest, mean: sum / (expected.data.length * 0.75) };
}

/** Lossless files have to agree exactly; decoders of lossy ones round differently, and differ in how they enlarge colour. */
const tolerances: readonly (readonly [pattern: RegExp, largest: number, mean: number])[] = [
  [/^subsampled\.jpg/, 80, 6],
  [/^lossy\./, 40, 3],
  [/\.(jpg|avif)$/, 4, 1.5],
  [/./, 0, 0],
];

const names = readdirSync(fixtures).filter((name) => name !== 'animated.webp' && name !== 'expected');

describe('pictures: what comes out is what Pillow sees', () => {
  for (const name of names) {
    it(name, async () => {
      const [, largest, mean] = tolerances.find(([pattern]) => pattern.test(name))!;
      const difference = await differenceFromPillow(name);
      expect(difference.size, 'width and height').to.equal(true);
      expect(difference.largest).to.be.at.most(largest);
      expect(difference.mean).to.be.at.most(mean);
    });
  }

  it('reads every format and every orientation', () => {
    for (const extension of ['jpg', 'webp', 'avif', 'png', 'tiff']) {
      for (let n = 1; n <= 8; n++) expect(names).to.include(`exif-${n}.${extension}`);
    }
  });
});
