import { basename, dirname } from 'node:path';

/**
 * Names for files that can be told apart: their own, with as much of the folder as it takes where two are called alike.
 * @param own what they are called, if not by the path's last part without its extension
 */
export function uniqueNames(paths: readonly string[], own: readonly string[] = paths.map(nameOf)): string[] {
  const count = (name: string): number => own.filter((other) => other === name).length;
  const named = own.map((name, i) => {
    const folder = basename(dirname(paths[i]!));
    return count(name) > 1 && folder && folder !== '.' ? `${folder}/${name}` : name;
  });
  const seen = new Map<string, number>();
  return named.map((name) => {
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name} (${times})`;
  });
}

function nameOf(path: string): string {
  if (path.startsWith('data:')) return 'picture';
  return basename(/^(https?|file):/i.test(path) ? decodeURIComponent(new URL(path).pathname) : path) || 'picture';
}
