/** Why a camera or microphone did not start. */
import { MediaDeviceFailure } from 'livekit-client';

export type MediaProblem = 'denied' | 'missing' | 'busy' | 'insecure' | 'failed';

export function mediaProblem(error: unknown): MediaProblem {
  // Pages opened by plain http have no `mediaDevices`, whatever the declaration says.
  if (!(navigator.mediaDevices as MediaDevices | undefined)) return 'insecure';
  switch (MediaDeviceFailure.getFailure(error)) {
    case MediaDeviceFailure.PermissionDenied:
      return 'denied';
    case MediaDeviceFailure.NotFound:
      return 'missing';
    case MediaDeviceFailure.DeviceInUse:
      return 'busy';
    default:
      return 'failed';
  }
}
