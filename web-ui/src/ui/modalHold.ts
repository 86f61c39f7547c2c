/** How easily the dialog around a component goes away. */
import { createContext, useContext, useEffect } from 'react';

/**
 * `free`: also by a press beside it. `typed`: not by that, somebody has typed something. `once`: by its buttons only,
 * what it shows is shown this one time. `busy`: not at all, what was asked for is under way.
 */
export type Hold = 'free' | 'typed' | 'once' | 'busy';

export interface Holder {
  get: () => Hold;
  set: (hold: Hold) => void;
}

export function createHolder(): Holder {
  let hold: Hold = 'free';
  return { get: () => hold, set: (next) => (hold = next) };
}

export const ModalHold = createContext<Holder | undefined>(undefined);

/** Holds the dialog as long as the caller is in it. */
export function useModalHold(wanted: Hold): void {
  const holder = useContext(ModalHold);
  useEffect(() => {
    holder?.set(wanted);
    return () => holder?.set('free');
  }, [holder, wanted]);
}
