// Chance that a seed decides, so that a study can be run again as it was.

/** In an order of chance (Fisher and Yates). */
export function shuffle<T>(values: readonly T[], next: () => number): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** As many as wanted, each as often as any other but for one: shuffled round after round. */
export function evenly<T>(values: readonly T[], count: number, next: () => number): T[] {
  const drawn: T[] = [];
  while (drawn.length < count && values.length > 0) drawn.push(...shuffle(values, next));
  return drawn.slice(0, count);
}
