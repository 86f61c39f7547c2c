/** The virtual front panel of a demo box. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { api, API_BASE, call } from './client';
import { followEvents } from './events';
import { keys } from './keys';
import type { Leds, Panel } from './model';

export type FaultKind = 'camera' | 'microphone' | 'display' | 'disk_full';

export function usePanel() {
  const client = useQueryClient();
  const panel = useQuery({ queryKey: keys.panel, queryFn: () => call(api.GET('/panel')) });
  const there = panel.isSuccess;
  useEffect(() => {
    if (!there) return;
    return followEvents('/panel/events', {
      onEvent: (event, data) => {
        if (event !== 'leds') return;
        client.setQueryData(keys.panel, (old: Panel | undefined) => (old ? { ...old, leds: data as Leds } : old));
      },
    });
  }, [client, there]);
  return panel;
}

let last: Promise<unknown> = Promise.resolve();

/** Actions reach the box in the order they were made. */
export function pressButton(id: string, action: 'press' | 'down' | 'up'): Promise<void> {
  const send = () => call(api.POST('/panel/buttons/{id}', { params: { path: { id } }, body: { action } }));
  const done = last.then(send, send).then(() => undefined);
  last = done.catch(() => undefined);
  return done;
}

export function useFault() {
  return useMutation({
    mutationFn: (body: { kind: FaultKind; on?: boolean }) => call(api.POST('/panel/faults', { body })),
  });
}

export function tvUrl(frame: number): string {
  return `${API_BASE}/panel/tv.png?frame=${frame}`;
}
