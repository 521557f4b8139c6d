// The page's service worker, which lets it open without a network.
import { effect, untracked } from '@preact/signals';
import type { FromServiceWorker, ToServiceWorker } from '../../offline/messages.js';
import { main } from './desk.js';
import { left, worksOffline } from './privacy.js';

export function startOffline(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  serviceWorker.addEventListener('message', ({ data }) => {
    const message = data as FromServiceWorker;
    if (message.kind === 'kept') worksOffline.value = true;
    else left.value++;
  });
  // Private windows of some browsers refuse it: then the page works as long as there is a network.
  const ready = serviceWorker.register(new URL('sw.js', document.baseURI)).then(
    () => serviceWorker.ready,
    () => undefined,
  );
  let asked = false;
  effect(() => {
    // Nothing is fetched ahead before the first answer is there.
    if (!main.answer.value || asked) return;
    asked = true;
    untracked(() => void ready.then(async (registration) => registration?.active?.postMessage(await wanted())));
  });
}

/** All but the builds of the runtime that this browser does not use. */
async function wanted(): Promise<ToServiceWorker> {
  const adapter = await navigator.gpu?.requestAdapter().catch(() => null);
  const jspi = 'Suspending' in WebAssembly;
  const unused = adapter ? [jspi ? '.asyncify' : '.jspi', 'threaded-'] : ['.jspi', '.asyncify'];
  return { kind: 'keep', except: unused };
}
