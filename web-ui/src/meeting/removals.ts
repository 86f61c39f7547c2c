/** Whom this participant has put out of the meeting: told as that, not also as leaving. Forgets who comes back. */
const removed = new Set<string>();

export const removals = {
  begin: (identity: string): void => void removed.add(identity),
  /** It did not work, or they are back. */
  forget: (identity: string): void => void removed.delete(identity),
  forgetAll: (): void => removed.clear(),
  has: (identity: string): boolean => removed.has(identity),
};
