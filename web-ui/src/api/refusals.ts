/** That the box refused the signed-in user something: what the page knows of their rights may be old. */
const listeners = new Set<() => void>();

export function reportRefusal(): void {
  for (const listener of listeners) listener();
}

/** Returns the unsubscribe function. */
export function subscribeRefusals(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
