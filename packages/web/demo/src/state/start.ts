// How the page opens: with the bundled model, the first sample, and what the address says.
import { batch } from '@preact/signals';
import lite0 from '@saywhy/models/efficientnet-lite0.onnx?url';
import lite2 from '@saywhy/models/efficientnet-lite2.onnx?url';
import manifest from '@saywhy/models/manifest.json';
import scenesCaption from '@saywhy/models/scenes-caption.onnx?url';
import scenesVqa from '@saywhy/models/scenes-vqa.onnx?url';
import { samples } from '../samples.js';
import { restore } from './actions.js';
import { startArrivals } from './arrival.js';
import { startFlow } from './flow.js';
import { startGallery } from './gallery.js';
import { fromHash } from './link.js';
import { type ModelEntry, modelEntry, shelves } from './models.js';
import { startOffline } from './offline.js';
import { samplePicture, samplePictures } from './pictures.js';
import { startPrivacy } from './privacy.js';
import type { Task } from './task.js';
import { startTrust } from './trust.js';

/** What each mode comes with: the first model is the one that it opens with. */
const bundled: Readonly<Record<Task, readonly (readonly [name: string, title: string, address: string])[]>> = {
  what: [
    ['efficientnet-lite0', 'EfficientNet-Lite0', lite0],
    ['efficientnet-lite2', 'EfficientNet-Lite2', lite2],
  ],
  ask: [['scenes-vqa', 'Scenes-VQA', scenesVqa]],
  caption: [['scenes-caption', 'Scenes-Caption', scenesCaption]],
};

function bundledModel(name: string, title: string, address: string): ModelEntry {
  const { facts, bytes = 0, sha256 } = manifest.models.find((one) => one.name === name) ?? {};
  const model = new URL(address, document.baseURI);
  return modelEntry({
    name,
    title,
    ...(facts && { facts }),
    bundled: true,
    bytes,
    // A page that is not served securely, as to a phone on the same network, can check no hash.
    source: { model, ...(sha256 && isSecureContext && { sha256 }) },
  });
}

export function start(): void {
  batch(() => {
    samplePictures.value = samples.map(({ name, title, url }) => samplePicture(name, title, url));
    for (const [task, { models, model }] of Object.entries(shelves)) {
      models.value = bundled[task as Task].map((facts) => bundledModel(...facts));
      model.value = models.value[0];
    }
    restore(fromHash(location.hash));
  });
  startPrivacy();
  startFlow();
  startArrivals();
  startTrust();
  startGallery();
  startOffline();
}
