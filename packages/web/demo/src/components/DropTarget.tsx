import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { take } from '../state/intake.js';
import { filesOf } from './dropped.js';

/** The whole page takes what is dropped on it or pasted into it: models, pictures, labels and preprocessing together. */
export function DropTarget({ children }: { readonly children: ComponentChildren }) {
  const over = useSignal(false);
  useEffect(() => {
    const abort = new AbortController();
    const { signal } = abort;
    const hasFiles = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    addEventListener(
      'dragover',
      (event) => {
        if (!hasFiles(event)) return;
        event.preventDefault();
        over.value = true;
      },
      { signal },
    );
    addEventListener(
      'dragleave',
      (event) => {
        if (event.relatedTarget === null) over.value = false;
      },
      { signal },
    );
    addEventListener(
      'drop',
      (event) => {
        over.value = false;
        if (!hasFiles(event)) return;
        event.preventDefault();
        void filesOf(event.dataTransfer!).then((files) => take(files, 'picture'));
      },
      { signal },
    );
    addEventListener(
      'paste',
      (event) => {
        const files = [...(event.clipboardData?.files ?? [])];
        if (files.length > 0) void take(files, 'picture');
      },
      { signal },
    );
    return () => abort.abort();
  }, [over]);
  return (
    <div class={over.value ? 'page dropping' : 'page'}>
      {children}
      {over.value && (
        <div class="drop-hint" aria-hidden="true">
          <p>
            <b>Drop it anywhere</b>a picture, an ONNX model with its weights, labels, preprocessing: together or one by
            one
          </p>
        </div>
      )}
    </div>
  );
}
