/** Passwords that people can read out and type. */

/** Without letters and digits that look alike. */
const LETTERS = 'abcdefghjkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXY34679';
const LENGTH = 14;

/** A random one of about 79 bits. */
export function makePassword(): string {
  const most = 256 - (256 % LETTERS.length);
  let made = '';
  while (made.length < LENGTH) {
    for (const byte of crypto.getRandomValues(new Uint8Array(LENGTH * 2))) {
      // What is too large would make some letters more likely.
      if (byte < most && made.length < LENGTH) made += LETTERS[byte % LETTERS.length];
    }
  }
  return made;
}

/** Longest password the box takes, in bytes: as many letters without accents. */
export const LONGEST_PASSWORD = 200;

export function isTooLong(password: string): boolean {
  return new TextEncoder().encode(password).length > LONGEST_PASSWORD;
}

/** Shortest password the box takes, in characters. */
export function shortestPassword(mode: string | undefined): number {
  return mode === 'demo' ? 5 : 12;
}
