// Pictures on their way to the worker. What only a page has (elements, canvases) becomes an ImageBitmap here, which is transferred; everything else is
// read and decoded there. A picture that cannot change goes once.
import { type ModelInfo, type Picture, SaywhyError, type TensorInput } from '@saywhy/core';
import { absolute } from '../absolute.js';
import type { SentInput, SentPicture } from '../remote/protocol.js';
import type { PictureSource, WebInput } from '../types.js';
import { asStored, KEPT } from './shared.js';

type Inputs = Readonly<Record<string, SentInput>>;

export interface Outgoing {
  readonly input: Inputs;
  readonly compared: readonly SentInput[];
  readonly keep: readonly string[];
  /** What moves to the worker. */
  readonly transfer: Transferable[];
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
    let named: Inputs;
    let others: readonly SentInput[];
    let all: readonly SentInput[];
    do {
      named = await this.#encode(input, model);
      others = await Promise.all(compared.map((one) => this.#one(one)));
      all = [...Object.values(named), ...others];
      // Another call may have pushed out what was there when this one looked.
    } while (!all.every((one) => this.#isComplete(one)));
    const keys = all.flatMap((one) => ('key' in one && one.key !== undefined ? [one.key] : []));
    const before = this.#sent.filter((key) => !keys.includes(key));
    this.#sent = [...before, ...keys].slice(-Math.max(KEPT, keys.length));
    try {
      return await post({ input: named, compared: others, keep: this.#sent, transfer: transferables(all) });
    } catch (error) {
      this.#sent = this.#sent.filter((key) => !keys.includes(key));
      throw error;
    }
  }

  #isComplete(input: SentInput): boolean {
    return 'tensor' in input || 'text' in input || input.picture !== undefined || this.#sent.includes(input.key!);
  }

  async #encode(input: WebInput, { inputs }: ModelInfo): Promise<Inputs> {
    if (isTensor(input) || isSource(input)) return { '': await this.#one(input) };
    const entries = Object.entries(input as Readonly<Record<string, PictureSource | TensorInput>>);
    // A string is an address where a picture is wanted, and a text elsewhere.
    const isText = (name: string) => inputs.some((one) => one.name === name && one.kind !== 'picture');
    const sent = entries.map(
      async ([name, value]) =>
        [name, typeof value === 'string' && isText(name) ? { text: value } : await this.#one(value)] as const,
    );
    return Object.fromEntries(await Promise.all(sent));
  }

  async #one(input: PictureSource | TensorInput): Promise<SentInput> {
    if (typeof input !== 'string' && !isObject(input))
      throw new SaywhyError(
        'invalid-picture',
        `${input} is no picture: give an address, a Blob or File, bytes, ImageData, an ImageBitmap, a canvas, a video frame, or an image or video element.`,
      );
    if (isTensor(input)) return { tensor: { ...input, data: copied(input.data) } };
    const name = nameOf(input);
    const key = this.#keyOf(input);
    if (key !== undefined && this.#sent.includes(key)) return { key, name };
    return { ...(key !== undefined && { key }), name, picture: await encodePicture(input, name) };
  }

  /** Undefined for what can change between two calls. */
  #keyOf(source: PictureSource): string | undefined {
    if (typeof source === 'string' || source instanceof URL) return absolute(source);
    if (['Blob', 'ImageBitmap', 'VideoFrame'].some((name) => is(source, name))) return `${this.#number(source)}`;
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
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return { blob: new Blob([source as BlobPart]) };
  if (is(source, 'Blob')) return { blob: source as Blob };
  if (isPixels(source)) return { pixels: { ...size(source), data: copied(source.data) } };
  if (is(source, 'HTMLImageElement')) await loaded(source as HTMLImageElement, name);
  if (is(source, 'HTMLVideoElement') && (source as HTMLVideoElement).readyState < 2)
    throw new SaywhyError('invalid-picture', `${name} has no frame yet: wait for its "loadeddata" event.`);
  if (is(source, 'HTMLCanvasElement') || is(source, 'OffscreenCanvas')) {
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

/** Where there is such a class at all: not every browser has each of them. */
function is(value: unknown, name: string): boolean {
  const type = (globalThis as Record<string, unknown>)[name];
  return typeof type === 'function' && value instanceof type;
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;

const isTensor = (input: unknown): input is TensorInput => isObject(input) && 'data' in input && 'shape' in input;

const isPixels = (input: PictureSource | WebInput): input is Picture =>
  isObject(input) && 'data' in input && 'width' in input;

const size = ({ width, height }: Picture) => ({ width, height });

/** Whether it stands for one picture, rather than for several inputs by name. */
function isSource(input: WebInput): input is PictureSource {
  if (!isObject(input) || input instanceof URL || input instanceof ArrayBuffer || ArrayBuffer.isView(input))
    return true;
  const classes = ['Blob', 'ImageBitmap', 'VideoFrame', ...Object.keys(elements)];
  return isPixels(input) || classes.some((name) => is(input, name));
}

/** A copy with a buffer of its own, which can be transferred. */
function copied<T>(data: T): T {
  return ArrayBuffer.isView(data) && 'slice' in data ? ((data as unknown as Uint8Array).slice() as unknown as T) : data;
}
