// How many requests left for another place than the page's own: none, which the page's policy enforces, and which can be seen here.
import { signal } from '@preact/signals';

/** Requests to other origins that were made, or tried and stopped by the browser. */
export const left = signal(0);
/** Files that came from the page's own place. */
export const fetched = signal(0);

export const isOnline = signal(navigator.onLine);
/** Whether the page would open without a network: its service worker has everything. */
export const worksOffline = signal(false);

export function startPrivacy(): void {
  const note = (address: string): void => {
    if (!/^https?:/.test(address)) return;
    if (new URL(address).origin === location.origin) fetched.value++;
    else left.value++;
  };
  new PerformanceObserver((list) => {
    for (const { name } of list.getEntries()) note(name);
  }).observe({ type: 'resource', buffered: true });
  // What the policy stopped did not leave, but something wanted to: that is worth seeing too.
  addEventListener('securitypolicyviolation', ({ blockedURI }) => note(blockedURI));
  const online = (): void => {
    isOnline.value = navigator.onLine;
  };
  addEventListener('online', online);
  addEventListener('offline', online);
}
