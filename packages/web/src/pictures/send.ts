// Pictures on their way to the worker. What only a page has (elements, canvases) becomes an ImageBitmap here, which is transferred; everything else is
// read and decoded there. A picture that cannot change goes once.
import { type ModelInfo, type Picture, SaywhyError, type TensorInput } from '@saywhy/core';
import { absolute } from '../absolute.js';
import type { SentInput, SentPicture } from '../remote/protocol.js';
import type { PictureSource, WebInput } from '../types.js';
import { asStored, KEPT, NOT_KEPT } from './shared.js';

export interface Outgoing {
  readonly input: Readonly<Record<string, SentInput>>;
  readonly compared: readonly SentInput[];
  readonly keep: readonly string[];
  /** What moves to the worker. */
  readonly transfer: Transferable[];
}

interface Source {
  readonly value: PictureSource | TensorInput;
  readonly isText: boolean;
}

export class PictureSender {
  readonly #names = new WeakMap<object, number>();
  #count = 0;
  /** Keys of what the worker has, oldest first. */
  #sent: readonly string[] = [];

  /**
   * Hands the input to `post`, with nothing between the moment when it is settled what the worker has and the sending.
   * @param compared what targets compare with
   * @throws SaywhyError `invalid-picture`, `tainted-picture`
   */
  async send<T>(
    input: WebInput,
    compared: readonly (PictureSource | TensorInput)[],
    model: ModelInfo,
    post: (outgoing: Outgoing) => Promise<T>,
  ): Promise<T> {
    const named = byName(input, model);
    const sources = [...Object.values(named), ...compared.map((value) => ({ value, isText: false }))];
    // All is read at once: the caller may paint, write or close what was given as soon as it has asked.
    const first = sources.map((source) => this.#one(source));
    return this.#post(Object.keys(named), sources, await Promise.all(first), post);
  }

  async #post<T>(
    names: readonly string[],
    sources: readonly Source[],
    found: readonly SentInput[],
    post: (outgoing: Outgoing) => Promise<T>,
  ): Promise<T> {
    let all = found;
    // Another call may have pushed out what was there when this one looked.
    while (!all.every((one) => this.#isComplete(one)))
      all = await Promise.all(all.map((one, i) => (this.#isComplete(one) ? one : this.#one(sources[i]!))));
    const keys = all.flatMap((one) => ('key' in one && one.key !== undefined ? [one.key] : []));
    const before = this.#sent.filter((key) => !keys.includes(key));
    this.#sent = [...before, ...keys].slice(-Math.max(KEPT, keys.length));
    const input = Object.fromEntries(names.map((name, i) => [name, all[i]!]));
    try {
      return await post({ input, compared: all.slice(names.length), keep: this.#sent, transfer: transferables(all) });
    } catch (error) {
      this.#sent = this.#sent.filter((key) => !keys.includes(key));
      // The call that had it with it never arrived.
      if (error instanceof SaywhyError && error.code === NOT_KEPT) return this.#post(names, sources, all, post);
      throw error;
    }
  }

  #isComplete(input: SentInput): boolean {
    return 'tensor' in input || 'text' in input || input.picture !== undefined || this.#sent.includes(input.key!);
  }

  async #one({ value: input, isText }: Source): Promise<SentInput> {
    if (isText) return { text: input as string };
    if (isTensor(input)) return { tensor: { ...input, data: copied(input.data) } };
    const name = nameOf(input);
    // What an element shows is known when it has loaded, and so is the address by which it is told apart.
    if (is(input, 'HTMLImageElement')) await loaded(input as HTMLImageElement, name);
    const key = this.#keyOf(input);
    if (key !== undefined && this.#sent.includes(key)) return { key, name };
    return { ...(key !== undefined && { key }), name, picture: await encodePicture(input, name) };
  }

  /** Undefined for what can change between two calls. */
  #keyOf(source: PictureSource): string | undefined {
    if (typeof source === 'string' || source instanceof URL) return absolute(source);
    if (is(source, 'Blob', 'File', 'ImageBitmap', 'VideoFrame')) return `${this.#number(source)}`;
    if (is(source, 'HTMLImageElement')) return `${this.#number(source)} ${(source as HTMLImageElement).currentSrc}`;
    return undefined;
  }

  #number(source: object): number {
    const number = this.#names.get(source) ?? ++this.#count;
    this.#names.set(source, number);
    return number;
  }
}

function transferables(inputs: readonly SentInput[]): Transferable[] {
  return inputs.flatMap((input): Transferable[] => {
    if ('text' in input) return [];
    if ('tensor' in input) return buffersOf(input.tensor);
    const { picture } = input;
    if (!picture) return [];
    return 'bitmap' in picture ? [picture.bitmap] : 'pixels' in picture ? buffersOf(picture.pixels) : [];
  });
}

const buffersOf = (value: unknown): ArrayBuffer[] => {
  const { data } = value as { readonly data: unknown };
  return ArrayBuffer.isView(data) ? [data.buffer as ArrayBuffer] : [];
};

async function encodePicture(source: PictureSource, name: string): Promise<SentPicture> {
  if (typeof source === 'string' || source instanceof URL) return { address: absolute(source) };
  if (is(source, 'ArrayBuffer', 'SharedArrayBuffer', 'Uint8Array')) {
    const bytes = is(source, 'Uint8Array') ? (source as Uint8Array) : new Uint8Array(source as ArrayBuffer);
    // A Blob takes no memory that is shared.
    return { blob: new Blob([bytes.slice()]) };
  }
  if (is(source, 'Blob', 'File')) return { blob: source as Blob };
  if (isPixels(source)) return { pixels: { ...size(source), data: copied(source.data) } };
  if (!is(source, 'ImageBitmap', 'VideoFrame', ...Object.keys(elements)))
    throw new SaywhyError(
      'invalid-picture',
      `${isObject(source) ? `A ${tagOf(source)}` : source} is no picture: give an address, a Blob or File, bytes, ImageData, an ImageBitmap, a canvas, a video frame, or an image or video element.`,
    );
  if (is(source, 'HTMLVideoElement') && (source as HTMLVideoElement).readyState < 2)
    throw new SaywhyError('invalid-picture', `${name} has no frame yet: wait for its "loadeddata" event.`);
  if (is(source, 'HTMLCanvasElement', 'OffscreenCanvas')) {
    const { width, height } = source as OffscreenCanvas;
    if (width === 0 || height === 0)
      throw new SaywhyError('invalid-picture', `${name} is ${width} x ${height} pixels: there is nothing in it.`);
  }
  try {
    const bitmap = await createImageBitmap(source as ImageBitmapSource, asStored);
    checkOrigin(bitmap, name);
    return { bitmap };
  } catch (error) {
    if (error instanceof SaywhyError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new SaywhyError('invalid-picture', `${name} cannot be read as a picture: ${reason.replace(/\.$/, '')}.`, {
      cause: error,
    });
  }
}

/** Browsers show pictures of other origins, and let nobody read them. */
function checkOrigin(bitmap: ImageBitmap, name: string): void {
  const context = new OffscreenCanvas(1, 1).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  try {
    context.getImageData(0, 0, 1, 1);
  } catch (error) {
    throw new SaywhyError(
      'tainted-picture',
      `${name} holds a picture of another origin, which the browser lets no page read. Load it with crossorigin="anonymous" from a server that allows it (Access-Control-Allow-Origin), or serve it from this origin.`,
      { cause: error },
    );
  }
}

async function loaded(image: HTMLImageElement, name: string): Promise<void> {
  try {
    await image.decode();
  } catch (error) {
    throw new SaywhyError('invalid-picture', `${name} did not load, or is no picture: ${image.src || 'no address'}.`, {
      cause: error,
    });
  }
}

/** What an error calls it. */
function nameOf(source: PictureSource): string {
  if (typeof source === 'string' || source instanceof URL) {
    const address = absolute(source);
    return address.startsWith('data:') ? 'The data URL' : address;
  }
  if (is(source, 'File')) return (source as File).name || 'The picture';
  const [element] = Object.entries(elements).find(([name]) => is(source, name)) ?? [];
  return element === undefined ? 'The picture' : elements[element as keyof typeof elements];
}

const elements = {
  HTMLImageElement: 'The <img> element',
  HTMLVideoElement: 'The <video> element',
  HTMLCanvasElement: 'The canvas',
  OffscreenCanvas: 'The canvas',
} as const;

/** What kind of object it is, whichever frame it comes from. */
const tagOf = (value: unknown): string => Object.prototype.toString.call(value).slice(8, -1);

const is = (value: unknown, ...tags: readonly string[]): boolean => tags.includes(tagOf(value));

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isTensor = (input: unknown): input is TensorInput => isObject(input) && 'data' in input && 'shape' in input;

const isPixels = (input: PictureSource | WebInput): input is Picture =>
  isObject(input) && 'data' in input && 'width' in input;

const size = ({ width, height }: Picture) => ({ width, height });

/** What was given for each input, or under '' for the picture's. */
function byName(input: WebInput, { inputs }: ModelInfo): Readonly<Record<string, Source>> {
  if (isTensor(input) || isPixels(input) || tagOf(input) !== 'Object')
    return { '': { value: input as PictureSource, isText: false } };
  // A string is an address where a picture is wanted, and a text elsewhere.
  const isText = (name: string) => inputs.some((one) => one.name === name && one.kind !== 'picture');
  const entries = Object.entries(input as Readonly<Record<string, PictureSource | TensorInput>>);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, { value, isText: typeof value === 'string' && isText(name) }]),
  );
}

/** A copy with a buffer of its own, which can be transferred. */
function copied<T>(data: T): T {
  return ArrayBuffer.isView(data) && 'slice' in data ? ((data as unknown as Uint8Array).slice() as unknown as T) : data;
}
