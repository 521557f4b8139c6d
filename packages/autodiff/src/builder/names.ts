import { SaywhyError } from '../errors.js';

/** The names of the tensors of a graph that is built, and of the graphs inside its nodes: no two are alike. */
export class Names {
  private readonly own: Set<string>;
  /** Names that the graphs inside the nodes use. */
  private readonly inside = new Set<string>();
  private readonly counts = new Map<string, number>();

  /**
   * @param outer those of the graph around this one, for a graph inside a node
   * @param place put before every name that is made, so that none is like one of a graph around it
   */
  constructor(
    own: Iterable<string>,
    private readonly outer?: Names,
    private readonly place = '',
  ) {
    this.own = new Set(own);
  }

  /** A tensor of this name is made. */
  take(name: string): void {
    this.own.add(name);
    for (let around = this.outer; around; around = around.outer) around.inside.add(name);
  }

  /** @throws SaywhyError `duplicate-name` for a name that a tensor of the graph has */
  claim(name: string): void {
    if (this.own.has(name))
      throw new SaywhyError(
        'duplicate-name',
        `The model already has a tensor "${name}". Pass another \`prefix\` to name what is added now.`,
      );
  }

  /** A name that neither a tensor nor the outputs of a node of that name would share with what is there. */
  unique(name: string, outputCount = 1): string {
    const base = this.place + name;
    for (;;) {
      const count = (this.counts.get(base) ?? 0) + 1;
      this.counts.set(base, count);
      const name = count === 1 ? base : `${base}_${count}`;
      const names = [name, ...Array.from({ length: outputCount }, (_, index) => outputName(name, index))];
      if (!names.some((taken) => this.isTaken(taken))) return name;
    }
  }

  private isTaken(name: string): boolean {
    return this.own.has(name) || this.inside.has(name) || (this.outer?.isTaken(name) ?? false);
  }
}

export function outputName(node: string, index: number): string {
  return index === 0 ? `${node}_output` : `${node}_output_${index}`;
}
