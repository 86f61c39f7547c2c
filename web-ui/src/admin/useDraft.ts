/** What somebody is editing, while others may change the same on the box: nothing they typed is lost. */
import { useState } from 'react';
import { rebase, same } from '../lib/rebase';

export interface Draft<T> {
  value: T;
  set: (value: T) => void;
  /** Differs from what the box has. */
  isChanged: boolean;
  /** Somebody else changed the same part meanwhile; the draft has the own one. */
  clash: boolean;
  /** Back to what the box has. */
  discard: () => void;
  /** The box has taken this: whatever it has next is the truth. */
  saved: (sent: T) => void;
}

/** `server` is what the box has, and may change at any time. */
export function useDraft<T>(server: T): Draft<T> {
  const [state, setState] = useState({ base: server, value: server, clash: false });
  let { base, value, clash } = state;
  if (!same(base, server)) {
    const next = rebase(base, value, server);
    ({ value, clash } = { value: next.value, clash: next.clash || (clash && !same(next.value, server)) });
    base = server;
    setState({ base, value, clash });
  }
  return {
    value,
    set: (next) => setState((old) => ({ ...old, value: next, clash: old.clash && !same(next, old.base) })),
    isChanged: !same(value, base),
    clash,
    discard: () => setState((old) => ({ base: old.base, value: old.base, clash: false })),
    saved: (sent) => setState((old) => ({ base: sent, value: old.value, clash: false })),
  };
}
