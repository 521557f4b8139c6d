import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const file = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/**
 * What axe-core finds wrong with a page as it is now shown, by all of its rules: WCAG 2.2 AA and its best practices. One
 * line each, with the first elements at fault.
 */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(file, 'utf8'));
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run(document, { preload: false, resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })`,
  );
  return violations.map(({ id, help, nodes }) => {
    const places = nodes
      .slice(0, 3)
      .map(({ target, failureSummary }) => `\n    ${target.join(' ')}: ${failureSummary}`);
    return `${id}: ${help} (${nodes.length})${places.join('')}`;
  });
}
