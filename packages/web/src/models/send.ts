import { SaywhyError } from '@saywhy/core';
import { absolute } from '../absolute.js';
import { isPlain } from '../remote/callables.js';
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
  if (!isPlain(source) || !('encoder' in source)) return sendOne(source as OneModel);
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
      ...(sha256 !== undefined && { sha256: String(sha256).toLowerCase() }),
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
  if (!isPlain(source)) return { model: source };
  return 'bytes' in source ? { ...source, model: source.bytes } : source;
}

/** @throws SaywhyError `not-a-model` for what is no file */
function sendFile(source: FileSource): SentFile {
  if (source instanceof Blob) return { blob: source };
  if (ArrayBuffer.isView(source)) {
    const { buffer, byteOffset, byteLength } = source;
    return { bytes: new Uint8Array(buffer, byteOffset, byteLength).slice() };
  }
  if (/^\[object (Shared)?ArrayBuffer/.test(String(source)))
    return { bytes: new Uint8Array(source as ArrayBuffer).slice() };
  if (typeof source === 'string' || source instanceof URL) return { address: absolute(source) };
  throw new SaywhyError(
    'not-a-model',
    `${String(source)} is no model: give an address, a Blob or File, bytes, { model, external }, or { encoder, decoder }.`,
  );
}

function nameOf(source: FileSource): string {
  if (source instanceof File) return withoutEnding(source.name);
  if (typeof source !== 'string' && !(source instanceof URL)) return '';
  const { protocol, pathname } = new URL(absolute(source));
  return protocol === 'data:' ? '' : withoutEnding(pathname.split('/').at(-1)!);
}

const withoutEnding = (name: string): string => name.replace(/\.onnx$/i, '');
