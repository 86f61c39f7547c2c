// @vitest-environment jsdom
import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Chat } from './chat';
import { ChatPanel } from './ChatPanel';
import { useMeetingChat, type MeetingChat } from './useMeetingChat';

// jsdom does not scroll.
beforeAll(() => {
  Element.prototype.scrollTo = () => undefined;
});

const chat = (more: Partial<MeetingChat> = {}): MeetingChat => ({
  lines: [],
  unread: 0,
  send: () => Promise.resolve(),
  draft: '',
  setDraft: () => undefined,
  ...more,
});

const QUIET = { lines: [], received: 0 };

/** The panel as the meeting has it: what is written is kept outside of it. */
function Meeting({ send, isOpen = true }: { send: (text: string) => Promise<void>; isOpen?: boolean }) {
  const [talk] = useState<Chat>({ log: () => QUIET, subscribe: () => () => undefined, send });
  const now = useMeetingChat(talk, isOpen);
  return isOpen ? <ChatPanel chat={now} canWrite /> : null;
}

describe('ChatPanel', () => {
  it('sends on Enter and clears the field, but not an empty message', () => {
    const send = vi.fn(() => Promise.resolve());
    render(<Meeting send={send} />);
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

  it('says when a message is too long, and neither cuts nor sends it', () => {
    const send = vi.fn(() => Promise.resolve());
    render(<Meeting send={send} />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    expect(field.maxLength).toBe(-1);
    fireEvent.change(field, { target: { value: 'x'.repeat(4001) } });
    expect(screen.getByRole('status').textContent).toContain('At most 4000 characters; these are 4001.');
    fireEvent.keyDown(field, { key: 'Enter' });
    fireEvent.click(screen.getByRole('button', { name: 'Send' }));
    expect(send).not.toHaveBeenCalled();
    fireEvent.change(field, { target: { value: 'x'.repeat(4000) } });
    expect(screen.getByRole('status').textContent).toBe('');
    fireEvent.keyDown(field, { key: 'Enter' });
    expect(send).toHaveBeenCalledOnce();
  });

  it('gives the text back when sending failed', async () => {
    render(<Meeting send={() => Promise.reject(new Error('no'))} />);
    const field = screen.getByRole<HTMLTextAreaElement>('textbox');
    fireEvent.change(field, { target: { value: 'Hello' } });
    fireEvent.keyDown(field, { key: 'Enter' });
    fireEvent.change(field, { target: { value: 'and more' } });
    await vi.waitFor(() => expect(field.value).toBe('Hello\nand more'));
  });

  it('keeps what is being written while it is closed', () => {
    const send = () => Promise.resolve();
    const { rerender } = render(<Meeting send={send} />);
    fireEvent.change(screen.getByRole('textbox'), { target: { value: 'half a thou' } });
    rerender(<Meeting send={send} isOpen={false} />);
    expect(screen.queryByRole('textbox')).toBeNull();
    rerender(<Meeting send={send} />);
    expect(screen.getByRole<HTMLTextAreaElement>('textbox').value).toBe('half a thou');
  });

  it('shows markup of others as text', () => {
    const line = { id: '1', name: 'Eve', own: false, text: '<img src=x onerror=alert(1)>', time: 0 };
    render(<ChatPanel chat={chat({ lines: [line] })} canWrite={false} />);
    expect(screen.getByText(line.text)).toBeTruthy();
    expect(screen.queryByRole('img')).toBeNull();
    expect(screen.queryByRole('textbox')).toBeNull();
  });

  it('follows the newest line, but not away from somebody who reads back', () => {
    const line = (id: number, own = false) => ({ id: String(id), name: 'Eve', own, text: `line ${id}`, time: 0 });
    const scrolled = vi.spyOn(Element.prototype, 'scrollTo');
    const { rerender } = render(<ChatPanel chat={chat({ lines: [line(1)] })} canWrite />);
    expect(scrolled).toHaveBeenCalledTimes(1);
    const log = screen.getByRole('log');
    for (const [name, value] of Object.entries({ scrollHeight: 900, clientHeight: 300 }))
      Object.defineProperty(log, name, { value });
    fireEvent.scroll(log, { target: { scrollTop: 100 } });
    rerender(<ChatPanel chat={chat({ lines: [line(1), line(2)] })} canWrite />);
    expect(scrolled).toHaveBeenCalledTimes(1);
    fireEvent.click(screen.getByRole('button', { name: 'New messages' }));
    expect(scrolled).toHaveBeenCalledTimes(2);
    expect(screen.queryByRole('button', { name: 'New messages' })).toBeNull();
    // The oldest line makes room: there are as many as before, and still it follows.
    rerender(<ChatPanel chat={chat({ lines: [line(2), line(3)] })} canWrite />);
    expect(scrolled).toHaveBeenCalledTimes(3);
  });
});
