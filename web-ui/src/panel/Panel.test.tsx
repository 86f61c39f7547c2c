// @vitest-environment jsdom
import { fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { HardwareButton } from './HardwareButton';
import { Lamps } from './Lamps';

afterEach(() => vi.unstubAllGlobals());

describe('the buttons of the box', () => {
  it('report down and up in that order, the second after the first has arrived', async () => {
    const arrived: string[] = [];
    let finishFirst = () => {};
    vi.stubGlobal('fetch', async (request: Request) => {
      const { action } = (await request.json()) as { action: string };
      arrived.push(`${new URL(request.url).pathname.split('/').at(-1) ?? ''} ${action}`);
      if (action === 'down') await new Promise<void>((resolve) => (finishFirst = resolve));
      return new Response(null, { status: 202 });
    });
    render(<HardwareButton id="mute" label="Mute" />);
    const button = screen.getByRole('button', { name: 'Mute' });
    fireEvent.keyDown(button, { key: 'Enter' });
    fireEvent.keyUp(button, { key: 'Enter' });
    await vi.waitFor(() => expect(arrived).toEqual(['mute down']));
    finishFirst();
    await vi.waitFor(() => expect(arrived).toEqual(['mute down', 'mute up']));
  });
});

describe('the lamps', () => {
  it('tell their pattern in words', () => {
    render(<Lamps leds={{ tally: 'blink', mute: 'off', status: 'fast-blink' }} />);
    const lamps = within(screen.getByRole('list', { name: 'Lamps' })).getAllByRole('listitem');
    expect(lamps.map((lamp) => lamp.textContent)).toEqual([
      'Recording: blinking',
      'Mute: off',
      'Status: blinking fast',
    ]);
  });
});
