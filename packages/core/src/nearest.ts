/** Levenshtein distance between two strings: the fewest insertions, deletions and substitutions of UTF-16 units. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

/**
 * The candidates that `name` was probably meant to be, best first: those that hold it as a part, and those within a
 * third of its length in edits. Case is ignored. Empty when nothing is near.
 */
export function nearest(name: string, candidates: Iterable<string>, limit = 3): string[] {
  const wanted = name.toLowerCase();
  const reach = Math.max(1, Math.floor(wanted.length / 3));
  const near: { candidate: string; distance: number }[] = [];
  for (const candidate of candidates) {
    const text = candidate.toLowerCase();
    const holds = wanted.length > 2 && text.includes(wanted);
    if (!holds && Math.abs(text.length - wanted.length) > reach) continue;
    const distance = editDistance(wanted, text);
    if (holds || distance <= reach) near.push({ candidate, distance: holds ? Math.min(distance, reach) : distance });
  }
  return near
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map((entry) => entry.candidate);
}
