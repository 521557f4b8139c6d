// The pictures that can be asked about: samples, and the user's own.
import { computed, signal } from '@preact/signals';

export interface PictureEntry {
  readonly name: string;
  /** What is seen on it, for those who do not. */
  readonly title: string;
  readonly url: string;
  readonly sample: boolean;
  /** The file itself: the same object each time, so that the explainer knows that it is the same picture. */
  readonly blob: () => Promise<Blob>;
}

/** In pixels, after the orientation that a camera noted. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export const samplePictures = signal<readonly PictureEntry[]>([]);
/** The latest one first. Every mode offers them beside its own samples. */
export const ownPictures = signal<readonly PictureEntry[]>([]);

/** Those of the desk, and the one that is shown there. */
export const pictures = computed<readonly PictureEntry[]>(() => [...ownPictures.value, ...samplePictures.value]);
export const picture = signal<PictureEntry | undefined>(undefined);

/** Sizes as they become known, by address. */
export const sizes = signal<ReadonlyMap<string, PictureSize>>(new Map());

export function noteSize(url: string, size: PictureSize): void {
  sizes.value = new Map(sizes.peek()).set(url, size);
}

/** Pictures that this browser cannot show, by address. */
export const broken = signal<ReadonlySet<string>>(new Set());

export function noteBroken(url: string): void {
  broken.value = new Set(broken.peek()).add(url);
}

export function samplePicture(name: string, title: string, url: string): PictureEntry {
  let loading: Promise<Blob> | undefined;
  const blob = (): Promise<Blob> => {
    loading ??= fetch(url).then((response) => {
      if (!response.ok) throw new Error(`${name} could not be loaded: ${response.status} ${response.statusText}.`);
      return response.blob();
    });
    loading.catch(() => {
      loading = undefined;
    });
    return loading;
  };
  return { name, title, url, sample: true, blob };
}

export function removePicture(entry: PictureEntry): void {
  ownPictures.value = ownPictures.peek().filter((one) => one !== entry);
  URL.revokeObjectURL(entry.url);
}

export function addPicture(file: Blob, name: string): PictureEntry {
  const url = URL.createObjectURL(file);
  const entry: PictureEntry = { name, title: name, url, sample: false, blob: () => Promise.resolve(file) };
  ownPictures.value = [entry, ...ownPictures.peek()];
  return entry;
}
