/** Plays a track in the element that gets the returned reference. */
import type { Track } from 'livekit-client';
import { useEffect, useRef, type RefObject } from 'react';

export function useAttached<E extends HTMLMediaElement>(track: Track): RefObject<E | null> {
  const element = useRef<E>(null);
  useEffect(() => {
    const media = element.current;
    if (!media) return;
    track.attach(media);
    return () => {
      track.detach(media);
    };
  }, [track]);
  return element;
}
