// Texts in an input become tensors, and what goes with them is made.
import { SaywhyError } from '../errors.js';
import type { Picture } from '../images/picture.js';
import type { Input, InputInfo, ModelInfo, TensorInput, Tokenizer } from '../types.js';
import { place, tensorsOf } from './place.js';

export type Given = Readonly<Record<string, Picture | TensorInput | string>>;
export type Fed = Readonly<Record<string, Picture | TensorInput>>;

/** An input by the names of the model's inputs. */
export function byName(input: Input, { picture }: ModelInfo): Given {
  const single =
    typeof input !== 'object' || input === null || ('data' in input && ('width' in input || 'shape' in input));
  return single ? { [picture]: input as Picture | TensorInput } : (input as Given);
}

/** What is given of the model's texts, in words. */
export function textsIn(given: Given, { inputs }: ModelInfo): Readonly<Record<string, string>> | undefined {
  const texts = Object.entries(given).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && inputs.some(({ name }) => name === entry[0]),
  );
  return texts.length > 0 ? Object.fromEntries(texts) : undefined;
}

/**
 * Everything but the caption as tensors.
 * @throws SaywhyError `no-tokenizer`, `text-too-long`, and what the tokenizer throws
 */
export function readTexts(given: Given, model: ModelInfo, tokenizer: Tokenizer | undefined): Fed {
  const fed: Record<string, Picture | TensorInput> = {};
  for (const [name, value] of Object.entries(given)) {
    const info = model.inputs.find((input) => input.name === name);
    if (typeof value !== 'string' || info?.kind === 'caption') fed[name] = value as Picture | TensorInput;
    else Object.assign(fed, encoded(value, name, info, model, tokenizer));
  }
  for (const info of model.inputs) {
    const tensor = fed[info.name];
    const isText = info.kind === 'text' || info.kind === 'caption';
    if (!isText || tensor === undefined || typeof given[info.name] === 'string' || !isTensor(tensor)) continue;
    const count = tensor.shape.at(-1) ?? 0;
    const ids = new Array<number>(count).fill(0);
    const { [info.name]: _, ...others } = tensorsOf(
      { ids, first: 0, count },
      info,
      companions(info, model),
      spaceOf(model),
    );
    for (const [name, made] of Object.entries(others)) fed[name] ??= made;
  }
  // What was given counts more than what is made.
  for (const [name, value] of Object.entries(given)) if (typeof value !== 'string') fed[name] = value;
  return fed;
}

function encoded(
  text: string,
  name: string,
  info: InputInfo | undefined,
  model: ModelInfo,
  tokenizer: Tokenizer | undefined,
): Fed {
  // A name that the model does not have is refused where it is fed.
  if (!info) return { [name]: text as unknown as TensorInput };
  if (!tokenizer || (info.kind !== 'text' && info.name !== tokenizer.input)) throw noTokenizer(text, info, tokenizer);
  const placed = place(tokenizer.encode(text, true), info, tokenizer);
  return tensorsOf(placed, info, companions(info, model), spaceOf(model));
}

function noTokenizer(text: string, info: InputInfo, tokenizer: Tokenizer | undefined): SaywhyError {
  const wants = `"${info.name}" wants ${info.type} [${info.shape}] as { data, shape }`;
  if (tokenizer) return new SaywhyError('invalid-input', `${wants}, not the text "${text}".`);
  return new SaywhyError(
    'no-tokenizer',
    `${wants}: nothing says how the text "${text}" becomes ids. Pass \`tokenizer\` when you make the explainer, or the ids themselves.`,
  );
}

/** The inputs that go with a text: all of them, or those whose names begin as its own does where there are several texts. */
export function companions(text: InputInfo, { inputs }: ModelInfo): readonly InputInfo[] {
  const kinds = ['mask', 'types', 'positions', 'past'];
  const decoder = (name: string) => name.startsWith('decoder_');
  const texts = inputs.filter(({ kind }) => kind === 'text' || kind === 'caption');
  const own = inputs.filter(
    ({ kind, name }) =>
      kinds.includes(kind!) && (texts.length < 2 || kind === 'past' || decoder(name) === decoder(text.name)),
  );
  return own;
}

/** Height and width of the picture's input, where they are fixed. */
export function spaceOf({ inputs, picture }: ModelInfo): readonly number[] {
  const shape = inputs.find(({ name }) => name === picture)!.shape.filter((size) => typeof size === 'number');
  return shape.slice(-2);
}

const isTensor = (value: Picture | TensorInput): value is TensorInput => 'shape' in value;
