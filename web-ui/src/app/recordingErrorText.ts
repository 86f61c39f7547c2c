/** Words for a recording that would not start or stop. */
import type { TFunction } from 'i18next';
import { ApiError } from '../api/errors';
import { errorText } from './errorText';

export function recordingErrorText(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return errorText(error, t);
  switch (error.body?.code) {
    case 'recording_disabled':
      return t('recording.disabled');
    case 'already_recording':
      return t('recording.alreadyRunning');
    case 'recording_running':
      return t('recording.stillStarting');
    case 'no_participants':
      return t('recording.nobodyThere');
    case 'disk_full':
    case 'not_saved':
      return t('recording.diskFull');
    case 'recording_start_timeout':
      return t('recording.timeout');
    default:
      return errorText(error, t);
  }
}
