/** Recordings: the console's and, with a member token, those of one room. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { api, API_BASE, call, errorBody, memberHeader } from './client';
import { ApiError } from './errors';
import { keys } from './keys';
import type { Recording } from './model';
import { LIVE_MS, pageOf, pagingOf, type ListQuery } from './paging';

export interface RecordingsQuery extends ListQuery {
  roomId?: string | undefined;
}

/** `memberToken` absent means the signed-in user. */
export function useRecordings(query: RecordingsQuery, memberToken?: string) {
  const { search, roomId } = query;
  return useQuery({
    queryKey: keys.recordingList(memberToken ?? '', query),
    queryFn: async () => {
      const named = search
        ? { roomName: search, roomNameMatchMode: 'partial' as const, roomNameCaseInsensitive: true }
        : {};
      const wanted = { ...pagingOf(query), ...named, ...(roomId ? { roomId } : {}), tickets: true };
      const params = { header: memberHeader(memberToken), query: wanted };
      const answer = await call(api.GET('/recordings', { params }));
      return pageOf(answer.recordings, answer.pagination);
    },
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => state.data?.items.some(isUnfinished) && LIVE_MS,
  });
}

/** Changes by itself: whoever gets no news of the box asks again. */
export function isUnfinished({ status }: Recording): boolean {
  return status === 'starting' || status === 'active' || status === 'ending';
}

export function useRecording(recordingId: string, memberToken?: string) {
  return useQuery({
    queryKey: keys.recording(memberToken ?? '', recordingId),
    queryFn: () =>
      call(
        api.GET('/recordings/{recordingId}', {
          params: { path: { recordingId }, query: { tickets: true }, header: memberHeader(memberToken) },
        }),
      ),
    // Read with another token it is the same: what plays goes on.
    placeholderData: (before) => (before?.recordingId === recordingId ? before : undefined),
    refetchInterval: ({ state }) => state.data && isUnfinished(state.data) && LIVE_MS,
  });
}

/** Why one of several could not be deleted; boxes before codes say it in words only. */
export interface Undeleted {
  code?: string;
  error: string;
}

/** How many of the wanted recordings are deleted, how many were not there any more, and why others are left. */
export interface Deletion {
  deleted: number;
  gone: number;
  failed: Undeleted[];
}

/** Deletes one or many. */
export function useDeleteRecordings(memberToken?: string) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (recordingIds: string[]): Promise<Deletion> => {
      const { data, error, response } = await api.DELETE('/recordings', {
        params: { query: { recordingIds: recordingIds.join(',') }, header: memberHeader(memberToken) },
      });
      const { deleted, failed } = data ?? error ?? {};
      if (!deleted || !failed) throw new ApiError(response.status, errorBody(error), undefined);
      const left = failed.filter((one) => !isGone(one));
      return { deleted: deleted.length, gone: failed.length - left.length, failed: left };
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.recordings }),
  });
}

function isGone({ code, error }: Undeleted): boolean {
  return code ? code === 'recording_not_found' : /not found|does not exist/i.test(error);
}

export function startRecording(roomId: string, memberToken?: string): Promise<Recording> {
  return call(api.POST('/recordings', { body: { roomId }, params: { header: memberHeader(memberToken) } }));
}

export function stopRecording(recordingId: string, memberToken?: string): Promise<Recording> {
  const params = { path: { recordingId }, header: memberHeader(memberToken) };
  return call(api.POST('/recordings/{recordingId}/stop', { params }));
}

/** The recording of the room that is running now, if there is one and the caller may know. */
export async function runningRecording(roomId: string, memberToken?: string): Promise<Recording | undefined> {
  const newest = await lastRecording(roomId, memberToken);
  return newest?.status === 'active' || newest?.status === 'starting' ? newest : undefined;
}

/** The newest recording of the room; only one at a time can run. */
export async function lastRecording(roomId: string, memberToken?: string): Promise<Recording | undefined> {
  const { recordings } = await call(
    api.GET('/recordings', {
      params: {
        header: memberHeader(memberToken),
        query: { roomId, maxItems: 1, sortField: 'startDate', sortOrder: 'desc' },
      },
    }),
  );
  return recordings[0];
}

export function useRecordingSwitch() {
  return {
    start: useMutation({ mutationFn: (roomId: string) => startRecording(roomId) }),
    stop: useMutation({ mutationFn: (recordingId: string) => stopRecording(recordingId) }),
  };
}

/**
 * Address for `<video>`, `<img>` and downloads, which cannot send headers: the record's own ticket opens it, for
 * two hours at least.
 */
export function recordingUrl(recording: Recording, what: 'media' | 'download' | 'thumbnail'): string {
  const query = new URLSearchParams({ ticket: recording.ticket ?? '' });
  return `${API_BASE}/recordings/${encodeURIComponent(recording.recordingId)}/${what}?${query.toString()}`;
}
