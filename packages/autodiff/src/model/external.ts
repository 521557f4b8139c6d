// External data: weights that lie in files beside the model, which names each by a path relative to its own folder.
import type { GraphProto, TensorProto } from 'onnx-buf';
import { SaywhyError } from '../errors.js';
import { EXTERNAL } from './onnx.js';
import type { AttributeValue, Model } from './types.js';

/** Longer paths are refused: no file system takes them. */
const MAX_LOCATION = 4096;

export interface ExternalReference {
  /** The file as the model names it. */
  readonly location: string;
  /** Where in the file the bytes start. */
  readonly offset: number;
  /** How many they are; undefined: all that follow. */
  readonly length: number | undefined;
}

/**
 * Where the data of a tensor lies, or undefined where the model itself holds it.
 * @throws SaywhyError `external-data-outside` for a location that could lead out of the model's folder; `invalid-model`
 */
export function externalReference(proto: TensorProto): ExternalReference | undefined {
  if (proto.dataLocation !== EXTERNAL) return undefined;
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') ?? '';
  if (isOutside(location))
    throw new SaywhyError(
      'external-data-outside',
      `The weights of "${proto.name}" are said to lie in "${location}". External data must lie in the model's own folder or below it, under a relative path.`,
    );
  const length = entries.get('length');
  return {
    location,
    offset: bytePosition(proto, entries.get('offset') ?? '0'),
    length: length === undefined ? undefined : bytePosition(proto, length),
  };
}

/**
 * The files beside the model that hold external data, as the model names them: what `parseModel` wants in `external`, and a runtime beside the model.
 * @throws SaywhyError `external-data-outside`
 */
export function externalLocations({ graph }: Model): string[] {
  const references = [...graph.initializers.values()].map(({ external }) => external);
  for (const { attributes } of graph.nodes)
    for (const name in attributes)
      for (const tensor of tensorsIn(attributes[name])) references.push(externalReference(tensor));
  return [...new Set(references.flatMap((reference) => (reference ? [reference.location] : [])))];
}

/** The constants in an attribute, those of sub-graphs included. */
function tensorsIn(value: AttributeValue): readonly TensorProto[] {
  if (typeof value !== 'object') return [];
  if (Array.isArray(value)) return typeof value[0] === 'object' ? value.flatMap(tensorsIn) : [];
  const { $typeName } = value as TensorProto | GraphProto;
  if ($typeName === 'onnx.TensorProto') return [value as TensorProto];
  const { initializer, node } = value as GraphProto;
  const inner = node.flatMap(({ attribute }) =>
    attribute.flatMap(({ t, g, tensors, graphs }) => [t, g, tensors, graphs]),
  );
  return [...initializer, ...inner.flatMap(tensorsIn)];
}

/**
 * The bytes that a reference means.
 * @throws SaywhyError `external-data-missing` where the file was not supplied; `invalid-model` where it is too short
 */
export function externalBytes(
  name: string,
  { location, offset, length }: ExternalReference,
  external: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const file = externalFile(external, location);
  if (!file)
    throw new SaywhyError(
      'external-data-missing',
      `The weights of "${name}" lie in "${location}", which was not given. Pass { bytes, external: { "${location}": ... } }.`,
    );
  const end = length === undefined ? file.length : offset + length;
  if (offset > end || end > file.length)
    throw new SaywhyError(
      'invalid-model',
      `"${name}" claims bytes ${offset} to ${end} of "${location}", which holds ${file.length}. The file may be truncated.`,
    );
  return file.subarray(offset, end);
}

/** The file that was given for a location, however either is spelled: `./sub//weights.bin` is `sub/weights.bin`. */
export function externalFile(external: ReadonlyMap<string, Uint8Array>, location: string): Uint8Array | undefined {
  const wanted = normalLocation(location);
  return external.get(location) ?? [...external].find(([given]) => normalLocation(given) === wanted)?.[1];
}

function normalLocation(location: string): string {
  return location
    .split(/[\\/]/)
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** Whether a location could leave the model's folder on any system, or when a browser resolves it as a URL. */
function isOutside(location: string): boolean {
  if (location.length > MAX_LOCATION || leadsOut(location)) return true;
  const decoded = percentDecoded(location);
  return decoded !== location && isOutside(decoded);
}

function leadsOut(path: string): boolean {
  const isAbsolute = /^[\\/]/.test(path);
  const hasSchemeOrDrive = path.includes(':');
  const climbs = path.split(/[\\/]/).some((segment) => /^\.\.[. ]*$/.test(segment.trim()));
  const hasControl = [...path].some((character) => character < ' ');
  return normalLocation(path) === '' || isAbsolute || hasSchemeOrDrive || climbs || hasControl;
}

/** Decodes once; `isOutside` repeats it, since a careless consumer may decode twice. */
function percentDecoded(text: string): string {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function bytePosition(proto: TensorProto, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new SaywhyError('invalid-model', `"${proto.name}" gives "${text}" as a position in its external data.`);
}
