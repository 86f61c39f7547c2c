// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ChatPanel } from './ChatPanel';
import type { MeetingChat } from './useMeetingChat';

// jsdom does not scroll.
beforeAll(() => {
  Element.prototype.scrollTo = () => undefined;
});

const chat = (more: Partial<MeetingChat> = {}): MeetingChat => ({
  lines: [],
  unread: 0,
  sending: false,
  send: () => Promise.resolve(),
  ...more,
});

describe('ChatPanel', () => {
  it('sends on Enter and clears the field, but not an empty message', () => {
    const send = vi.fn(() => Promise.resolve());
    render(<ChatPanel chat={chat({ send })} canWrite />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Message to everyone' });
    fireEvent.change(field, { target: { value: '   ' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: ' Hello ' } });
    fireEvent.keyDown(field, { key: 'Enter', shiftKey: true });
    expect(send).not.toHaveBeenCalled();
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).toHaveBeenCalledWith('Hello');
    expect(field.value).toBe('');
  });

  it('gives the text back when sending failed', async () => {
    render(<ChatPanel chat={chat({ send: () => Promise.reject(new Error('no')) })} canWrite />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    fireEvent.change(field, { target: { value: 'Hello' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    await vi.waitFor(() => expect(field.value).toBe('Hello'));
  });

  it('shows markup of others as text', () => {
    const line = { id: '1', name: 'Eve', own: false, text: '<img src=x onerror=alert(1)>', time: 0 };
    render(<ChatPanel chat={chat({ lines: [line] })} canWrite={false} />);
    expect(screen.getByText(line.text)).toBeTruthy();
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.queryByRole('textbox')).toBeNull();
  });
});
