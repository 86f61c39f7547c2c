/** Loudness of a microphone track, 0 to 1, about ten times a second. */
import { createAudioAnalyser, type LocalAudioTrack } from 'livekit-client';
import { useEffect, useState } from 'react';

export function useAudioLevel(track: LocalAudioTrack | undefined): number {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    if (!track) return;
    const { calculateVolume, cleanup } = createAudioAnalyser(track, { smoothingTimeConstant: 0.6 });
    const timer = setInterval(() => setLevel(Math.min(1, calculateVolume() * 1.6)), 100);
    return () => {
      clearInterval(timer);
      void cleanup();
      setLevel(0);
    };
  }, [track]);
  return level;
}
