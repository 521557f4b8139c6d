/** The buffers of the arrays in a result, each once, to be transferred. Activations are cloned: what runs gave is kept for further questions. */
export function buffersIn(value: unknown, found = new Set<ArrayBuffer>()): ArrayBuffer[] {
  if (ArrayBuffer.isView(value)) {
    if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
  } else if (typeof value === 'object' && value !== null)
    for (const [key, item] of Object.entries(value)) if (key !== 'activation') buffersIn(item, found);
  return [...found];
}
