/** Small choices this browser remembers. Never fails: a blocked storage remembers nothing. */
export function remember(key: string, value: string): void {
  try {
    localStorage.setItem(`huddlebox.${key}`, value);
  } catch {
    // Blocked by the browser's settings.
  }
}

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`huddlebox.${key}`) ?? undefined;
  } catch {
    return undefined;
  }
}
