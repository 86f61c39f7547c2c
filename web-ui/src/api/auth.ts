/** Signing in and out, and one's own account. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useSyncExternalStore } from 'react';
import { api, call } from './client';
import { keys } from './keys';
import { endSession, getSession, replaceSession, setSession, subscribeSession, wasLost, type Session } from './session';

export function useSession(): Session | undefined {
  return useSyncExternalStore(subscribeSession, getSession);
}

/** Whether the box has ended the last login. */
export function useWasLost(): boolean {
  return useSyncExternalStore(subscribeSession, wasLost);
}

export function useMe() {
  const session = useSession();
  return useQuery({
    queryKey: keys.me,
    queryFn: () => call(api.GET('/users/me')),
    enabled: session !== undefined,
    staleTime: 60_000,
  });
}

export function useLogin() {
  return useMutation({
    mutationFn: (body: { userId: string; password: string }) => call(api.POST('/auth/login', { body })),
    onSuccess: setSession,
  });
}

export function useLogout() {
  return useMutation({
    onMutate: getSession,
    // Signing out works on this browser even when the box does not answer.
    mutationFn: () => call(api.POST('/auth/logout')).catch(() => undefined),
    // Somebody may have signed in before the box answered: they stay.
    onSettled: (_data, _error, _body, begun) => endSession(begun),
  });
}

/** Where one signs in: what was read for whoever was here before is forgotten. */
export function useForget(): void {
  const client = useQueryClient();
  // Only what nothing shows: what lies behind something on screen would stay away for good.
  useEffect(() => client.removeQueries({ type: 'inactive' }), [client]);
}

export function useChangePassword() {
  return useMutation({
    onMutate: getSession,
    mutationFn: (body: { currentPassword: string; newPassword: string }) =>
      call(api.POST('/users/change-password', { body })),
    onSuccess: ({ accessToken, refreshToken }, _body, begun) => {
      if (accessToken) replaceSession(begun, { accessToken, refreshToken });
    },
  });
}
