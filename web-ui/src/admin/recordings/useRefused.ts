/** Tells whoever holds the token that it is taken no more. */
import { useEffect } from 'react';
import { isStatus } from '../../api/errors';

export function useRefused(error: Error | null, onRefused: (() => void) | undefined): void {
  const isRefused = isStatus(error, 401);
  useEffect(() => {
    if (isRefused) onRefused?.();
  }, [isRefused, onRefused]);
}
