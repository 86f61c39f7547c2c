/** The chat of the meeting around it, and how much of it is unread. */
import { useChat } from '@livekit/components-react';
import { useState } from 'react';
import { nameOf } from './participant';

export interface ChatLine {
  id: string;
  name: string;
  own: boolean;
  text: string;
  /** ms since the epoch. */
  time: number;
}

export interface MeetingChat {
  lines: ChatLine[];
  unread: number;
  sending: boolean;
  send: (text: string) => Promise<void>;
}

/** Older lines are forgotten: a long meeting must not fill the browser. */
const MOST_LINES = 500;

export function useMeetingChat(open: boolean): MeetingChat {
  // No options: a new object on each call would set the chat up anew each time.
  const { chatMessages, send, isSending } = useChat();
  const [seen, setSeen] = useState(0);
  const lines = chatMessages.slice(-MOST_LINES).map(({ id, from, message, timestamp }) => ({
    id: id || String(timestamp),
    name: from ? nameOf(from) : '',
    own: from?.isLocal ?? false,
    text: message,
    time: timestamp,
  }));
  const total = chatMessages.length;
  if (open && seen !== total) setSeen(total);
  const unread = open ? 0 : chatMessages.slice(seen).filter(({ from }) => !from?.isLocal).length;
  return {
    lines,
    unread,
    sending: isSending,
    send: async (text) => {
      await send(text);
    },
  };
}
