import { Room, RoomEvent, type RemoteParticipant, type TextStreamHandler } from 'livekit-client';
import { describe, expect, it, vi } from 'vitest';
import { createChat, LONGEST } from './chat';

const ann = { identity: 'ann', name: 'Ann', isLocal: false } as RemoteParticipant;

function open() {
  const room = new Room();
  room.remoteParticipants.set('ann', ann);
  let handler: TextStreamHandler | undefined;
  vi.spyOn(room, 'registerTextStreamHandler').mockImplementation((topic, given) => {
    if (topic === 'lk.chat') handler = given;
  });
  const chat = createChat(room);
  const say = async (id: string, ...chunks: string[]) => {
    async function* reader() {
      yield* chunks;
    }
    const stream = Object.assign(reader(), { info: { id, timestamp: 7 } });
    await (handler?.(stream as never, { identity: 'ann' }) as unknown as Promise<void>);
  };
  const old = (value: unknown, topic = 'lk-chat-topic') =>
    room.emit(RoomEvent.DataReceived, new TextEncoder().encode(JSON.stringify(value)), ann, undefined, topic);
  return { room, chat, say, old, texts: () => chat.log().lines.map(({ text }) => text) };
}

describe('the chat', () => {
  it('hears a line in pieces, and who said it', async () => {
    const { chat, say } = open();
    const listener = vi.fn();
    chat.subscribe(listener);
    await say('1', 'Hel', 'lo');
    expect(chat.log()).toMatchObject({ received: 1, lines: [{ name: 'Ann', own: false, text: 'Hello', time: 7 }] });
    expect(listener).toHaveBeenCalledOnce();
  });

  it('keeps 500 of 5,000 lines, and counts all', async () => {
    const { chat, say, texts } = open();
    for (let line = 0; line < 5000; line += 1) await say(String(line), `line ${line}`);
    expect(chat.log().received).toBe(5000);
    expect(texts()).toHaveLength(500);
    expect(texts()[0]).toBe('line 4500');
    expect(texts().at(-1)).toBe('line 4999');
  });

  it('reads no more of an endless line than a person would', async () => {
    const { say, texts } = open();
    await say('1', ...Array.from({ length: 50 }, () => 'x'.repeat(1000)));
    expect(texts()[0]).toHaveLength(LONGEST + 1);
    await say('2', '  \n ');
    expect(texts()).toHaveLength(1);
  });

  it('replaces a line that its sender says again', async () => {
    const { chat, say, texts } = open();
    await say('1', 'Helo');
    await say('2', 'Second');
    await say('1', 'Hello');
    expect(texts()).toEqual(['Hello', 'Second']);
    expect(chat.log().received).toBe(2);
  });

  it('understands older clients, and nothing twice', () => {
    const { old, texts } = open();
    old({ id: '1', timestamp: 3, message: 'Old' });
    old({ id: '2', timestamp: 3, message: 'New, said again for the old', ignoreLegacy: true });
    old({ id: '3', message: { deep: 1 } });
    old('nonsense');
    old({ id: '4', message: 'Elsewhere' }, 'other-topic');
    expect(texts()).toEqual(['Old']);
  });

  it('shows what one says once it is sent, and not as unread', async () => {
    const { room, chat } = open();
    const me = room.localParticipant;
    vi.spyOn(me, 'sendText').mockResolvedValueOnce({ id: 'a' } as never);
    vi.spyOn(me, 'publishData').mockRejectedValueOnce(new Error('no'));
    await chat.send('Mine');
    expect(chat.log()).toMatchObject({ received: 0, lines: [{ own: true, text: 'Mine' }] });
    vi.spyOn(me, 'sendText').mockRejectedValueOnce(new Error('no'));
    await expect(chat.send('Lost')).rejects.toThrow();
    expect(chat.log().lines).toHaveLength(1);
  });
});
