import { copyFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parseModel, writeModel } from '@saywhy/autodiff';
import { SaywhyError } from '@saywhy/core';
import { prepare } from '@saywhy/core/prepare';
import { exists, makeFolder, refuseExisting, writeWhole } from '../files.js';
import { loadModel } from '../models/load.js';
import { type StatedOptions, statedOptions } from './stated.js';
import type { Terminal } from './terminal.js';

interface PrepareOptions extends Omit<StatedOptions, 'tokenizer'> {
  readonly out: string;
  readonly wrt?: readonly string[];
  readonly force?: boolean;
}

/** `saywhy prepare` */
export async function prepareCommand(source: string, options: PrepareOptions, terminal: Terminal): Promise<void> {
  const { wrt, force = false } = options;
  const out = resolve(options.out);
  if (!force) await refuseExisting([out]);
  const loaded = await loadModel(source, { onProgress: terminal.progress(source) });
  terminal.status(`${source}: finding its gradients`);
  const prepared = prepare(parseModel(loaded.model), {
    ...loaded.options,
    ...(await statedOptions(options)),
    ...(wrt && { wrt }),
  });
  await copyExternal(loaded.path, Object.keys(loaded.model.external ?? {}), dirname(out), force);
  const bytes = writeModel(prepared);
  await writeWhole(out, bytes, { force });
  const { inputs, outputs } = prepared.graph;
  terminal.print(`${out}: ${(bytes.length / 1e6).toFixed(1)} MB`);
  terminal.print(`  inputs   ${inputs.map(({ name }) => name).join(', ')}`);
  terminal.print(`  outputs  ${outputs.map(({ name }) => name).join(', ')}`);
}

/** The prepared file refers to the same files with weights, beside itself. */
async function copyExternal(
  model: string | undefined,
  locations: readonly string[],
  folder: string,
  force: boolean,
): Promise<void> {
  if (model === undefined || resolve(dirname(model)) === folder) return;
  const copies = locations.map((location) => [join(dirname(model), location), join(folder, location)] as const);
  for (const [from, to] of copies) {
    if (!(await exists(to)) || force) continue;
    // A copy that an earlier run made is as good as a new one.
    if ((await stat(from)).size !== (await stat(to)).size) await refuseExisting([to]);
  }
  for (const [from, to] of copies) {
    try {
      await makeFolder(dirname(to));
      await copyFile(from, to);
    } catch (cause) {
      throw new SaywhyError(
        'unwritable-file',
        `The weights ${from} cannot be copied to ${to}: ${(cause as Error).message}.`,
        { cause },
      );
    }
  }
}
