/** The chat as the page shows it, and how much of it is unread. */
import { useState, useSyncExternalStore, type Dispatch, type SetStateAction } from 'react';
import type { Chat, ChatLine } from './chat';

export interface MeetingChat {
  lines: readonly ChatLine[];
  unread: number;
  send: (text: string) => Promise<void>;
  /** What is being written: it stays when the panel is closed. */
  draft: string;
  setDraft: Dispatch<SetStateAction<string>>;
}

export function useMeetingChat(chat: Chat, open: boolean): MeetingChat {
  const { lines, received } = useSyncExternalStore(chat.subscribe, chat.log);
  const [seen, setSeen] = useState(0);
  const [draft, setDraft] = useState('');
  if (open && seen !== received) setSeen(received);
  return { lines, unread: open ? 0 : received - seen, send: chat.send, draft, setDraft };
}
