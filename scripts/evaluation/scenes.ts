// The drawn scenes with their questions: what each answer depends on is known to the pixel.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Scenes {
  readonly scenes: readonly {
    readonly file: string;
    readonly mask: string;
    readonly things: readonly object[];
    readonly caption: {
      readonly text: string;
      readonly words: readonly { readonly text: string; readonly role: string; readonly things: readonly number[] }[];
    };
    readonly questions: readonly {
      readonly text: string;
      readonly answer: string;
      /** Indices of the things that the answer depends on. */
      readonly things: readonly number[];
    }[];
  }[];
}

const samples = fileURLToPath(new URL('../../samples/scenes/', import.meta.url));

/** Writes what is asked of the scenes: every question whose answer depends on something. Gives the file. */
export async function askScenes(folder: string): Promise<string> {
  return write(folder, (scene) =>
    scene.questions
      .filter(({ things }) => things.length > 0)
      .map(({ text, answer, things }) => ({ target: answer, inputs: { question: text }, things })),
  );
}

/** Writes the words for colours and shapes of each scene's caption, each a target at its place. Gives the file. */
export async function captionScenes(folder: string): Promise<string> {
  return write(folder, ({ caption }) =>
    caption.words.flatMap(({ text, role, things }, at) =>
      role === 'colour' || role === 'shape'
        ? [{ target: { token: text, at }, inputs: { tokens: caption.text }, things }]
        : [],
    ),
  );
}

interface Asked {
  readonly target: unknown;
  readonly inputs: object;
  /** What the answer depends on. */
  readonly things: readonly number[];
}

async function write(folder: string, ask: (scene: Scenes['scenes'][number]) => readonly Asked[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { scenes } = JSON.parse(await readFile(join(samples, 'scenes.json'), 'utf8')) as Scenes;
  const cases = scenes.flatMap((scene) =>
    ask(scene).map(({ target, inputs, things }) => {
      const labels = join(samples, scene.mask);
      // A label's number is the thing's place in the list, from 1 on.
      const ids = things.map((thing) => thing + 1);
      const beside = scene.things.map((_, i) => i + 1).filter((id) => !ids.includes(id));
      return {
        image: join(samples, scene.file),
        target,
        inputs,
        mask: { labels, ids },
        ...(beside.length > 0 && { others: { labels, ids: beside } }),
      };
    }),
  );
  const path = join(folder, 'cases.json');
  await writeFile(path, JSON.stringify({ cases }, null, 2));
  return path;
}
