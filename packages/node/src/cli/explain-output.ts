import type { ExplanationMap, Prediction } from '@saywhy/core';
import { boxInWords, number, percent, strongestPlace } from '@saywhy/core/words';
import type { MapFiles } from '../save.js';
import type { Run } from './explain.js';
import { columns, type Terminal } from './terminal.js';

/** A line of JSON for each map: the keys are part of the command's contract. */
export function printJson({ path, decode, explanation }: Run, files: readonly MapFiles[], terminal: Terminal): void {
  const { model, device, texts, caption, predictions, region, timings, warnings, provenance, maps } = explanation;
  maps.forEach(({ method, layer, target, shape }, i) => {
    const [height, width] = shape;
    terminal.print(
      JSON.stringify({
        image: path,
        model,
        device,
        method,
        layer: layer.name,
        target: { text: target.text, index: target.index, label: target.label },
        texts,
        caption,
        predictions: predictions.map(({ index, label, logit, probability, share, box }) => ({
          index,
          label,
          logit,
          probability,
          share,
          box,
        })),
        map: { width, height },
        region,
        files: files[i],
        timings: { decode, ...timings },
        warnings,
        provenance,
      }),
    );
  });
}

/** What the model says, and where each map is strongest. */
export function printExplanation({ image, picture, explanation }: Run, terminal: Terminal): void {
  const { predictions, maps, model, device, texts, caption } = explanation;
  terminal.print(
    `${terminal.bold(image)} ${terminal.dim(`${picture.width} x ${picture.height}, ${model} on ${device}`)}`,
  );
  for (const text of Object.values(texts ?? {})) terminal.print(`  ${text}`);
  if (caption)
    terminal.print(`  "${caption.text}" (${percent(Math.exp(caption.logProbability)).replaceAll('\u00a0', ' ')})`);
  for (const line of columns(predictions.map(prediction))) terminal.print(`  ${line}`);
  terminal.print();
  for (const line of columns(maps.map(mapRow))) terminal.print(`  ${line}`);
  terminal.print();
}

function prediction({ index, label, logit, probability, share, box }: Prediction): string[] {
  const part = probability ?? share;
  const score = part === undefined ? number(logit) : percent(part);
  return [
    score.replaceAll('\u00a0', ' ').padStart(7),
    label ?? `class ${index}`,
    probability !== undefined ? `logit ${number(logit)}` : share !== undefined ? 'of the picture' : '',
    ...(box ? [`box ${boxInWords(box)}`] : []),
  ];
}

function mapRow({ method, target, layer, raw, data, shape }: ExplanationMap): string[] {
  return [method, target.text, `${layer.name} ${raw.shape.join(' x ')}`, `strongest ${strongestPlace(data, shape)}`];
}
