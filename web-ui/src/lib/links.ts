/** Links that stay inside this page. */

/** A path to go on to after signing in; anything that leaves this origin becomes `/`. */
export function safeNext(next: string | null): string {
  if (!next?.startsWith('/') || next.startsWith('//') || next.includes('\\')) return '/';
  return next;
}

/** The signalling address of the box this page came from. */
export function signalUrl(origin: string): string {
  return origin.replace(/^http/, 'ws');
}
