import { SaywhyError } from '../errors.js';

/** Files of other kinds that people give for a model, by their first bytes. */
const kinds: readonly (readonly [offset: number, magic: string, what: string, advice: string])[] = [
  [0, 'PK\x03\x04', 'a zip archive, as PyTorch saves its checkpoints', 'Export the model with torch.onnx.export.'],
  [0, '\x80\x02', 'a Python pickle, as old PyTorch checkpoints are', 'Export the model with torch.onnx.export.'],
  [0, '\x89HDF\r\n', 'an HDF5 file, as Keras saves its models', 'Convert it with tf2onnx.'],
  [4, 'TFL3', 'a TensorFlow Lite model', 'Convert it with tf2onnx.'],
  [4, 'ORTM', "a model in ONNX Runtime's own format", 'Give the .onnx file that it was made from.'],
  [8, '{"', 'a safetensors file', 'It holds weights without the model: export the model with torch.onnx.export.'],
  [0, '\xff\xd8\xff', 'a picture', 'Pictures are what the model is asked about; the model is an .onnx file.'],
  [0, '\x89PNG', 'a picture', 'Pictures are what the model is asked about; the model is an .onnx file.'],
  [0, '%PDF-', 'a PDF', 'The model is an .onnx file.'],
  [0, '<!doctype', 'an HTML page', 'Was the download redirected to a page?'],
  [0, '<html', 'an HTML page', 'Was the download redirected to a page?'],
  [0, 'version https://git-lfs', 'a Git LFS pointer', 'Fetch the file itself: git lfs pull.'],
];

/**
 * @param name what to call the file in the error: its path or address
 * @throws SaywhyError `not-a-model` saying what the file is instead
 */
export function refuseOtherFiles(bytes: Uint8Array, name: string): void {
  if (bytes.length === 0) throw new SaywhyError('not-a-model', `${name} is empty: 0 bytes.`);
  const start = String.fromCharCode(...bytes.subarray(0, 64)).toLowerCase();
  const found = kinds.find(([offset, magic]) => start.startsWith(magic.toLowerCase(), offset));
  if (found) throw new SaywhyError('not-a-model', `${name} is ${found[2]}, not an ONNX model. ${found[3]}`);
}
