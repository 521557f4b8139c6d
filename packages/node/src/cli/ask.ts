// What a picture's model is asked: questions in words, or for a caption, of which each word is explained.
import { type Picture, type Progress, SaywhyError } from '@saywhy/core';
import { parseTarget } from '@saywhy/core/words';
import type { Explainer, NodeInput, Target } from '../explainer.js';

export interface AskOptions {
  readonly target?: readonly string[];
  readonly ask?: readonly string[];
  readonly caption?: boolean;
  readonly beam?: number;
}

export interface Asked {
  readonly input: NodeInput;
  readonly target: Target | readonly Target[] | undefined;
  /** What to call it while one waits. */
  readonly name?: string;
}

/** `similar:<picture>` names a file, as the command line alone can; the rest is core's. */
function targetOf(text: string, labels: readonly string[] | undefined): Target {
  const other = /^similar:\s*(.+)$/is.exec(text)?.[1];
  if (other === undefined || labels?.includes(text)) return parseTarget(text, labels);
  return { similarTo: other };
}

/**
 * @throws SaywhyError `missing-question`, `no-question`, `no-caption`
 */
export async function askedOf(
  explainer: Explainer,
  picture: Picture,
  options: AskOptions,
  onProgress: (progress: Progress) => void,
): Promise<readonly Asked[]> {
  const { inputs, labels, name, picture: pictureName } = explainer.model;
  const targets = options.target?.map((text) => targetOf(text, labels));
  const question = inputs.find(({ kind }) => kind === 'text');
  const captions = inputs.some(({ kind }) => kind === 'caption');
  if (options.ask && !question)
    throw new SaywhyError(
      'no-question',
      `${name} takes no questions${captions ? ', it writes captions: --caption' : ': it looks at pictures alone'}. Leave out --ask.`,
    );
  if (options.caption && !captions)
    throw new SaywhyError(
      'no-caption',
      `${name} writes no captions${question ? ', it answers questions: --ask "..."' : ''}. Leave out --caption.`,
    );
  if (question && !options.ask)
    throw new SaywhyError('missing-question', `${name} answers questions about pictures: ask one with --ask "...".`);
  if (question)
    return options.ask!.map((text) => ({
      input: { [pictureName]: picture, [question.name]: text },
      target: targets,
      name: text,
    }));
  const wanted = options.caption || options.beam !== undefined;
  if (!captions || (targets && !wanted)) return [{ input: picture, target: targets }];
  const { beam } = options;
  const { words } = await explainer.caption(picture, { ...(beam !== undefined && { beam }), onProgress });
  // By their ids, since not every text is cut again as it was put together.
  const caption: Target = { caption: words.map(({ id }) => id) };
  const every = words.length > 0 ? [...words.map(({ id, at }) => ({ token: id, at })), caption] : [caption];
  return [{ input: picture, target: targets ? [...targets, caption] : every }];
}
