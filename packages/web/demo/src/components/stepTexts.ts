import type { Preprocess, PreprocessStep } from '@saywhy/core';
import { number } from '@saywhy/core/words';

/** Preprocessing in words, a line a step. */
export function stepTexts(preprocess: Preprocess | undefined): string[] {
  if (!preprocess) return ['not known: the model takes no picture as it stands'];
  const { channels, layout, steps } = preprocess;
  const colours = { RGB: 'red, green, blue', BGR: 'blue, green, red', GRAY: 'grey' }[channels];
  return [...steps.map(stepText), `Colours in the order ${colours}; ${layout}`];
}

function stepText(step: PreprocessStep): string {
  if ('resize' in step) {
    const { resize } = step;
    const filter = resize.filter ?? 'bilinear';
    if ('within' in resize) return `Resize to as large as fits ${resize.within.join(' × ')} pixels (${filter})`;
    if ('size' in resize) return `Resize to ${resize.size.join(' × ')} pixels (${filter})`;
    if ('shortest' in resize) return `Resize the shorter side to ${resize.shortest} pixels (${filter})`;
    return `Resize the longer side to ${resize.longest} pixels (${filter})`;
  }
  if ('crop' in step)
    return `Take ${('size' in step.crop ? step.crop.size : step.crop).join(' × ')} pixels from the middle`;
  if ('pad' in step) return `Pad to ${step.pad.size.join(' × ')} pixels`;
  if ('rescale' in step) {
    const inverse = 1 / step.rescale;
    return Math.abs(inverse - Math.round(inverse)) < 1e-6
      ? `Divide by ${Math.round(inverse)}`
      : `Multiply by ${number(step.rescale)}`;
  }
  const list = (value: number | readonly number[]): string =>
    typeof value === 'number'
      ? number(value)
      : new Set(value).size === 1
        ? number(value[0]!)
        : value.map(number).join(', ');
  return `Subtract ${list(step.normalize.mean)}, divide by ${list(step.normalize.std)}`;
}

/** Preprocessing as JSON, a line a step. */
export function preprocessText({ channels, layout, steps }: Preprocess): string {
  const lines = steps.map((step) => `    ${JSON.stringify(step)}`);
  return `{
  "channels": "${channels}",
  "layout": "${layout}",
  "steps": [
${lines.join(',\n')}
  ]
}`;
}
