// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { setSession } from '../../api/session';
import { InviteLink } from '../../app/InviteLink';
import { fakeBox, page, showPage, stale, tagged, type Answer } from '../../testing/page';
import { MemberLinkDialog } from '../members/MemberLinkDialog';
import { MembersTab } from '../members/MembersTab';
import { AccessTab } from './AccessTab';
import { ManagedRoomPage } from './ManagedRoomPage';
import { SettingsTab } from './SettingsTab';

const url = 'http://box/room/a?secret=s';
const room = {
  roomId: 'a',
  roomName: 'Atrium',
  owner: 'admin',
  creationDate: 0,
  status: 'open',
  access: { anonymous: { speaker: { enabled: true, url } }, user: { enabled: false } },
  config: { chat: { enabled: true }, maxParticipants: null },
  roles: {
    moderator: { permissions: { canRecord: true, canJoinMeeting: true } },
    speaker: { permissions: { canRecord: false, canJoinMeeting: true } },
  },
};
const ann = { memberId: 'ann_s', roomId: 'a', type: 'user', name: 'Ann', membershipDate: 0, baseRole: 'speaker' };

function show(tab: string, answer: Answer = () => ({}), more: object | (() => object) = {}) {
  const changes = fakeBox((call) => {
    if (call.method !== 'GET') return answer(call);
    if (call.path.endsWith('/members/ann_s')) return tagged(ann, 3);
    if (call.path.includes('/members')) return page('members', [ann]);
    const now = typeof more === 'function' ? (more as () => object)() : more;
    return tagged({ ...room, ...now }, 7);
  });
  const children = [
    { index: true as const, Component: SettingsTab },
    { path: 'access', Component: AccessTab },
    { path: 'members', Component: MembersTab },
  ];
  showPage({ path: '/rooms/:roomId', Component: ManagedRoomPage, children }, `/rooms/a${tab}`);
  return changes;
}

afterEach(() => {
  vi.unstubAllGlobals();
  setSession(undefined);
});

const LAN = 'https://192.0.2.7:8443';

describe('a room on a box that was opened as localhost', () => {
  const here = 'http://localhost:8080/room/a?secret=s';

  it('gives links that others can open', async () => {
    const access = { anonymous: { speaker: { enabled: true, url: here } }, user: { enabled: false } };
    show('/access', undefined, { access });
    await screen.findByText(`${LAN}/room/a?secret=s`);
    expect(screen.queryByText(here)).toBeNull();
  });

  it('gives members links that others can open', async () => {
    fakeBox(() => undefined);
    const member = { ...ann, type: 'external' as const, accessUrl: here, baseRole: 'speaker' as const };
    showPage({ path: '/', Component: () => <MemberLinkDialog member={member} onClose={() => {}} /> });
    await screen.findByText(`${LAN}/room/a?secret=s`);
  });

  it('gives links that others can open also in its meeting', async () => {
    fakeBox(() => undefined);
    showPage({
      path: '/',
      Component: () => <InviteLink who="speaker" onWho={() => {}} url={here} choice={false} />,
    });
    await screen.findByText(`${LAN}/room/a?secret=s`);
  });
});

it('that has another link is the box’s own, for all one knows: the box is asked anew', async () => {
  show('/access', () => ({ ...room }));
  const answer = fetch as unknown as (request: Request) => Promise<Response>;
  const asked: string[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname.replace('/api/v1', '')}`);
    return answer(request);
  });
  fireEvent.click(await screen.findByRole('button', { name: 'Replace link: Link for speakers' }));
  await waitFor(() => expect(asked).toContain('GET /box'));
  const question = within(await screen.findByRole('alertdialog'));
  fireEvent.click(question.getByRole('button', { name: 'Replace link' }));
  const replaced = 'POST /rooms/a/access/anonymous/speaker/regenerate';
  await waitFor(() => expect(asked).toContain(replaced));
  await waitFor(() => expect(asked.slice(asked.indexOf(replaced))).toContain('GET /box'));
});

describe('a room', () => {
  it('becomes the box’s own in place of the one that was shown', async () => {
    const changes = show('', stale);
    fireEvent.click(await screen.findByRole('button', { name: 'Make it the box’s room' }));
    const dialog = within(await screen.findByRole('alertdialog'));
    const button = dialog.getByRole('button', { name: 'Make it the box’s room' });
    await waitFor(() => expect(button).toHaveProperty('disabled', false));
    fireEvent.click(button);
    expect((await dialog.findByRole('alert')).textContent).toContain('the box’s room is “Home” now');
    expect(changes).toMatchObject([{ path: '/box/home-room', body: { roomId: 'a' } }]);
    expect(changes[0]?.headers.get('If-Match')).toBe('"9"');
  });

  it('is renamed with the version that was read, and says when somebody else was faster', async () => {
    const refused = () => Response.json({ error: 'Precondition Failed', message: 'x' }, { status: 412 });
    const changes = show('', refused);
    const name = await screen.findByRole('textbox', { name: 'Name' });
    fireEvent.change(name, { target: { value: 'Forum' } });
    const card = within(screen.getByRole('region', { name: 'Room' }));
    await waitFor(() => expect(card.getByRole('button', { name: 'Save' })).toHaveProperty('disabled', false));
    fireEvent.click(card.getByRole('button', { name: 'Save' }));
    expect((await screen.findByRole('alert')).textContent).toContain('Somebody else has changed this room');
    expect(changes[0]).toMatchObject({ method: 'PATCH', body: { roomName: 'Forum', autoDeletionDate: null } });
    expect(changes[0]?.headers.get('If-Match')).toBe('"7"');
    expect(name).toHaveProperty('value', 'Forum');
  });

  it('shows what somebody else changed, and keeps what was typed', async () => {
    let limit: number | null = null;
    const refused = () => {
      limit = 12;
      return Response.json({ error: 'Precondition Failed', message: 'x' }, { status: 412 });
    };
    show('', refused, () => ({ config: { chat: { enabled: true }, maxParticipants: limit } }));
    const card = within(await screen.findByRole('region', { name: 'In the meeting' }));
    const chat = await card.findByRole('switch', { name: 'Chat' });
    await waitFor(() => expect(chat).toHaveProperty('disabled', false));
    fireEvent.click(chat);
    fireEvent.click(card.getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(card.getByRole('textbox', { name: 'People at most' })).toHaveProperty('value', '12'));
    expect(chat).toHaveProperty('checked', false);
    expect(card.getByRole('alert').textContent).toContain('what you changed is kept');
  });

  it('has links to switch off and to replace', async () => {
    const changes = show('/access');
    const card = within(await screen.findByRole('region', { name: 'Link for speakers' }));
    expect(card.getByText(url)).toBeTruthy();
    await card.findByRole('button', { name: 'Replace link: Link for speakers' });
    fireEvent.click(card.getByRole('switch', { name: 'Link for speakers works' }));
    await waitFor(() =>
      expect(changes).toMatchObject([{ body: { access: { anonymous: { speaker: { enabled: false } } } } }]),
    );
  });

  it('is not too slow for its own changes: each is made in the version of the one before', async () => {
    let revision = 7;
    const refused: unknown[] = [];
    const answer: Answer = ({ headers }) => {
      if (headers.get('If-Match') !== `"${revision}"`) refused.push(headers.get('If-Match'));
      revision += 1;
      return room.access;
    };
    const changes = fakeBox((call) => (call.method === 'GET' ? tagged(room, revision) : answer(call)));
    const children = [{ path: 'access', Component: AccessTab }];
    showPage({ path: '/rooms/:roomId', Component: ManagedRoomPage, children }, '/rooms/a/access');
    const speakers = await screen.findByRole('switch', { name: 'Link for speakers works' });
    await waitFor(() => expect(speakers).toHaveProperty('disabled', false));
    fireEvent.click(speakers);
    fireEvent.click(screen.getByRole('switch', { name: 'For users of this box works' }));
    await waitFor(() => expect(changes).toHaveLength(2));
    expect(refused).toEqual([]);
  });

  it('asks before changes are thrown away', async () => {
    show('');
    const name = await screen.findByRole('textbox', { name: 'Name' });
    const leave = () => fireEvent.click(screen.getByRole('link', { name: 'All rooms' }));
    fireEvent.change(name, { target: { value: 'Forum' } });
    await screen.findByRole('button', { name: 'Discard changes' });
    leave();
    const question = await screen.findByRole('alertdialog', { name: 'Leave without saving?' });
    fireEvent.click(within(question).getByRole('button', { name: 'Stay' }));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(name).toHaveProperty('value', 'Forum');
    leave();
    fireEvent.click(await screen.findByRole('button', { name: 'Leave' }));
    await screen.findByRole('heading', { name: 'Elsewhere' });
  });

  it('that closes after its meeting can be kept open', async () => {
    const changes = show('', () => ({}), { status: 'active_meeting', meetingEndAction: 'close' });
    fireEvent.click(await screen.findByRole('button', { name: 'Keep open' }));
    await waitFor(() => expect(changes[0]).toMatchObject({ path: '/rooms/a/status', body: { status: 'open' } }));
  });

  it('keeps its links as they are while a meeting runs', async () => {
    show('/access', undefined, { status: 'active_meeting' });
    expect(await screen.findByText(/A meeting is running/)).toBeTruthy();
    for (const one of screen.getAllByRole('switch')) expect(one).toHaveProperty('disabled', true);
  });

  it('gives a member more than the role, and only that is kept', async () => {
    const changes = show('/members', () => ann);
    fireEvent.click(await screen.findByRole('button', { name: 'Permissions of Ann' }));
    fireEvent.click(await screen.findByRole('switch', { name: /Start and stop recordings/ }));
    expect(screen.getByText('given to this member')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Save' }));
    await waitFor(() =>
      expect(changes).toMatchObject([
        {
          method: 'PATCH',
          path: '/rooms/a/members/ann_s',
          body: { baseRole: 'speaker', customPermissions: { canRecord: true } },
        },
      ]),
    );
    expect(changes[0]?.headers.get('If-Match')).toBe('"3"');
  });
});
