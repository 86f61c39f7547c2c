/** Names of what TanStack Query keeps. */
export const keys = {
  info: ['info'] as const,
  me: ['me'] as const,
  box: ['box'] as const,
  status: ['box', 'status'] as const,
  recordings: ['recordings'] as const,
  recordingList: (who: string, query: unknown) => ['recordings', 'list', who, query] as const,
  recording: (who: string, id: string) => ['recordings', 'one', who, id] as const,
  panel: ['panel'] as const,
  lobby: (roomId: string, secret: string | undefined) => ['lobby', roomId, secret] as const,
};
