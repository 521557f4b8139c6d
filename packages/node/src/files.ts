import { access, link, mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { SaywhyError } from '@saywhy/core';

export interface WriteOptions {
  /** Replace a file that is already there. */
  readonly force?: boolean | undefined;
}

/**
 * Writes a file whole or not at all: into a temporary one beside it, which then takes the name. Makes the folder.
 * @throws SaywhyError `file-exists` when there is one and `force` is not set; `unwritable-file`
 */
export async function writeWhole(
  path: string,
  content: Uint8Array | string,
  options: WriteOptions = {},
): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path)}.${process.pid}.${Math.random().toString(36).slice(2)}.part`,
  );
  try {
    await makeFolder(dirname(path));
    if (!options.force) await refuseExisting([path]);
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (options.force) await rename(temporary, path);
    else await takeName(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (error instanceof SaywhyError) throw error;
    throw new SaywhyError('unwritable-file', `${path} cannot be written: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** A folder and those above it. Node's own recursive `mkdir` never ends where a file system has no folders to make, as /proc. */
export async function makeFolder(path: string): Promise<void> {
  if (await exists(path)) return;
  if (dirname(path) !== path) await makeFolder(dirname(path));
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
}

/**
 * @throws SaywhyError `file-exists` when one of the files is there: called before the work starts, so that nobody waits
 *   for an answer that then has no place.
 */
export async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    if (await exists(path)) {
      throw new SaywhyError(
        'file-exists',
        `${path} is already there. Replace it with --force (in code: force: true), or choose another folder.`,
      );
    }
  }
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A link, unlike a rename, fails where a file came to be in the meantime. Some file systems have no links. */
async function takeName(temporary: string, path: string): Promise<void> {
  try {
    await link(temporary, path);
    await rm(temporary);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') await refuseExisting([path]);
    await rename(temporary, path);
  }
}
