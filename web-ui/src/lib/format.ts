/** Numbers and times as people read them. */

/** 75 → `1:15`, 3675 → `1:01:15`. Negative and broken values read as zero. */
export function formatDuration(seconds: number): string {
  const total = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const [hours = 0, minutes = 0, rest = 0] = parts;
  const two = (value: number) => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** 1,536,000 → `1.5 MB` (powers of ten, as disks are sold). */
export function formatBytes(bytes: number, locale?: string): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = Number.isFinite(bytes) ? Math.max(0, bytes) : 0;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 9.95 ? 1 : 0;
  return `${value.toLocaleString(locale, { maximumFractionDigits: digits })} ${units[unit] ?? ''}`;
}

/** Date and time of day, in the reader's words. */
export function formatDate(ms: number, locale?: string): string {
  return new Date(ms).toLocaleString(locale, { dateStyle: 'medium', timeStyle: 'short' });
}

/** The day alone, where lists have no room for more. */
export function formatDay(ms: number, locale?: string): string {
  return new Date(ms).toLocaleDateString(locale, { dateStyle: 'medium' });
}

export function formatTime(ms: number, locale?: string): string {
  return new Date(ms).toLocaleTimeString(locale, { timeStyle: 'short' });
}

/** Up to two letters that stand for a name; characters that are not seen are none. */
export function initials(name: string): string {
  const seen = name.replace(/\p{Cf}|(?!\s)\p{Cc}/gu, '');
  const words = seen.trim().split(/\s+/u).filter(Boolean);
  const picked = words.length > 1 ? [words[0], words[words.length - 1]] : [words[0]];
  const letters = picked.map((word) => (word ? ([...word][0] ?? '') : '')).join('');
  return letters.toLocaleUpperCase() || '?';
}

/** A steady hue (0–359) for a name, so that one person keeps one colour. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + (char.codePointAt(0) ?? 0)) % 100_003;
  return hash % 360;
}
