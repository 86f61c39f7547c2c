/**
 * The chat of a room, from the moment the room is made: nothing said while one is still joining is missed. Keeps the
 * last lines only, and of each line no more than a person could read: neither a long meeting nor a noisy peer fills
 * the browser.
 */
import { RoomEvent, type Participant, type Room } from 'livekit-client';
import { parseObject } from '../lib/can';
import { nameOf } from './participant';

export interface ChatLine {
  id: string;
  name: string;
  own: boolean;
  text: string;
  /** ms since the epoch. */
  time: number;
}

export interface ChatLog {
  lines: readonly ChatLine[];
  /** How many lines of others there have been. */
  received: number;
}

export interface Chat {
  /** The same object until something is said. */
  log: () => ChatLog;
  subscribe: (listener: () => void) => () => void;
  send: (text: string) => Promise<void>;
}

export const LONGEST = 4000;
const MOST_LINES = 500;
const TOPIC = 'lk.chat';
/** Clients older than text streams read and write this one. */
const OLD_TOPIC = 'lk-chat-topic';

export function createChat(room: Room): Chat {
  let log: ChatLog = { lines: [], received: 0 };
  const listeners = new Set<() => void>();
  const add = (line: ChatLine) => {
    log = withLine(log, line);
    for (const listener of listeners) listener();
  };
  const heard = (from: Participant | undefined, line: { id: string; text: string; time: number }) => {
    if (line.text.trim() === '') return;
    // An id is the sender's choice: two people may choose the same.
    const id = `${from?.identity ?? ''} ${line.id}`;
    add({ ...line, id, text: shortened(line.text), name: from ? nameOf(from) : '', own: from?.isLocal ?? false });
  };
  room.registerTextStreamHandler(TOPIC, async (reader, { identity }) => {
    const { id, timestamp: time } = reader.info;
    // A sender who goes away in the middle of a line has not said it.
    const text = await readSome(reader).catch(() => '');
    heard(room.getParticipantByIdentity(identity), { id, text, time });
  });
  room.on(RoomEvent.DataReceived, (payload, from, _, topic) => {
    if (topic !== OLD_TOPIC) return;
    const { id, message, timestamp, ignoreLegacy } = parseObject(new TextDecoder().decode(payload));
    if (ignoreLegacy === true || typeof message !== 'string') return;
    const time = typeof timestamp === 'number' ? timestamp : Date.now();
    heard(from, { id: typeof id === 'string' ? id : String(time), text: message, time });
  });
  return {
    log: () => log,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    send: async (text) => {
      const me = room.localParticipant;
      const { id } = await me.sendText(text, { topic: TOPIC });
      const time = Date.now();
      heard(me, { id, text, time });
      const old = new TextEncoder().encode(JSON.stringify({ id, message: text, timestamp: time, ignoreLegacy: true }));
      // Said already; who reads only this one misses it.
      void me.publishData(old, { reliable: true, topic: OLD_TOPIC }).catch(() => undefined);
    },
  };
}

/** A line with a known id replaces the earlier one: its sender has corrected it. */
function withLine({ lines, received }: ChatLog, line: ChatLine): ChatLog {
  const old = lines.find(({ id }) => id === line.id);
  if (old) return { lines: lines.map((one) => (one === old ? { ...line, time: old.time } : one)), received };
  return { lines: [...lines.slice(1 - MOST_LINES), line], received: received + (line.own ? 0 : 1) };
}

async function readSome(chunks: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) {
    text += chunk;
    if (text.length > LONGEST) break;
  }
  return text;
}

function shortened(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
