// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { expect, it, vi } from 'vitest';
import { CopyText } from './CopyText';

it('says when nothing was copied', async () => {
  const writeText = vi.fn(() => Promise.reject(new Error('no')));
  Object.defineProperty(navigator, 'clipboard', { value: { writeText }, configurable: true });
  render(<CopyText value="https://box" />);
  const button = screen.getByRole('button', { name: 'Copy' });
  fireEvent.click(button);
  expect(await screen.findByText(/^Copying did not work/)).toBeTruthy();
  writeText.mockResolvedValueOnce(undefined as never);
  fireEvent.click(button);
  await screen.findByText('Copied');
  expect(screen.queryByText(/^Copying did not work/)).toBeNull();
});
