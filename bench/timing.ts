/** Milliseconds that a call takes. */
async function time(run: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** Two pieces of work, measured in turn in one process. */
export interface Pair {
  /** Median milliseconds of each in the best round. */
  readonly first: number;
  readonly second: number;
}

/**
 * Runs two pieces of work alternately, so that a machine whose speed drifts slows both, in three rounds; the round with the smallest ratio of medians
 * counts, since noise only adds.
 */
export async function pair(first: () => Promise<unknown>, second: () => Promise<unknown>, runs: number): Promise<Pair> {
  await first();
  await second();
  let best: Pair | undefined;
  for (let round = 0; round < 3; round++) {
    const times: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run++) {
      times[0].push(await time(first));
      times[1].push(await time(second));
    }
    const result = { first: median(times[0]), second: median(times[1]) };
    if (!best || result.second / result.first < best.second / best.first) best = result;
  }
  return best!;
}
