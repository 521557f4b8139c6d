// Hugging Face's tokenizers, in Node and in a page.
import { SaywhyError } from '../errors.js';
import type { Tokenizer } from '../types.js';

/**
 * What Hugging Face's tokenizers do, by their own JavaScript library, which is loaded when it is first needed.
 * @param json `tokenizer.json`
 * @param config `tokenizer_config.json`
 * @param generation `generation_config.json` or `config.json`: a decoder's texts need not begin and end as its tokenizer's do
 * @throws SaywhyError `invalid-tokenizer`
 */
export async function huggingFaceTokenizer(
  json: unknown,
  config: unknown = {},
  generation: unknown = {},
): Promise<Tokenizer> {
  const { Tokenizer: HuggingFace } = await import('@huggingface/tokenizers');
  const marks = config as Readonly<Record<string, unknown>>;
  const made = attempt(() => new HuggingFace(json as object, config as object));
  const idOf = (...names: readonly string[]): number | undefined =>
    names.map((name) => made.token_to_id(contentOf(marks[name]))).find((id) => id !== undefined);
  const [begin, end, pad] = [idOf('bos_token', 'cls_token'), idOf('eos_token', 'sep_token'), idOf('pad_token')];
  const { padding_side: side } = marks;
  return {
    ...(begin !== undefined && { begin }),
    ...(end !== undefined && { end }),
    ...(pad !== undefined && { pad }),
    ...marksOf(generation as Generation),
    padding: side === 'left' ? 'left' : 'right',
    encode: (text, whole) => made.encode(text, { add_special_tokens: whole }).ids,
    decode: (ids) => made.decode([...ids], { skip_special_tokens: true }).trim(),
  };
}

/** A mark is written as its text, or as an object with it. */
function contentOf(mark: unknown): string {
  const content = typeof mark === 'object' && mark !== null && 'content' in mark ? mark.content : mark;
  return typeof content === 'string' ? content : '';
}

function attempt<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw new SaywhyError('invalid-tokenizer', `The tokenizer cannot be read: ${(cause as Error).message}.`, { cause });
  }
}

interface Generation {
  readonly decoder_start_token_id?: number;
  readonly eos_token_id?: number | readonly number[];
  readonly max_length?: number;
}

/** How a decoder's texts begin and end, which need not be as its tokenizer's do. */
function marksOf(generation: Generation): Pick<Tokenizer, 'begin' | 'end' | 'maximum'> {
  const { decoder_start_token_id: begin, eos_token_id: ends, max_length: maximum } = generation;
  if (typeof begin !== 'number') return {};
  const [end] = [ends].flat();
  return { begin, ...(typeof end === 'number' && { end }), ...(typeof maximum === 'number' && { maximum }) };
}
