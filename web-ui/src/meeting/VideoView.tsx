/** Shows a video track. Adaptive stream follows this element's size. */
import type { Track } from 'livekit-client';
import { useState } from 'react';
import styles from './Tile.module.css';
import { useAttached } from './useAttached';

export interface VideoViewProps {
  track: Track;
  mirrored?: boolean;
  /** Show the whole picture, as for screens; otherwise fill the tile. */
  whole?: boolean;
}

export function VideoView({ track, mirrored, whole }: VideoViewProps) {
  const element = useAttached<HTMLVideoElement>(track);
  const [portrait, setPortrait] = useState(false);
  return (
    <video
      ref={element}
      className={styles.video}
      data-mirrored={mirrored || undefined}
      data-whole={whole || portrait || undefined}
      muted
      playsInline
      autoPlay
      aria-hidden
      onResize={({ currentTarget: { videoWidth, videoHeight } }) => setPortrait(videoHeight > videoWidth)}
    />
  );
}
