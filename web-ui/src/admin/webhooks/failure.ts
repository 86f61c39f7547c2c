/** What went wrong with a webhook, from the codes and details the box gives. */
import type { TFunction } from 'i18next';
import { isCode } from '../../api/errors';
import { errorText } from '../../app/errorText';

/** The receiver's answer to a test event, or why there was none. */
export function testFailureText(error: unknown, t: TFunction): string {
  const detail = isCode(error, 'webhook_failed') ? error.body?.details?.[0] : undefined;
  if (!detail) return errorText(error, t);
  return detail.field === 'status'
    ? t('webhooks.testAnswered', { status: detail.message })
    : t('webhooks.testFailed', { why: detail.message });
}

/** What the box has against the address; undefined when the error is about something else. */
export function addressProblem(error: unknown): 'long' | 'credentials' | 'local' | 'other' | undefined {
  if (isCode(error, 'url_too_long')) return 'long';
  if (isCode(error, 'url_credentials')) return 'credentials';
  if (isCode(error, 'url_local')) return 'local';
  return isCode(error, 'url_not_http') ? 'other' : undefined;
}
