import i18next from 'i18next';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../../api/errors';
import '../../locales/i18n';
import { addressProblem, testFailureText } from './failure';

const answer = (status: number, code: string, message: string) =>
  new ApiError(status, { error: 'x', code, message }, undefined);

describe('a test event that is not taken', () => {
  it.each([
    ['Server error (500 Internal Server Error)', 'The receiver answered 500.'],
    [
      'Network error: connection refused',
      'The receiver did not take the test event: Network error: connection refused.',
    ],
  ])('%s: %s', (why, text) => {
    const error = answer(400, 'webhook_failed', `Webhook URL 'https://a.example/is: b' is invalid: ${why}`);
    expect(testFailureText(error, i18next.t)).toBe(text);
  });
});

it.each([
  ['URL must not lead to this box or its nearest neighbourhood', 'local'],
  ['URL must not contain a user name or a password', 'credentials'],
  ['URL cannot exceed 2000 bytes', 'long'],
  ['URL must start with http:// or https:// and name a host', 'other'],
  ['events must not be empty', undefined],
])('%s is about the address: %s', (message, problem) =>
  expect(addressProblem(answer(422, 'invalid', message))).toBe(problem),
);
