/**
 * The seat a guest had in a room, kept by this browser tab: coming back they are the same person to the box, so a
 * promotion, and a removal, hold (features P6). Who signs in is known by that and needs none.
 */
import { isStatus } from '../api/errors';
import { memberToken, type TokenRequest } from '../api/rooms';
import { getSession } from '../api/session';

const keyOf = (roomId: string) => `huddlebox.seat.${roomId}`;

/** A token to join with: of the seat from before, or if that is over of a new one. */
export async function takeSeat(ask: Omit<TokenRequest, 'seat' | 'joinMeeting'>): Promise<string> {
  const token = await askFor({ ...ask, joinMeeting: true });
  keepSeat(ask.roomId, token);
  return token;
}

async function askFor(ask: TokenRequest): Promise<string> {
  const seat = getSession() ? undefined : read(ask.roomId);
  if (!seat) return memberToken(ask);
  try {
    return await memberToken({ ...ask, seat });
  } catch (error) {
    if (!isStatus(error, 401)) throw error;
    return memberToken(ask);
  }
}

export function keepSeat(roomId: string, token: string): void {
  try {
    sessionStorage.setItem(keyOf(roomId), token);
  } catch {
    // Storage is blocked: coming back is as a new person.
  }
}

function read(roomId: string): string | undefined {
  try {
    return sessionStorage.getItem(keyOf(roomId)) ?? undefined;
  } catch {
    return undefined;
  }
}
