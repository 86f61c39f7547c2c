/** Words for a recording that would not start or stop. */
import type { TFunction } from 'i18next';
import { ApiError } from '../api/errors';
import { errorText } from './errorText';

export function recordingErrorText(error: unknown, t: TFunction): string {
  if (!(error instanceof ApiError)) return errorText(error, t);
  const says = (word: string) => error.message.toLowerCase().includes(word);
  if (error.status === 403 && says('disabled')) return t('recording.disabled');
  if (error.status === 409 && says('already being recorded')) return t('recording.alreadyRunning');
  if (error.status === 409 && says('starting')) return t('recording.stillStarting');
  if (error.status === 409 && says('participants')) return t('recording.nobodyThere');
  if (error.status === 507 || says('disk') || says('storage')) return t('recording.diskFull');
  if (error.status === 503 && says('timed out')) return t('recording.timeout');
  return errorText(error, t);
}
