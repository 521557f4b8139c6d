// How the page opens: with the bundled model, the first sample, and what the address says.
import { batch } from '@preact/signals';
import lite0 from '@saywhy/models/efficientnet-lite0.onnx?url';
import lite2 from '@saywhy/models/efficientnet-lite2.onnx?url';
import manifest from '@saywhy/models/manifest.json';
import { samples } from '../samples.js';
import { restore } from './actions.js';
import { startFlow } from './flow.js';
import { startGallery } from './gallery.js';
import { fromHash } from './link.js';
import { modelEntry, models } from './models.js';
import { startOffline } from './offline.js';
import { pictures, samplePicture } from './pictures.js';
import { startPrivacy } from './privacy.js';
import { startTrust } from './trust.js';

const addresses: Readonly<Record<string, string>> = { 'efficientnet-lite0': lite0, 'efficientnet-lite2': lite2 };

export function start(): void {
  batch(() => {
    pictures.value = samples.map(({ name, title, url }) => samplePicture(name, title, url));
    const classifiers = manifest.models.filter(({ name }) => name in addresses);
    models.value = classifiers.map(({ name, title, facts, bytes, sha256 }) =>
      modelEntry({
        name,
        title: title.split(',')[0]!,
        facts,
        bundled: true,
        bytes,
        source: { model: new URL(addresses[name]!, document.baseURI), sha256 },
      }),
    );
    restore(fromHash(location.hash));
  });
  startPrivacy();
  startFlow();
  startTrust();
  startGallery();
  startOffline();
}
