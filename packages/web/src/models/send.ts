import type { SentFile, SentModel } from '../remote/protocol.js';
import type { FileSource, ModelSource } from '../types.js';

/** What goes to the worker of a model: addresses made absolute, bytes as they are. */
export function sendModel(source: ModelSource): { model: SentModel; options: { name?: string } } {
  const { model, external = {}, sha256 } = partsOf(source);
  const files = Object.entries(external).map(([location, file]) => [location, sendFile(file)] as const);
  const name = nameOf(model);
  return {
    model: {
      model: sendFile(model),
      external: Object.fromEntries(files),
      ...(sha256 !== undefined && { sha256: sha256.toLowerCase() }),
    },
    options: name ? { name } : {},
  };
}

interface Parts {
  readonly model: FileSource;
  readonly external?: Readonly<Record<string, FileSource>>;
  readonly sha256?: string;
}

function partsOf(source: ModelSource): Parts {
  if (typeof source === 'string' || source instanceof URL || source instanceof Blob) return { model: source };
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return { model: source };
  if ('bytes' in source) return { model: source.bytes, ...(source.external && { external: source.external }) };
  return source;
}

function sendFile(source: FileSource): SentFile {
  if (source instanceof Blob) return { blob: source };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source) };
  if (source instanceof Uint8Array) return { bytes: source };
  return { address: new URL(source, document.baseURI).href };
}

function nameOf(source: FileSource): string {
  if (source instanceof File) return withoutEnding(source.name);
  if (typeof source !== 'string' && !(source instanceof URL)) return '';
  return withoutEnding(new URL(source, document.baseURI).pathname.split('/').at(-1)!);
}

const withoutEnding = (name: string): string => name.replace(/\.onnx$/i, '');
