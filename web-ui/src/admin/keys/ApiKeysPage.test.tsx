// @vitest-environment jsdom
import { fireEvent, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { fakeBox, page, showPage, tagged } from '../../testing/page';
import { AuditPage } from '../audit/AuditPage';
import { GroupsPage } from '../groups/GroupsPage';
import { ApiKeysPage } from './ApiKeysPage';

const key = { keyId: 'key-1', name: 'Wall', prefix: 'hb-abcd', creationDate: 0 };

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

describe('API keys', () => {
  it('are shown once, when they are made', async () => {
    fakeBox(({ method }) => (method === 'POST' ? { ...key, key: 'hb-abcdefgh' } : [key]));
    showPage({ path: '/keys', Component: ApiKeysPage });
    await screen.findByRole('row', { name: /Wall/ });
    expect(screen.queryByText('hb-abcdefgh')).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'New key' }));
    fireEvent.change(screen.getByRole('textbox', { name: 'What it is for' }), { target: { value: 'Wall' } });
    fireEvent.click(screen.getByRole('button', { name: 'Create' }));
    expect(await screen.findByText('hb-abcdefgh')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Done' }));
    await waitFor(() => expect(screen.queryByText('hb-abcdefgh')).toBeNull());
  });
});

describe('the audit log', () => {
  it('is searched, and limited to a time', async () => {
    const asked: string[] = [];
    fakeBox(({ path }) => {
      asked.push(path);
      return page('entries', [{ id: '1', at: 0, who: 'user:ann_s', action: 'room.delete', target: 'a' }]);
    });
    showPage({ path: '/audit', Component: AuditPage });
    await screen.findByRole('row', { name: /room.delete/ });
    fireEvent.change(screen.getByRole('searchbox'), { target: { value: 'ann' } });
    await waitFor(() => expect(asked.at(-1)).toContain('text=ann'));
  });
});

describe('groups', () => {
  it('become operators by a switch', async () => {
    const group = { groupId: 'gr-1', name: 'Support', operator: false, members: ['ann_s'], creationDate: 0 };
    const changes = fakeBox(({ path }) => (path === '/groups/gr-1' ? tagged(group, 6) : page('groups', [group])));
    showPage({ path: '/users/groups', Component: GroupsPage });
    const operators = await screen.findByRole('switch', { name: 'Members of Support are operators' });
    await waitFor(() => expect(operators).toHaveProperty('disabled', false));
    fireEvent.click(operators);
    await waitFor(() => expect(changes).toMatchObject([{ path: '/groups/gr-1', body: { operator: true } }]));
    expect(changes[0]?.headers.get('If-Match')).toBe('"6"');
  });
});
