import { absolute } from '../absolute.js';
import type { SentFile, SentModel, SentPart } from '../remote/protocol.js';
import type { FileSource, ModelSource, OneModel } from '../types.js';

export interface OutgoingModel {
  readonly model: SentModel;
  readonly options: { readonly name?: string };
  /** What moves to the worker. */
  readonly transfer: Transferable[];
}

/** Addresses made absolute; Blobs cross without a copy, and of bytes one is made, since they are the caller's. */
export function sendModel(source: ModelSource): OutgoingModel {
  if (typeof source !== 'object' || !('encoder' in source)) return sendOne(source);
  const [encoder, decoder] = [sendOne(source.encoder), sendOne(source.decoder)];
  return {
    model: { encoder: encoder.model, decoder: decoder.model },
    options: encoder.options,
    transfer: [...encoder.transfer, ...decoder.transfer],
  };
}

function sendOne(source: OneModel): OutgoingModel & { readonly model: SentPart } {
  const { model, external = {}, sha256 } = partsOf(source);
  const files = Object.entries(external).map(([location, file]) => [location, sendFile(file)] as const);
  const name = nameOf(model);
  const sent = sendFile(model);
  return {
    transfer: [sent, ...files.map(([, file]) => file)].flatMap((file) => ('bytes' in file ? [file.bytes.buffer] : [])),
    model: {
      model: sent,
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

function partsOf(source: OneModel): Parts {
  if (typeof source === 'string' || source instanceof URL || source instanceof Blob) return { model: source };
  if (source instanceof ArrayBuffer || source instanceof Uint8Array) return { model: source };
  if ('bytes' in source) return { model: source.bytes, ...(source.external && { external: source.external }) };
  return source;
}

function sendFile(source: FileSource): SentFile {
  if (source instanceof Blob) return { blob: source };
  if (source instanceof ArrayBuffer) return { bytes: new Uint8Array(source.slice()) };
  if (source instanceof Uint8Array) return { bytes: new Uint8Array(source) };
  return { address: absolute(source) };
}

function nameOf(source: FileSource): string {
  if (source instanceof File) return withoutEnding(source.name);
  if (typeof source !== 'string' && !(source instanceof URL)) return '';
  return withoutEnding(new URL(absolute(source)).pathname.split('/').at(-1)!);
}

const withoutEnding = (name: string): string => name.replace(/\.onnx$/i, '');
