// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor } from '@testing-library/react';
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

  it('are made once, however long Enter is held', async () => {
    let answer = () => {};
    const changes = fakeBox(async ({ method }) => {
      if (method !== 'POST') return [key];
      await new Promise<void>((resolve) => (answer = resolve));
      return { ...key, key: 'hb-abcdefgh' };
    });
    showPage({ path: '/keys', Component: ApiKeysPage });
    fireEvent.click(await screen.findByRole('button', { name: 'New key' }));
    const name = screen.getByRole('textbox', { name: 'What it is for' });
    fireEvent.change(name, { target: { value: 'Wall' } });
    const form = name.closest('form') as HTMLFormElement;
    fireEvent.submit(form);
    await waitFor(() => expect(changes).toHaveLength(1));
    await waitFor(() => expect(screen.getByRole('button', { name: 'Create' }).ariaDisabled).toBe('true'));
    fireEvent.submit(form);
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    answer();
    expect(await screen.findByText('hb-abcdefgh')).toBeTruthy();
    expect(changes).toHaveLength(1);
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

  it('is asked for no time before all times while a year is typed', async () => {
    const asked: string[] = [];
    fakeBox(({ path }) => {
      asked.push(path);
      return page('entries', []);
    });
    showPage({ path: '/audit', Component: AuditPage });
    fireEvent.click(await screen.findByRole('button', { name: /Any time/ }));
    fireEvent.click(await screen.findByRole('option', { name: 'From … to …' }));
    fireEvent.change(await screen.findByLabelText('From'), { target: { value: '0002-03-09T08:05' } });
    await waitFor(() => expect(asked.at(-1)).toMatch(/from=0(&|$)/));
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

  it('keep the focus on the switch while it is sent', async () => {
    const group = { groupId: 'gr-1', name: 'Support', operator: false, members: [], creationDate: 0 };
    const changes = fakeBox(async ({ method, path }) => {
      if (method !== 'GET') await new Promise(() => {});
      return path === '/groups/gr-1' ? tagged(group, 6) : page('groups', [group]);
    });
    showPage({ path: '/users/groups', Component: GroupsPage });
    const operators = await screen.findByRole('switch', { name: 'Members of Support are operators' });
    await waitFor(() => expect(operators).toHaveProperty('disabled', false));
    act(() => operators.focus());
    fireEvent.click(operators);
    await waitFor(() => expect(changes).toHaveLength(1));
    await waitFor(() => expect(operators.ariaReadOnly).toBe('true'));
    expect(document.activeElement).toBe(operators);
    fireEvent.click(operators);
    await act(() => new Promise((resolve) => setTimeout(resolve)));
    expect(changes).toHaveLength(1);
  });

  it('name all their people in few calls', async () => {
    const people = Array.from({ length: 150 }, (_, at) => ({ userId: `u${at}`, name: `Person ${at}` }));
    const members = people.map(({ userId }) => userId);
    const group = { groupId: 'gr-1', name: 'Support', operator: false, members, creationDate: 0 };
    const asked: string[] = [];
    fakeBox(({ path }) => {
      if (path.startsWith('/groups')) return path === '/groups/gr-1' ? tagged(group, 6) : page('groups', [group]);
      asked.push(path);
      if (!path.includes('maxItems=100')) return page('users', []);
      const isSecond = path.includes('nextPageToken=t1');
      const next = isSecond ? { isTruncated: false } : { isTruncated: true, nextPageToken: 't1' };
      return { users: isSecond ? people.slice(100) : people.slice(0, 100), pagination: next };
    });
    showPage({ path: '/users/groups', Component: GroupsPage });
    fireEvent.click(await screen.findByRole('button', { name: 'Edit Support' }));
    expect(await screen.findByText('Person 149')).toBeTruthy();
    expect(asked.length).toBeLessThan(5);
  });
});
