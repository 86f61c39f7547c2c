/**
 * Who came and who left, without the noise of a lost connection, after which everybody seems to leave and to come
 * back. Knows identities only; time is the caller's.
 */

export interface Comings {
  /** True when this is news. */
  joined: (identity: string) => boolean;
  /** True when this is news. */
  left: (identity: string) => boolean;
  /** The connection is lost: whoever leaves from now on is expected back. */
  lost: () => void;
  /** Everybody had time to come back; gives those who did not. */
  settled: () => string[];
}

export function createComings(): Comings {
  /** Undefined while all is well. */
  let expected: Set<string> | undefined;
  return {
    joined: (identity) => !expected?.delete(identity),
    left: (identity) => {
      expected?.add(identity);
      return expected === undefined;
    },
    lost: () => {
      expected ??= new Set();
    },
    settled: () => {
      const gone = [...(expected ?? [])];
      expected = undefined;
      return gone;
    },
  };
}
