/** Small choices this browser remembers; where its storage is blocked, as long as the page is open. Never fails. */
const memory = new Map<string, string>();

export function remember(key: string, value: string): void {
  memory.set(key, value);
  try {
    localStorage.setItem(`huddlebox.${key}`, value);
  } catch {
    // Blocked by the browser's settings: the memory above serves.
  }
}

export function recall(key: string): string | undefined {
  try {
    return localStorage.getItem(`huddlebox.${key}`) ?? memory.get(key);
  } catch {
    return memory.get(key);
  }
}
