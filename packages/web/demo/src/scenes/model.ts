// The small models that know drawn scenes: they are not among the classifiers that the desk offers.
import manifest from '@saywhy/models/manifest.json';
import { type ModelEntry, modelEntry } from '../state/models.js';

/**
 * @param title how the page calls it
 * @param address where the build put the file
 */
export function sceneModel(name: string, title: string, address: string): ModelEntry {
  const { facts, bytes = 0, sha256 } = manifest.models.find((one) => one.name === name) ?? {};
  const model = new URL(address, document.baseURI);
  return modelEntry({
    name,
    title,
    ...(facts && { facts }),
    bundled: true,
    bytes,
    source: { model, ...(sha256 && { sha256 }) },
  });
}
