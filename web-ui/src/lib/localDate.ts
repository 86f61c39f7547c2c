/** Times as `<input type="datetime-local">` and `<input type="date">` have them, in the reader's zone. */

const two = (value: number) => String(value).padStart(2, '0');

/** `2026-03-09T08:05`. */
export function toLocalInput(ms: number): string {
  const date = new Date(ms);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}T${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** Milliseconds since 1970 of a local date or date and time; undefined for what is none. */
export function fromLocalInput(text: string): number | undefined {
  const ms = new Date(text.includes('T') ? text : `${text}T00:00`).getTime();
  return Number.isNaN(ms) ? undefined : ms;
}
