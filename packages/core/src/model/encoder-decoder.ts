// Models that write texts of pictures are often exported in two files: Hugging Face's optimum writes them so, and transformers.js reads them so.
import { isFloating, type Model, type ModelBytes, parseModel, requiredInputs, writeModel } from '@saywhy/autodiff';
import { compose, type Links } from '@saywhy/autodiff/compose';
import { SaywhyError } from '../errors.js';

/** What optimum calls what goes from one to the other. */
const LINKED = { encoder_hidden_states: 'last_hidden_state' } as const;

/**
 * An encoder and the decoder that reads its results as one model, from the picture to the words' scores.
 * @throws SaywhyError `not-a-pair` where the decoder reads nothing that the encoder gives; `opset-mismatch`, `invalid-model`, `model-too-large`
 */
export function joinEncoderDecoder(encoder: ModelBytes, decoder: ModelBytes): ModelBytes {
  const [first, second] = [parseModel(encoder), parseModel(decoder)];
  const joined = compose(first, second, linksBetween(first, second));
  return { bytes: writeModel(joined), external: Object.fromEntries(joined.external) };
}

function linksBetween({ graph: encoder }: Model, { graph: decoder }: Model): Links {
  const given = encoder.outputs.map(({ name }) => name);
  const read = requiredInputs(decoder).filter(({ type }) => isFloating(type));
  const links = read.flatMap(({ name }) => {
    const called = name in LINKED ? [LINKED[name as keyof typeof LINKED], name] : [name];
    const found = called.find((one) => given.includes(one));
    return found === undefined ? [] : [[name, found] as const];
  });
  if (links.length > 0) return Object.fromEntries(links);
  const names = (values: readonly { readonly name: string }[]) => values.map(({ name }) => name).join(', ');
  throw new SaywhyError(
    'not-a-pair',
    `The decoder reads nothing that the encoder gives: its inputs are ${names(decoder.inputs)}, and the encoder's outputs are ${names(encoder.outputs)}. Are they of one export, and the right way round?`,
  );
}
