/** Shorter texts are part of almost everything. */
const MIN_PART = 3;

/** Up to three candidates that a mistyped text may have meant, best first: those that contain it, then those a few edits away. */
export function nearest(text: string, candidates: readonly string[]): string[] {
  const wanted = text.toLowerCase();
  const scored = candidates.map((candidate) => {
    const name = candidate.toLowerCase();
    const isPart = Math.min(name.length, wanted.length) >= MIN_PART && (name.includes(wanted) || wanted.includes(name));
    const distance = isPart ? Math.abs(name.length - wanted.length) / 100 : editDistance(wanted, name);
    return { candidate, distance };
  });
  const limit = Math.max(2, wanted.length / 3);
  return scored
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Levenshtein's distance: the insertions, deletions and replacements between two texts. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next[j] = Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length]!;
}
