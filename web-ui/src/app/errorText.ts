/** Words for a failed call. */
import type { TFunction } from 'i18next';
import { ApiError, UnreachableError } from '../api/errors';

export function errorText(error: unknown, t: TFunction): string {
  if (error instanceof UnreachableError) return t('error.unreachable');
  if (!(error instanceof ApiError)) return t('error.generic', { message: String(error) });
  if (error.status >= 502 && error.status <= 504 && !error.body) return t('error.unreachable');
  if (error.status === 403) return t('error.forbidden');
  if (error.status === 404) return t('error.gone');
  if (error.status === 429) {
    return error.retryAfter ? t('error.tooMany', { seconds: error.retryAfter }) : t('error.tooManySoon');
  }
  const details = error.body?.details?.map((detail) => detail.message).join(' ');
  return t('error.generic', { message: details || error.message });
}
