// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BoxDevice, BoxStatus } from '../../api/model';
import { createQueryClient } from '../../app/queryClient';
import { RoomNotice } from './RoomNotice';

const tv: BoxDevice = { device: 'display', state: 'restarting', message: 'The cable was pulled out.' };
const camera: BoxDevice = { device: 'camera', state: 'running' };

function show(state: BoxStatus['room']['state']) {
  const room = { state, micMuted: false, cameraOff: false };
  render(
    <QueryClientProvider client={createQueryClient()}>
      <RoomNotice room={room} devices={[camera, tv]} />
    </QueryClientProvider>,
  );
}

afterEach(() => vi.unstubAllGlobals());

describe('the notice about the room', () => {
  it('says that it tries again, and what failed', () => {
    show('retrying');
    const text = screen.getByRole('status').textContent;
    expect(text).toContain('tries to join again');
    expect(text).toContain('TV: The cable was pulled out.');
  });

  it('asks while the room is called, until it is answered', async () => {
    const calls: string[] = [];
    vi.stubGlobal('fetch', (request: Request) => {
      calls.push(`${request.method} ${new URL(request.url).pathname}`);
      return Promise.resolve(new Response(null, { status: 202 }));
    });
    show('announcing');
    fireEvent.click(screen.getByRole('button', { name: 'Decline' }));
    await vi.waitFor(() => expect(calls).toEqual(['POST /api/v1/box/room/hang-up']));
  });

  it.each(['standby', 'joined', 'away'] as const)('is not there in the state %s', (state) => {
    show(state);
    expect(screen.queryByRole('status')).toBeNull();
  });
});
