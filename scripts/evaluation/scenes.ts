// The drawn scenes with their questions: what each answer depends on is known to the pixel.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Scenes {
  readonly scenes: readonly {
    readonly file: string;
    readonly mask: string;
    readonly things: readonly object[];
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
  await mkdir(folder, { recursive: true });
  const { scenes } = JSON.parse(await readFile(join(samples, 'scenes.json'), 'utf8')) as Scenes;
  const cases = scenes.flatMap(({ file, mask, things, questions }) =>
    questions
      .filter((question) => question.things.length > 0)
      .map((question) => {
        const labels = join(samples, mask);
        // A label's number is the thing's place in the list, from 1 on.
        const ids = question.things.map((thing) => thing + 1);
        const beside = things.map((_, i) => i + 1).filter((id) => !ids.includes(id));
        return {
          image: join(samples, file),
          target: question.answer,
          inputs: { question: question.text },
          mask: { labels, ids },
          ...(beside.length > 0 && { others: { labels, ids: beside } }),
        };
      }),
  );
  const path = join(folder, 'cases.json');
  await writeFile(path, JSON.stringify({ cases }, null, 2));
  return path;
}
