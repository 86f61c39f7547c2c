// @vitest-environment jsdom
import { act, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Toasts } from './Toasts';
import { dismissErrors, dismissToast, dismissTopic, getToasts, showToast } from './toastStore';

const HOUR_MS = 3_600_000;
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const show = (...given: Parameters<typeof showToast>) => act(() => void showToast(...given));

beforeEach(() => {
  vi.useFakeTimers();
  render(<Toasts label="Messages" closeLabel="Close" />);
});

afterEach(() => {
  for (const { id } of getToasts()) dismissToast(id);
  vi.useRealTimers();
});

describe('messages', () => {
  it('that only inform go away by themselves', () => {
    show('Ann joined.');
    expect(screen.getByText('Ann joined.')).toBeTruthy();
    pass(7000);
    expect(screen.queryByText('Ann joined.')).toBeNull();
  });

  it('that tell of an error stay until they are closed', () => {
    show('The disk is full.', 'bad');
    pass(HOUR_MS);
    expect(screen.getByRole('alert').textContent).toContain('The disk is full.');
    fireEvent.click(screen.getByRole('button', { name: 'Close' }));
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('with a question stay until it is answered', () => {
    const onAction = vi.fn();
    show('You were muted.', 'info', { action: { label: 'Unmute', onAction } });
    pass(HOUR_MS);
    fireEvent.click(screen.getByRole('button', { name: 'Unmute' }));
    expect(onAction).toHaveBeenCalledOnce();
    expect(screen.queryByText('You were muted.')).toBeNull();
  });

  it('never push an error away, however many come', () => {
    show('The disk is full.', 'bad');
    for (let one = 0; one < 20; one += 1) show(`Person ${one} joined.`);
    expect(screen.getByText('The disk is full.')).toBeTruthy();
    expect(screen.getByText('Person 19 joined.')).toBeTruthy();
    expect(screen.getAllByRole('button', { name: 'Close' })).toHaveLength(4);
  });

  it('are bounded even when all are errors', () => {
    for (let one = 0; one < 20; one += 1) show(`Error ${one}`, 'bad');
    expect(getToasts().map(({ text }) => text)).toEqual(['Error 16', 'Error 17', 'Error 18', 'Error 19']);
  });

  it('about the same give way to the next, and go when it is over', () => {
    show('Ended: the disk is full.', 'bad', { topic: 'recording' });
    show('Ann joined.');
    show('Recording has started.', 'info', { topic: 'recording' });
    expect(getToasts().map(({ text }) => text)).toEqual(['Ann joined.', 'Recording has started.']);
    act(() => dismissTopic('recording'));
    expect(getToasts().map(({ text }) => text)).toEqual(['Ann joined.']);
  });

  it('of what went wrong stay behind on their page', () => {
    show('That did not work.', 'bad');
    show('Room made.');
    act(dismissErrors);
    expect(getToasts().map(({ text }) => text)).toEqual(['Room made.']);
  });

  it('said again live on, once', () => {
    show('Copied');
    pass(5000);
    show('Copied');
    pass(5000);
    expect(screen.getAllByText('Copied')).toHaveLength(1);
    pass(2000);
    expect(screen.queryByText('Copied')).toBeNull();
  });

  it('wait while somebody is at them', () => {
    show('Ann joined.');
    fireEvent.pointerEnter(screen.getByRole('region'));
    pass(HOUR_MS);
    expect(screen.getByText('Ann joined.')).toBeTruthy();
    fireEvent.pointerLeave(screen.getByRole('region'));
    pass(7000);
    expect(screen.queryByText('Ann joined.')).toBeNull();
  });
});
