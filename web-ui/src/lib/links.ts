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

/** A link others can open: one of this very computer (`localhost`) is moved to the box's address on the LAN. */
export function shareable(link: string, lanLink: string | undefined): string {
  if (!isLocal(link) || !lanLink || !URL.canParse(lanLink)) return link;
  const url = new URL(link);
  return new URL(lanLink).origin + url.pathname + url.search;
}

/** Only this very computer can open it. */
export function isLocal(link: string): boolean {
  return URL.canParse(link) && ['localhost', '127.0.0.1', '[::1]'].includes(new URL(link).hostname);
}
