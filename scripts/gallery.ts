/** Makes the README's pictures in docs/images with the library itself: `npm run gallery`. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createExplainer, type Explanation, loadPicture, methods, overlay, type Picture } from '@saywhy/node';
import { Jimp } from 'jimp';

const folder = new URL('../docs/images/', import.meta.url);
const size = 224;

async function saveJpeg({ data, width, height }: Picture, name: string): Promise<void> {
  const image = new Jimp({ data: Buffer.from(data), width, height });
  image.resize({ w: size, h: size });
  await image.write(`${fileURLToPath(new URL(name, folder))}.jpg`, { quality: 80 });
}

/** The part of an overlay that the model saw. */
function seen(explanation: Explanation, map: number): Picture {
  const drawn = overlay(explanation, { map });
  const { x, y, width, height } = explanation.region!;
  const image = new Jimp({ data: Buffer.from(drawn.data), width: drawn.width, height: drawn.height });
  image.crop({ x: Math.round(x), y: Math.round(y), w: Math.round(width), h: Math.round(height) });
  return { data: image.bitmap.data, width: image.bitmap.width, height: image.bitmap.height };
}

mkdirSync(folder, { recursive: true });
const picture = await loadPicture(fileURLToPath(new URL('../samples/cat-and-dog.png', import.meta.url)));
await saveJpeg(picture, 'cat-and-dog');

const explainer = await createExplainer('efficientnet-lite0');
const cams = await explainer.explain(picture, { target: ['tabby', 'German shepherd'] });
await saveJpeg(overlay(cams, { map: 0 }), 'tabby');
await saveJpeg(overlay(cams, { map: 1 }), 'german-shepherd');

for (const { name } of methods)
  await saveJpeg(seen(await explainer.explain(picture, { method: name, target: 'German shepherd' }), 0), name);
await explainer.dispose();
