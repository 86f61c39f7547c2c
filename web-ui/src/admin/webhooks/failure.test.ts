import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/errors';
import '../../locales/i18n';
import { addressProblem, testFailureText } from './failure';

const answer = (status: number, code: string, field: string, message: string) =>
  new ApiError(status, { error: 'x', code, message: 'Y', details: [{ field, message }] }, undefined);

describe('a test event that is not taken', () => {
  it.each([
    ['status', '500', 'The receiver answered 500.'],
    [
      'url',
      'Network error: connection refused',
      'The receiver did not take the test event: Network error: connection refused.',
    ],
  ])('%s %s', (field, message, text) =>
    expect(testFailureText(answer(400, 'webhook_failed', field, message), i18next.t)).toBe(text),
  );
});

it.each([
  ['url_local', 'local'],
  ['url_credentials', 'credentials'],
  ['url_too_long', 'long'],
  ['url_not_http', 'other'],
  ['invalid_request', undefined],
])('%s is about the address: %s', (code, problem) =>
  expect(addressProblem(answer(422, code, 'url', 'no'))).toBe(problem),
);
