// What a file is, by its content: names are only a hint, and often wrong.
import { type Preprocess, parsePreprocess, SaywhyError, type ScoreKind, type WordTokenizer } from '@saywhy/core';
import { fromHuggingFace } from '@saywhy/core/huggingface';
import { parseTokenizer } from '@saywhy/core/texts';

export type Recognised =
  | { readonly kind: 'picture' }
  | { readonly kind: 'model' }
  /** Bytes of no kind known: external weights of a model, or something that the model's reader will name. */
  | { readonly kind: 'data' }
  | { readonly kind: 'labels'; readonly labels: readonly string[]; readonly scoreKind?: ScoreKind }
  | { readonly kind: 'preprocess'; readonly preprocess: Preprocess }
  | { readonly kind: 'tokenizer'; readonly tokenizer: WordTokenizer }
  /** Parts of a Hugging Face folder that say how texts are read and written. */
  | { readonly kind: 'tokenizer.json'; readonly json: unknown }
  | { readonly kind: 'tokenizer_config.json'; readonly json: unknown }
  | { readonly kind: 'generation_config.json'; readonly json: unknown }
  /** What `tokenizer.json` holds too. */
  | { readonly kind: 'vocabulary' }
  /** A text that is nothing of use here, such as a README. */
  | { readonly kind: 'unknown'; readonly reason: string };

/** Longer texts than this are no labels: bytes are not decoded only to find that out. */
export const TEXT_LIMIT = 16e6;

/**
 * @param start the file's first bytes, at least 64 where it has as many
 * @param text reads the whole file as text; asked for only where the start is text
 * @throws SaywhyError `invalid-preprocess`, `invalid-labels`, `invalid-tokenizer` where a file means to be something but is not well formed
 */
export async function recognise(start: Uint8Array, text: () => Promise<string>): Promise<Recognised> {
  if (start.length === 0) return { kind: 'unknown', reason: 'it is empty' };
  if (String.fromCharCode(...start.subarray(0, 5)) === '%PDF-')
    return { kind: 'unknown', reason: 'it is a PDF: save the picture in it as PNG or JPEG' };
  if (isPicture(start)) return { kind: 'picture' };
  if (isModel(start)) return { kind: 'model' };
  if (!isText(start)) return { kind: 'data' };
  return recogniseText(await text());
}

const magics: readonly (readonly [offset: number, magic: string])[] = [
  [0, '\x89PNG'],
  [0, '\xff\xd8\xff'],
  [0, 'GIF8'],
  [0, 'BM'],
  [8, 'WEBP'],
  [4, 'ftypavif'],
  [4, 'ftypavis'],
  [4, 'ftypheic'],
  [4, 'ftypmif1'],
  [0, 'II*\0'],
  [0, 'MM\0*'],
];

function isPicture(start: Uint8Array): boolean {
  const head = String.fromCharCode(...start.subarray(0, 16));
  if (head.startsWith('BM')) return start[14] === 40 || start[14] === 108 || start[14] === 124 || start[14] === 12;
  return magics.some(([offset, magic]) => head.startsWith(magic, offset));
}

/**
 * ONNX files are protobuf and start with no magic: the first field is almost always `ir_version` (1), a small number, and what follows is another field of
 * ModelProto (2 to 8, 14, 20, 25) of the right wire type.
 */
function isModel(start: Uint8Array): boolean {
  if (start[0] !== 0x08 || start[1] === undefined || start[1] === 0 || start[1] > 64) return false;
  const second = start[2];
  return second === undefined ? false : modelFields.includes(second);
}

/** The first byte of producer_name, producer_version, domain, model_version, doc_string, graph, opset_import, metadata_props. */
const modelFields = [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42, 0x72];

/** No control characters but those of texts; a cut multi-byte character at the end is no matter. */
function isText(start: Uint8Array): boolean {
  if (start.length === 0) return false;
  if (start.some((byte) => byte < 32 && byte !== 9 && byte !== 10 && byte !== 13 && byte !== 12)) return false;
  const decoded = new TextDecoder('utf-8').decode(start, { stream: true });
  return !decoded.includes('\ufffd');
}

function recogniseText(text: string): Recognised {
  const trimmed = text.replace(/^\ufeff/, '').trim();
  if (/^#version:|^\[CLS\]\s*$/m.test(trimmed)) return { kind: 'vocabulary' };
  if (/^[[{]/.test(trimmed)) {
    const json = parseJson(trimmed);
    if (json !== undefined) return recogniseJson(json);
    return { kind: 'unknown', reason: 'it starts like JSON but is not well formed' };
  }
  if (/^version https:\/\/git-lfs/.test(trimmed)) return { kind: 'data' };
  if (/^<(\?xml|!doctype svg|svg|!--)/i.test(trimmed) && /<svg[\s>]/.test(trimmed))
    return { kind: 'unknown', reason: 'it is an SVG drawing: save it as PNG' };
  if (/^<(!doctype|html|\?xml|svg)/i.test(trimmed)) return { kind: 'unknown', reason: 'it is markup' };
  const labels = trimmed.split(/\r?\n/).map((line) => line.trim());
  const plausible = labels.length > 1 && labels.every((line) => line.length > 0 && line.length <= 200);
  return plausible ? { kind: 'labels', labels } : { kind: 'unknown', reason: 'it is no list with one label a line' };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const scoreKinds: Readonly<Record<string, ScoreKind>> = {
  single_label_classification: 'softmax',
  multi_label_classification: 'multilabel',
  regression: 'regression',
};

function recogniseJson(json: unknown): Recognised {
  const list = labelList(json);
  if (list) return { kind: 'labels', labels: list };
  const record = json as Readonly<Record<string, unknown>>;
  if (Array.isArray(json)) throw new SaywhyError('invalid-labels', 'A JSON list of labels holds strings only.');
  if ('steps' in record) return { kind: 'preprocess', preprocess: parsePreprocess(record) };
  if (['image_processor_type', 'feature_extractor_type', 'image_mean', 'do_resize'].some((key) => key in record))
    return { kind: 'preprocess', preprocess: fromHuggingFace(record) };
  if ('vocabulary' in record) return { kind: 'tokenizer', tokenizer: parseTokenizer(record) };
  if ('added_tokens' in record && 'model' in record) return { kind: 'tokenizer.json', json };
  if (['tokenizer_class', 'bos_token', 'cls_token', 'unk_token'].some((key) => key in record))
    return { kind: 'tokenizer_config.json', json };
  const labels = labelList(record.id2label);
  if (labels) {
    const scoreKind = scoreKinds[String(record.problem_type)];
    return { kind: 'labels', labels, ...(scoreKind && { scoreKind }) };
  }
  if ('decoder_start_token_id' in record) return { kind: 'generation_config.json', json };
  if (isVocabulary(record)) return { kind: 'vocabulary' };
  return { kind: 'unknown', reason: 'its JSON holds neither labels nor preprocessing nor words' };
}

/** `vocab.json`: words and their numbers, with marks among them. */
function isVocabulary(record: Readonly<Record<string, unknown>>): boolean {
  const hasMarks = Object.keys(record).some((word) => /^(<.+>|\[[A-Z]+\])$/.test(word));
  return hasMarks && Object.values(record).every((value) => Number.isInteger(value));
}

/** A list of strings, or an object from "0" on to strings or to lists that end in one (Keras's class index). Placeholders that nobody filled in are none. */
function labelList(json: unknown): string[] | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const entries = Array.isArray(json) ? json : Object.keys(json).map((_, i) => (json as Record<string, unknown>)[i]);
  const labels = entries.map((entry) => (Array.isArray(entry) ? entry.at(-1) : entry));
  const told = labels.some((label, i) => label !== `LABEL_${i}`);
  return told && labels.every((label) => typeof label === 'string') ? labels : undefined;
}
