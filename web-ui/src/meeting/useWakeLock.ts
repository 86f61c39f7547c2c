/** Keeps the screen on during a meeting, where the browser can. */
import { useEffect } from 'react';

export function useWakeLock(): void {
  useEffect(() => {
    let lock: WakeLockSentinel | undefined;
    let over = false;
    const hold = async () => {
      if (over || document.hidden || !('wakeLock' in navigator)) return;
      // Refused on low battery: the meeting goes on all the same.
      lock = await navigator.wakeLock.request('screen').catch(() => undefined);
      if (over) void lock?.release();
    };
    void hold();
    // The browser takes the lock away from hidden pages.
    document.addEventListener('visibilitychange', hold);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', hold);
      void lock?.release();
    };
  }, []);
}
