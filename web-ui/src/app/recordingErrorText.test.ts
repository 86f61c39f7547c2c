import { t } from 'i18next';
import { expect, it } from 'vitest';
import { ApiError } from '../api/errors';
import '../locales/i18n';
import { recordingErrorText } from './recordingErrorText';

const said = (status: number, code: string, message: string) =>
  recordingErrorText(new ApiError(status, { error: 'x', code, message }, undefined), t);

it('says of a start that took too long, and of nothing else, that it did not start in time', () => {
  expect(said(503, 'recording_start_timeout', 'x')).toBe('The recording did not start in time.');
  expect(said(503, 'busy', 'The box is busy.')).toBe('That did not work: The box is busy.');
});

it('says what to do about a full storage', () => {
  expect(said(507, 'disk_full', 'x')).toContain('delete recordings');
});
