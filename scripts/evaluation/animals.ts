// Pictures of two animals, one above the other, so that boxes are right by construction: what the paper's PASCAL pictures were to it.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Jimp } from 'jimp';

const SIDE = 448;
const HALF = SIDE / 2;

/** Samples with the label that ImageNet has for what they show. */
const animals = {
  dog: 'German shepherd',
  panda: 'giant panda',
  koala: 'koala',
  bison: 'bison',
  jaguars: 'jaguar',
  macaw: 'macaw',
  'polar-bear': 'ice bear',
  hens: 'hen',
} as const;

type Animal = keyof typeof animals;

const pairs: readonly (readonly [Animal, Animal])[] = [
  ['dog', 'panda'],
  ['koala', 'bison'],
  ['macaw', 'jaguars'],
  ['hens', 'polar-bear'],
];

const samples = fileURLToPath(new URL('../../samples/', import.meta.url));

/** Writes the pictures and what is asked of them; gives the file of cases. */
export async function composeAnimals(folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const cases: object[] = [];
  for (const pair of pairs) {
    const image = `${pair.join('-and-')}.png`;
    const square = new Jimp({ width: SIDE, height: SIDE });
    for (const [i, name] of pair.entries()) {
      const photograph = await Jimp.read(join(samples, `${name}.jpg`));
      square.composite(photograph.cover({ w: SIDE, h: HALF }), 0, i * HALF);
    }
    await square.write(join(folder, image) as `${string}.png`);
    const boxes = pair.map((_, i) => [[0, i * HALF, SIDE, (i + 1) * HALF]]);
    pair.forEach((name, i) => {
      cases.push({ image, target: animals[name], mask: { boxes: boxes[i] }, others: { boxes: boxes[1 - i] } });
    });
  }
  const file = join(folder, 'cases.json');
  await writeFile(file, JSON.stringify({ cases }, null, 2));
  return file;
}
