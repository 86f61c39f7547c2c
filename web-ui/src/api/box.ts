/** The box itself: what it is, how it is, and its buttons on the web page. */
import { queryOptions, useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useSession } from './auth';
import { api, call, callTagged, ifMatch } from './client';
import { followEvents } from './events';
import { keys } from './keys';
import type { BoxStatus, Recording } from './model';
import { LIVE_MS } from './paging';
import { loseSession, getSession, loginOf } from './session';

const boxQuery = queryOptions({
  queryKey: keys.box,
  queryFn: () => callTagged(api.GET('/box')),
  staleTime: 60_000,
});

export function useInfo() {
  return useQuery({ queryKey: keys.info, queryFn: () => call(api.GET('/info')), staleTime: Infinity });
}

/** Refused to those who do not see the box: then it must not be asked for. */
export function useBox(enabled = true) {
  return useQuery({ ...boxQuery, select: ({ data }) => data, enabled });
}

/** The same, and what others make of it meanwhile. */
export function useLiveBox(enabled: boolean) {
  return useQuery({ ...boxQuery, select: ({ data }) => data, enabled, refetchInterval: LIVE_MS });
}

/** The same with the version that was read. */
export function useTaggedBox() {
  return useQuery(boxQuery);
}

/** Kept current by [`useBoxEvents`]. */
export function useBoxStatus() {
  return useQuery({ queryKey: keys.status, queryFn: () => call(api.GET('/box/status')), staleTime: Infinity });
}

/** Writes the box's events into the query cache while the caller is on screen. */
export function useBoxEvents(enabled: boolean): void {
  const client = useQueryClient();
  const session = useSession();
  const login = session && loginOf(session.accessToken);
  useEffect(() => {
    if (!enabled || !login) return;
    const begun = getSession();
    return followEvents('/box/events', {
      onEvent: (event, data) => applyBoxEvent(client, event, data),
      onRefused: (status) => {
        if (status === 401) loseSession(begun);
      },
    });
  }, [client, enabled, login]);
}

export function applyBoxEvent(client: QueryClient, event: string, data: unknown): void {
  if (event === 'status') {
    client.setQueryData(keys.status, data as BoxStatus);
  } else if (event === 'recording') {
    const id = (data as Recording).recordingId;
    client.setQueriesData({ queryKey: [...keys.recordings, 'one'] }, (old: Recording | undefined) =>
      // News bring no ticket: the one there is still opens the files.
      old?.recordingId === id ? { ...old, ...(data as Recording) } : old,
    );
    void client.invalidateQueries({ queryKey: [...keys.recordings, 'list'] });
  }
}

export function useRoomControls() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { micMuted?: boolean; cameraOff?: boolean }) => call(api.PUT('/box/room', { body })),
    onSuccess: (room) =>
      client.setQueryData(keys.status, (old: BoxStatus | undefined) =>
        old ? { ...old, room: { ...old.room, ...room } } : old,
      ),
  });
}

/**
 * The box takes part in this room from now on. 409 while there is a meeting in it or in the one it is now, 412 when
 * somebody else has chosen another since `etag`.
 */
export function useSetHomeRoom() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ roomId, etag }: { roomId: string; etag: string | undefined }) =>
      call(api.PUT('/box/home-room', { params: { header: ifMatch(etag) }, body: { roomId } })),
    onSettled: () => client.invalidateQueries({ queryKey: keys.box }),
  });
}

export function useHangUp() {
  return useMutation({ mutationFn: () => call(api.POST('/box/room/hang-up')) });
}
