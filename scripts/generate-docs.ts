/** Writes the pages of docs/ that are made from the code's own tables: `npm run docs`. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { methods } from '@saywhy/core';
import { patterns } from '../packages/autodiff/src/operators/elementwise/patterns.js';
import { families } from '../packages/autodiff/src/operators/index.js';
import type { AnyOperator } from '../packages/autodiff/src/operators/record.js';
import { formalName, schemaOf } from '../packages/autodiff/src/schema/read.js';

/** The opsets between which the rules are tested: the newest is the last that onnxruntime 1.30 loads. */
const OLDEST_OPSET = 7;
const NEWEST_OPSET = 26;

/** Names of inputs that are positions, lengths, classes, conditions: integers, or true or false. */
const wholeNumbers =
  /^(indices|write_indices|condition|shape|target|labels|frame_step|frame_length|position_ids|sequence_lens|nonpad_kv_seqlen|\w*zero_point|input_ids|segment_ids|mask|mask_index|key_padding_mask|past_sequence_length|cache_indirection|ratio|training_mode)$/;

type Records = Readonly<Record<string, AnyOperator>>;

const titles: Readonly<Record<keyof typeof families, string>> = {
  arithmetic: 'Arithmetic',
  trigonometry: 'Circular and hyperbolic functions',
  activations: 'Activations',
  logic: 'Comparisons, logic and steps',
  constants: 'Constants and shapes',
  structure: 'Shape and type',
  blocks: 'Joining, parting, repeating',
  slicing: 'Slicing',
  padding: 'Padding',
  indexing: 'Indexing',
  scatter: 'Scattering',
  resize: 'Resizing',
  grid: 'Sampling by a grid',
  regions: 'Regions of interest',
  deformable: 'Deformable convolution',
  reductions: 'Reductions',
  cumulative: 'Sums and products along an axis',
  matrices: 'Products of matrices',
  einsum: 'Sums of products',
  determinant: 'Determinants',
  fourier: 'Fourier transforms',
  convolution: 'Convolution',
  columns: 'Columns of patches',
  pooling: 'Pooling',
  normalization: 'Normalization',
  softmax: 'Softmax',
  losses: 'Losses',
  quantization: 'Quantization',
  text: 'Text and pictures',
  fused: 'Fused by onnxruntime',
  fusedNormalization: 'Normalizations fused by onnxruntime',
  attention: 'Attention',
  recurrentLayers: 'Recurrent layers',
  control: 'Control flow',
  sequences: 'Sequences',
  fusedAttention: 'Attention fused by onnxruntime',
};

/** docs/operators.md: what the engine knows of every operator. */
function operatorsPage(): string {
  const sections = Object.entries(families).map(([family, records]) => section(family, records as unknown as Records));
  const all = Object.values(families).flatMap((records) => Object.entries(records as unknown as Records));
  const none = all.filter(([, { grad }]) => grad === 'none').map(([name]) => `\`${name}\``);
  return `# Operators

Made from the operators' records by \`npm run docs\`: do not edit.

The engine differentiates the operators below in opset ${OLDEST_OPSET} to ${NEWEST_OPSET} (newer ones as the newest it knows): the versions are those at which an operator
came or changed, and each is read and written. An input has a derivative where its values can change the output smoothly; the others are indices, shapes and the like. Where a function has
a kink, the engine does what PyTorch does. \`lowered\`: the operator is written in simpler ones, whose rules serve. Branches, loops and
sequences of which it is known before anything runs what they do, and functions of the model's own, are written out first; \`its graphs\`: the way through any other leads through the graphs inside it.

A gradient through any other operator is refused, with the names of all that stand in its way; off the way they do not matter. \`rules\` of
\`differentiate\` gives an operator a rule of your own.

${sections.filter((text) => text !== '').join('\n\n')}

## Several nodes that are one function

Recognised where exporters write them out, and differentiated in fewer passes over memory: ${patterns.map(({ name }) => `\`${name}\``).join(', ')}.

## No derivative

They are constant almost everywhere, or give integers or booleans: nothing flows back through them.

${none.sort().join(', ')}.
`;
}

/** A row of a table: a bar inside a cell would end it. */
export function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function section(family: string, records: Records): string {
  const rows = Object.entries(records).filter(([, { grad }]) => grad !== 'none');
  if (rows.length === 0) return '';
  const lines = rows.map(([name, record]) => {
    const { kink = '', note = record.refused ?? '' } = record;
    return tableRow([`\`${name}\``, versions(name), inputs(name, record).join(', '), manner(record), kink, note]);
  });
  return `## ${titles[family as keyof typeof families]}

| Operator | Opset | Inputs with a derivative | By | At kinks | Notes |
|---|---|---|---|---|---|
${lines.join('\n')}`;
}

/** The versions in force from the oldest opset on. */
function versions(name: string): string {
  const all = schemaOf(name)?.versions ?? [];
  const inForce = all.findLastIndex((version) => version <= OLDEST_OPSET);
  return all
    .slice(Math.max(inForce, 0))
    .filter((version) => version <= NEWEST_OPSET)
    .join(', ');
}

function manner({ lower, holdsGraphs, refused }: AnyOperator): string {
  if (refused) return 'refused, unless written out';
  return holdsGraphs ? 'its graphs' : lower ? 'lowered' : 'rule';
}

function inputs(name: string, { grad, lower, holdsGraphs }: AnyOperator): string[] {
  if (holdsGraphs) return ['what its graphs use'];
  const formals = (schemaOf(name)?.signatures.at(-1)?.inputs ?? []).map((input) => input.replace('?', ''));
  // What is lowered has a derivative in each input that is a real number.
  if (lower) return formals.filter((formal) => !wholeNumbers.test(formal));
  return formals.filter((formal) => typeof grad === 'object' && formalName(formal) in grad);
}

const costs: Readonly<Record<string, string>> = {
  activations: 'the layer',
  gradients: 'its gradient',
  input: 'the input',
  'input-gradients': 'the gradient at the input',
  head: 'a head of average pooling and one linear layer',
  runs: 'many runs of the model',
};

/** docs/methods.md: what each method is and needs. */
function methodsPage(): string {
  const rows = methods.map(({ name, title, paper, needs, signed, warning }) =>
    tableRow([
      `\`${name}\``,
      title,
      needs.map((need) => costs[need]).join(', '),
      signed ? 'yes' : '',
      `[${paper.title}](${paper.url})`,
      warning?.message ?? '',
    ]),
  );
  return `# Methods

Made from the methods' records by \`npm run docs\`: do not edit.

Maps with a sign are shown around zero: what is negative speaks against the target. Every CAM method ends in a ReLU, as in pytorch-grad-cam; \`raw\` holds the map
before any scaling.

| Name | Method | Needs | Signed | Paper | Know this |
|---|---|---|---|---|---|
${rows.join('\n')}
`;
}

/** The pages by the files of docs/ that hold them. */
export const pages: Readonly<Record<string, () => string>> = {
  'operators.md': operatorsPage,
  'methods.md': methodsPage,
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [file, page] of Object.entries(pages)) writeFileSync(new URL(`../docs/${file}`, import.meta.url), page());
