/** Signing in and out, and one's own account. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { api, call } from './client';
import { keys } from './keys';
import { getSession, setSession, subscribeSession, type Session } from './session';

export function useSession(): Session | undefined {
  return useSyncExternalStore(subscribeSession, getSession);
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
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: { userId: string; password: string }) => call(api.POST('/auth/login', { body })),
    onSuccess: (session) => {
      client.clear();
      setSession(session);
    },
  });
}

export function useLogout() {
  const client = useQueryClient();
  return useMutation({
    // Signing out works on this browser even when the box does not answer.
    mutationFn: () => call(api.POST('/auth/logout')).catch(() => undefined),
    onSettled: () => {
      setSession(undefined);
      client.clear();
    },
  });
}

export function useChangePassword() {
  return useMutation({
    mutationFn: (body: { currentPassword: string; newPassword: string }) =>
      call(api.POST('/users/change-password', { body })),
    onSuccess: (answer) => {
      if (answer.accessToken) {
        setSession({ accessToken: answer.accessToken, refreshToken: answer.refreshToken });
      }
    },
  });
}
