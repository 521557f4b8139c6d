import type { LayerInfo } from '@saywhy/core';

/** The grid of a layer, as far as the model's file tells it. */
export function gridSize({ shape, layout }: LayerInfo): readonly (number | string)[] {
  if (layout === 'tokens') return [];
  return layout === 'channels-last' ? shape.slice(1, -1) : shape.slice(2);
}

export function sizeText(layer: LayerInfo): string {
  const grid = gridSize(layer);
  if (layer.layout === 'tokens') return `${layer.shape[1] ?? '?'} tokens`;
  return grid.length > 0 ? grid.join(' × ') : 'size unknown';
}

/** Neighbouring layers with the same grid; of a long row only those wide enough to be labelled are. */
export function layerStages(layers: readonly LayerInfo[]): { from: number; count: number; text: string }[] {
  const stages: { from: number; count: number; text: string }[] = [];
  layers.forEach((layer, i) => {
    const text = layer.layout === 'tokens' ? 'tokens' : String(gridSize(layer)[0] ?? '');
    const last = stages.at(-1);
    if (last && last.text === text) last.count++;
    else stages.push({ from: i, count: 1, text });
  });
  return stages.map((stage) => ({ ...stage, text: stage.count / layers.length < 0.06 ? '' : stage.text }));
}
