import { methods } from '@saywhy/core';
import { bundledModels, bundledPath, DEFAULT_MODEL } from '../models/bundled.js';
import { columns, type Terminal } from './terminal.js';

interface ListOptions {
  readonly json?: boolean;
}

/** `saywhy methods` */
export function methodsCommand({ json }: ListOptions, terminal: Terminal): void {
  if (json) {
    for (const { name, title, paper, needs, signed, warning } of methods) {
      terminal.print(JSON.stringify({ name, title, paper, needs, signed, ...(warning && { warning }) }));
    }
    return;
  }
  const rows = methods.map(({ name, title, paper, warning }) => [
    name,
    title,
    `${paper.title}${warning ? ' (!)' : ''}`,
  ]);
  for (const line of columns(rows)) terminal.print(line);
  terminal.print();
  for (const message of new Set(methods.flatMap(({ warning }) => (warning ? [warning.message] : [])))) {
    terminal.print(terminal.dim(`(!) ${message}`));
  }
}

/** `saywhy models` */
export async function modelsCommand({ json }: ListOptions, terminal: Terminal): Promise<void> {
  const models = await bundledModels();
  if (json) {
    for (const model of models) terminal.print(JSON.stringify({ ...model, path: bundledPath(model) }));
    return;
  }
  for (const model of models) {
    const first = model.name === DEFAULT_MODEL ? ' (the default)' : '';
    terminal.print(`${terminal.bold(model.name)}${first}`);
    const right =
      model.top1 === undefined ? '' : `: right on ${(model.top1 * 100).toFixed(1)} % of ImageNet's validation pictures`;
    terminal.print(`  ${model.title}${right}. ${model.facts}`);
    terminal.print(terminal.dim(`  ${(model.bytes / 1e6).toFixed(1)} MB, ${model.licence}, ${bundledPath(model)}`));
  }
}
