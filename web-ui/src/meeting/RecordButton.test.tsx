// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { RecordButton, RecordingIndicator } from './RecordButton';
import type { RecordingPhase } from './useRecordingControl';

function show(phase: RecordingPhase) {
  const start = vi.fn();
  const stop = vi.fn();
  render(
    <>
      <RecordButton recording={{ phase, start, stop }} />
      <RecordingIndicator phase={phase} />
    </>,
  );
  return { start, stop };
}

describe('recording in the meeting', () => {
  it('starts from off, and shows no indicator before', () => {
    const { start } = show('off');
    expect(screen.getByRole('status').textContent).toBe('');
    fireEvent.click(screen.getByRole('button', { name: 'Start recording' }));
    expect(start).toHaveBeenCalledOnce();
  });

  it('stops while it runs, with the indicator on', () => {
    const { stop } = show('recording');
    expect(screen.getByRole('status').textContent).toBe('Recording');
    fireEvent.click(screen.getByRole('button', { name: 'Stop recording' }));
    expect(stop).toHaveBeenCalledOnce();
  });

  it.each(['starting', 'stopping'] as const)('does nothing more while %s', (phase) => {
    const { start, stop } = show(phase);
    fireEvent.click(screen.getByRole('button'));
    expect(start).not.toHaveBeenCalled();
    expect(stop).not.toHaveBeenCalled();
  });
});
