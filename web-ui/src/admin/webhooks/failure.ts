/** What went wrong with a webhook, from what the box says of it. */
import type { TFunction } from 'i18next';
import { isCode, isStatus, type ApiError } from '../../api/errors';
import { errorText } from '../../app/errorText';

/** The box names the address, and after a colon why; nothing is wrong with the address as such. */
export function testFailureText(error: unknown, t: TFunction): string {
  const why = isCode(error, 'webhook_failed') ? / is invalid: (.+)$/su.exec(error.message)?.[1] : undefined;
  if (!why) return errorText(error, t);
  const status = /\((\d{3}) /u.exec(why)?.[1];
  return status ? t('webhooks.testAnswered', { status }) : t('webhooks.testFailed', { why });
}

/** What the box has against the address; undefined when the error is about something else. */
export function addressProblem(error: unknown): 'long' | 'credentials' | 'local' | 'other' | undefined {
  if (!isStatus(error, 400, 422)) return undefined;
  const said = wordsOf(error).find((words) => /\bURL\b/u.test(words));
  if (said === undefined) return undefined;
  if (said.includes('exceed')) return 'long';
  if (said.includes('user name')) return 'credentials';
  return said.includes('lead to this box') ? 'local' : 'other';
}

function wordsOf({ body, message }: ApiError): string[] {
  return [...(body?.details?.map((detail) => detail.message) ?? []), message];
}
