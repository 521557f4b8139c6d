/** Shares of the scale at which lines are drawn; of maps with a sign, on both sides of zero. */
export const LEVELS: readonly number[] = [0.25, 0.5, 0.75];
