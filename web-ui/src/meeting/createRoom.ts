/** A LiveKit room set up the way this product wants it. */
import { Room, VideoPresets } from 'livekit-client';
import { recall } from '../lib/storage';
import { Reconnection } from './reconnect';

export function createRoom(): Room {
  return new Room({
    // Fetch and send only what is on somebody's screen, in its size.
    adaptiveStream: true,
    dynacast: true,
    audioCaptureDefaults: device('mic'),
    videoCaptureDefaults: { ...device('cam'), resolution: VideoPresets.h720.resolution },
    audioOutput: device('speaker'),
    reconnectPolicy: new Reconnection(),
    disconnectOnPageLeave: true,
    stopLocalTrackOnUnpublish: true,
  });
}

/** The device chosen last time on this browser, if it was not the system's default. */
export function device(kind: 'mic' | 'cam' | 'speaker'): { deviceId?: string } {
  const id = recall(kind);
  return id && id !== 'default' ? { deviceId: id } : {};
}
