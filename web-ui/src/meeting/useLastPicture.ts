/** Keeps a video's last picture when the connection breaks: the client empties its video element at once. */
import { useRoomContext } from '@livekit/components-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { onConnectionLost } from './reconnect';
import type { Outage } from './useOutage';

/** Pixels; it is dimmed and soon gone. */
const WIDEST = 960;

/** Draws the video beside `canvas` into it. `kept` is true while there is such a picture. */
export function useLastPicture(outage: Outage): { canvas: RefObject<HTMLCanvasElement | null>; kept: boolean } {
  const room = useRoomContext();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [kept, setKept] = useState(false);
  useEffect(
    () =>
      onConnectionLost(room, () => {
        const video = canvas.current?.parentElement?.querySelector('video');
        // A second loss before the pictures are back: the older one is still the last.
        if (canvas.current && video && draw(video, canvas.current)) setKept(true);
      }),
    [room],
  );
  if (kept && outage === 'none') setKept(false);
  return { canvas, kept };
}

function draw(video: HTMLVideoElement, canvas: HTMLCanvasElement): boolean {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0 || video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return false;
  const scale = Math.min(1, WIDEST / videoWidth);
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  canvas.toggleAttribute('data-whole', video.dataset['whole'] !== undefined);
  canvas.getContext('2d')?.drawImage(video, 0, 0, canvas.width, canvas.height);
  return true;
}
