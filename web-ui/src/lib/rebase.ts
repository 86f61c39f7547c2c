/** Puts somebody's changes on top of what others made of the same thing meanwhile. */

export interface Rebased<T> {
  value: T;
  /** Both changed the same part, to different values: the draft's stands. */
  clash: boolean;
}

/** What `draft` changed against `base`, on top of `theirs`. Objects are looked into, all else is taken whole. */
export function rebase<T>(base: T, draft: T, theirs: T): Rebased<T> {
  if (same(draft, base)) return { value: theirs, clash: false };
  if (same(theirs, base)) return { value: draft, clash: false };
  if (!isObject(base) || !isObject(draft) || !isObject(theirs)) return { value: draft, clash: !same(draft, theirs) };
  const value: Record<string, unknown> = {};
  let clash = false;
  for (const key of new Set([...Object.keys(theirs), ...Object.keys(draft)])) {
    const part = rebase(base[key], draft[key], theirs[key]);
    clash ||= part.clash;
    if (part.value !== undefined) value[key] = part.value;
  }
  return { value: value as T, clash };
}

export function same(a: unknown, b: unknown): boolean {
  if (!isObject(a) || !isObject(b)) return a === b || JSON.stringify(a) === JSON.stringify(b);
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => same(a[key], b[key]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
