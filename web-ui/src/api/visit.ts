/** A visit to a room by its link: first a token without joining, then the room it opens. */
import { useQuery } from '@tanstack/react-query';
import { keys } from './keys';
import type { Room } from './model';
import { getRoom, memberToken } from './rooms';

export interface RoomVisit {
  room: Room;
  /** Room member token; does not join the meeting. */
  token: string;
}

export function useRoomVisit(roomId: string, secret: string | undefined) {
  return useQuery({
    queryKey: keys.lobby(roomId, secret),
    queryFn: async (): Promise<RoomVisit> => {
      const token = await memberToken({ roomId, secret });
      return { token, room: await getRoom(roomId, token) };
    },
    staleTime: 5 * 60_000,
    refetchOnWindowFocus: false,
  });
}
