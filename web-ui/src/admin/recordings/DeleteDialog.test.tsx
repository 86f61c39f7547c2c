// @vitest-environment jsdom
import { QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createQueryClient } from '../../app/queryClient';
import { dismissToast, getToasts } from '../../ui/toastStore';
import { DeleteDialog } from './DeleteDialog';

const fail = (recordingId: string, error: string, code?: string) => ({ recordingId, error, code });
const missing = (id: string) => fail(id, `Recording '${id}' not found`);

async function remove(ids: string[], answer: { deleted?: string[]; failed?: unknown[] } | undefined, status: number) {
  const body = answer
    ? { message: '', deleted: [], failed: [], ...answer }
    : { error: 'X', message: 'The box is busy' };
  vi.stubGlobal('fetch', () => Promise.resolve(Response.json(body, { status })));
  const onDone = vi.fn();
  const onClose = vi.fn();
  render(
    <QueryClientProvider client={createQueryClient()}>
      <DeleteDialog ids={ids} onClose={onClose} onDone={onDone} />
    </QueryClientProvider>,
  );
  fireEvent.click(screen.getByRole('button', { name: 'Delete' }));
  await vi.waitFor(() => expect(onClose).toHaveBeenCalledOnce());
  return { onDone, shown: getToasts().map(({ text, tone }) => `${tone}: ${text}`) };
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const { id } of getToasts()) dismissToast(id);
});

describe('deleting recordings', () => {
  it('says what was deleted', async () => {
    const { shown, onDone } = await remove(['a', 'b'], { deleted: ['a', 'b'] }, 200);
    expect(shown).toEqual(['info: 2 recordings are deleted.']);
    expect(onDone).toHaveBeenCalledOnce();
  });

  it('says what was not there any more: that is no failure', async () => {
    const { shown } = await remove(['a', 'b', 'c'], { deleted: ['a', 'b'], failed: [missing('c')] }, 400);
    expect(shown).toEqual(['info: 2 recordings are deleted. 1 recording was not there any more.']);
  });

  it('tells the three outcomes apart', async () => {
    const failed = [missing('b'), missing('c'), fail('d', 'Insufficient permissions')];
    const { shown } = await remove(['a', 'b', 'c', 'd'], { deleted: ['a'], failed }, 400);
    expect(shown).toEqual([
      'bad: 1 recording is deleted. 2 recordings were not there any more. 1 recording could not be deleted: Insufficient permissions',
    ]);
  });

  it('says why some are left', async () => {
    const failed = [
      fail('b', 'x', 'permission_missing'),
      fail('c', 'x', 'permission_missing'),
      fail('d', 'x', 'recording_running'),
    ];
    const { shown } = await remove(['a', 'b', 'c', 'd'], { deleted: ['a'], failed }, 400);
    expect(shown).toEqual([
      'bad: 1 recording is deleted. 2 recordings could not be deleted: your rights in the room do not allow it. ' +
        '1 recording could not be deleted: still being recorded or saved.',
    ]);
  });

  it('says so when the box refuses all', async () => {
    const { shown, onDone } = await remove(['a'], undefined, 500);
    expect(shown).toEqual(['bad: That did not work: The box is busy']);
    expect(onDone).not.toHaveBeenCalled();
  });
});
