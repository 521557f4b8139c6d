import { refuseExisting } from '../files.js';
import { type MapFiles, mapNames, mapPaths, type SaveKind, saveMap } from '../save.js';
import type { Run } from './explain.js';

/**
 * Gives a function that saves the maps of one picture and returns, for each run and map, where they lie. Names are
 * unique within a call of the command: photo.jpg and photo.png, which lose their endings, are numbered.
 */
export function saveRun(
  folder: string,
  kinds: readonly SaveKind[],
  force: boolean,
): (runs: readonly Run[]) => Promise<MapFiles[][]> {
  const taken = new Map<string, number>();
  return async (runs) => {
    const maps = runs.flatMap(({ image, explanation }) =>
      explanation.maps.map((map) => ({ image: image.replace(/\.[a-z]{3,4}$/i, ''), model: explanation.model, map })),
    );
    const paths = mapNames(maps, taken).map((name) => mapPaths(folder, name, kinds));
    if (!force) await refuseExisting(paths.flatMap((files) => Object.values(files)));
    let next = 0;
    const result: MapFiles[][] = [];
    for (const { explanation, picture } of runs) {
      const own = explanation.maps.map(() => paths[next++]!);
      for (const [index, files] of own.entries()) await saveMap(explanation, index, files, { force, picture });
      result.push(own);
    }
    return result;
  };
}
