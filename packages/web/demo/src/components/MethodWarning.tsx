import type { Method } from '@saywhy/core';
import { WarningIcon } from './icons.js';

/** What users of a method should know, in the registry's words. */
export function MethodWarning({ method: { warning } }: { readonly method: Method }) {
  if (!warning) return null;
  return (
    <p class="note">
      <WarningIcon />
      <span>{warning.message}</span>
    </p>
  );
}
