/** Keeps the direction of a name's writing from reaching the words around it. */

const OPEN = '\u2066\u2067\u2068';
const START = '\u2068';
const END = '\u2069';
/** Writes from right to left, or tells how to: anything else reads the same isolated or not. */
const DIRECTED =
  /[\u200E\u200F\u061C\u202A-\u202E\u2066-\u2069\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/** `text` between isolating characters (UAX #9, FSI and PDI), where that makes a difference. */
export function isolate(text: string): string {
  return DIRECTED.test(text) ? START + balanced(text) + END : text;
}

/** A mark in the text itself must not end the isolation around it, nor outlast it. */
function balanced(text: string): string {
  let depth = 0;
  let kept = '';
  for (const char of text) {
    if (OPEN.includes(char)) depth += 1;
    if (char === END) {
      if (depth === 0) continue;
      depth -= 1;
    }
    kept += char;
  }
  return kept + END.repeat(depth);
}
