/** Before joining: whether a recording is running, for those who may know. */
import { useQuery } from '@tanstack/react-query';
import { keys } from '../api/keys';
import { runningRecording } from '../api/recordings';

const EVERY_MS = 10_000;

export function useRunningRecording(roomId: string, token: string, allowed: boolean): boolean {
  const query = useQuery({
    queryKey: [...keys.recordings, 'running', roomId],
    queryFn: async () => (await runningRecording(roomId, token)) ?? null,
    enabled: allowed,
    refetchInterval: EVERY_MS,
    retry: false,
  });
  return query.data != null;
}
