/**
 * Opens every page against the mock backend (`npm run dev:mock`), takes pictures of it and runs axe.
 * Usage: node scripts/look.mjs OUT_DIR [name-pattern [look-pattern]], for example `pictures '^join' light-320`.
 * Environment: URL, CHROMIUM.
 */
import { AxeBuilder } from '@axe-core/playwright';
import { mkdir } from 'node:fs/promises';
import { chromium } from 'playwright';

const out = process.argv[2] ?? 'pictures';
const wanted = new RegExp(process.argv[3] ?? '');
const wantedLook = new RegExp(process.argv[4] ?? '');
const base = process.env['URL'] ?? 'http://localhost:5173';
const ROOM = '/room/board_room-k3f9a27hq0x41zt';
const signedIn = true;
const ROOM_ADMIN = '/rooms/board_room-k3f9a27hq0x41zt';
const press = async (page, name) => {
  await page.getByRole('button', { name }).first().click();
  // On a touch screen the library shows a dialog with a field only after the keyboard had its time.
  await page.waitForTimeout(900);
};

const name = (page) => page.getByRole('textbox', { name: 'Your name' });
const join = async (page) => {
  await name(page).fill('Robin Doe');
  await page.getByRole('button', { name: 'Join meeting' }).click();
  await page.getByRole('button', { name: 'Leave' }).waitFor();
  await page.waitForTimeout(1500);
};
const mock = (page, call) => page.evaluate(call);
const people = async (page) => {
  await join(page);
  await page.getByRole('button', { name: 'Participants' }).click();
  await page.waitForTimeout(300);
};
const wizard = async (page, steps) => {
  await press(page, 'New room');
  await page.getByRole('textbox', { name: 'Name' }).fill('Forum');
  await press(page, 'Set up first…');
  for (let step = 0; step < steps; step += 1) await press(page, 'Next');
};

const pages = [
  { name: 'login', path: '/login' },
  {
    name: 'login-wrong',
    path: '/login',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'User' }).fill('admin');
      await page.getByLabel('Password').fill('nope');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor();
    },
  },
  {
    name: 'password-forced',
    path: '/login',
    act: async (page) => {
      await page.getByRole('textbox', { name: 'User' }).fill('newuser');
      await page.getByLabel('Password').fill('newuser');
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { name: 'Choose a new password' }).waitFor();
    },
  },
  { name: 'overview', path: '/', signedIn },
  {
    name: 'overview-recording',
    path: '/',
    signedIn,
    act: async (page) => {
      await page.getByRole('button', { name: 'Start recording' }).click();
      await page.getByRole('button', { name: 'Stop recording' }).waitFor();
      await page.waitForTimeout(1200);
    },
  },
  { name: 'users', path: '/users', signedIn },
  { name: 'users-auditor', path: '/users', signedIn, user: 'auditor' },
  { name: 'users-create', path: '/users', signedIn, act: (page) => press(page, 'New user') },
  {
    name: 'users-made',
    path: '/users',
    signedIn,
    act: async (page) => {
      await press(page, 'New user');
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Noor Haddad');
      await page.getByRole('textbox', { name: 'User name' }).fill('noor_h');
      await press(page, 'Create');
      await page.getByRole('button', { name: 'Copy password' }).waitFor();
    },
  },
  {
    name: 'users-selected',
    path: '/users',
    signedIn,
    act: async (page) => {
      await page.locator('tbody label').nth(0).click();
      await page.locator('tbody label').nth(2).click();
      await press(page, 'Delete selected');
      await page.getByRole('alertdialog').waitFor();
    },
  },
  { name: 'users-rename', path: '/users', signedIn, act: (page) => press(page, /^Rename/) },
  { name: 'users-role', path: '/users', signedIn, act: (page) => press(page, /^Change role of/) },
  { name: 'groups', path: '/users/groups', signedIn },
  { name: 'groups-edit', path: '/users/groups', signedIn, act: (page) => press(page, 'Edit IT support') },
  { name: 'rooms', path: '/rooms', signedIn },
  { name: 'rooms-user', path: '/', signedIn, user: 'robin' },
  { name: 'rooms-none', path: '/', signedIn, user: 'member' },
  { name: 'rooms-create', path: '/rooms', signedIn, act: (page) => press(page, 'New room') },
  { name: 'rooms-wizard-access', path: '/rooms', signedIn, act: (page) => wizard(page, 0) },
  { name: 'rooms-wizard-config', path: '/rooms', signedIn, act: (page) => wizard(page, 1) },
  { name: 'rooms-wizard-review', path: '/rooms', signedIn, act: (page) => wizard(page, 2) },
  {
    name: 'rooms-delete',
    path: '/rooms/training-mock0',
    signedIn,
    act: async (page) => {
      await press(page, 'Delete');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('There are recordings.').waitFor();
    },
  },
  { name: 'rooms-home', path: '/rooms/training-mock0', signedIn, act: (page) => press(page, 'Make it the box’s room') },
  { name: 'room', path: '/rooms/sales_and_marketing_weekly-mock1', signedIn },
  { name: 'room-running', path: ROOM_ADMIN, signedIn },
  { name: 'room-auditor', path: ROOM_ADMIN, signedIn, user: 'auditor' },
  { name: 'room-access', path: `${ROOM_ADMIN}/access`, signedIn },
  { name: 'room-roles', path: '/rooms/training-mock0/roles', signedIn },
  { name: 'members', path: `${ROOM_ADMIN}/members`, signedIn },
  { name: 'members-link', path: `${ROOM_ADMIN}/members`, signedIn, act: (page) => press(page, /^Show link of Dr/) },
  { name: 'members-add', path: `${ROOM_ADMIN}/members`, signedIn, act: (page) => press(page, 'Add member') },
  { name: 'members-edit', path: `${ROOM_ADMIN}/members`, signedIn, act: (page) => press(page, /^Permissions of Dr/) },
  { name: 'keys', path: '/keys', signedIn },
  {
    name: 'keys-made',
    path: '/keys',
    signedIn,
    act: async (page) => {
      await press(page, 'New key');
      await page.getByRole('textbox', { name: 'What it is for' }).fill('Wall display');
      await press(page, 'Create');
      await page.getByText('Copy the key now').waitFor();
    },
  },
  { name: 'webhooks', path: '/keys/webhooks', signedIn },
  { name: 'webhooks-create', path: '/keys/webhooks', signedIn, act: (page) => press(page, 'New webhook') },
  {
    name: 'webhooks-secret',
    path: '/keys/webhooks',
    signedIn,
    act: async (page) => {
      await press(page, /^New secret for/);
      await page.getByRole('alertdialog').getByRole('button', { name: 'Make a new secret' }).click();
      await page.getByText('Copy the new secret now').waitFor();
    },
  },
  { name: 'webhooks-log', path: '/keys/webhooks/wh-calendar', signedIn },
  { name: 'audit', path: '/audit', signedIn },
  { name: 'recordings', path: '/recordings', signedIn },
  {
    name: 'recordings-selected',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      const boxes = page.locator('tbody label');
      await boxes.nth(0).click();
      await boxes.nth(2).click();
    },
  },
  {
    name: 'recordings-delete',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      await page
        .getByRole('button', { name: /^Delete recording/ })
        .first()
        .click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'recordings-none',
    path: '/recordings',
    signedIn,
    act: async (page) => {
      await page.getByRole('searchbox').fill('zzz');
      await page.getByText('Nothing matches').waitFor();
    },
  },
  { name: 'recording', path: '/recordings/board_room-k3f9a27hq0x41zt--EG_mock0--1000', signedIn },
  { name: 'profile', path: '/profile', signedIn },
  { name: 'panel', path: '/panel' },
  {
    name: 'panel-recording',
    path: '/panel',
    act: async (page) => {
      await page.getByRole('button', { name: 'Record', exact: true }).click();
      await page.getByRole('button', { name: 'Mute' }).click();
      await page.waitForTimeout(1500);
    },
  },
  { name: 'notfound', path: '/nowhere' },
  { name: 'join', path: `${ROOM}?secret=spk0123456` },
  {
    name: 'join-off',
    path: `${ROOM}?secret=mod0123456`,
    act: async (page) => {
      await page.getByRole('button', { name: 'Turn camera off' }).click();
      await page.getByRole('button', { name: 'Join meeting' }).click();
      await page.getByText('Please enter your name').waitFor();
    },
  },
  { name: 'join-denied', path: `${ROOM}?secret=spk0123456`, denied: true },
  { name: 'join-gone', path: '/room/gone?secret=x' },
  { name: 'join-secret', path: `${ROOM}?secret=wrong` },
  { name: 'join-closed', path: '/room/closed?secret=closed' },
  {
    name: 'join-full',
    path: `${ROOM}?secret=full`,
    act: async (page) => {
      await name(page).fill('Robin');
      await page.getByRole('button', { name: 'Join meeting' }).click();
      await page.getByText('This meeting is full').waitFor();
    },
  },
  { name: 'room-recordings', path: `${ROOM}/recordings?secret=spk0123456` },
  {
    name: 'room-recording',
    path: `${ROOM}/recordings?secret=spk0123456`,
    act: (page) =>
      page
        .getByRole('link', { name: /^Play recording/ })
        .first()
        .click(),
  },
  { name: 'meeting-grid', path: `${ROOM}?secret=mod0123456&people=5`, act: join },
  { name: 'meeting-two', path: `${ROOM}?secret=mod0123456&people=1`, act: join },
  { name: 'meeting-alone', path: `${ROOM}?secret=mod0123456&people=0`, act: join },
  { name: 'meeting-many', path: `${ROOM}?secret=mod0123456&people=30`, act: join },
  {
    name: 'meeting-speaker',
    path: `${ROOM}?secret=mod0123456&people=6`,
    act: async (page) => {
      await join(page);
      await page.keyboard.press('l');
      await mock(page, () => globalThis.mockMeeting.speak(1));
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'meeting-chat',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'Chat', exact: true }).click();
      await page.getByRole('textbox', { name: 'Message to everyone' }).fill('Hello, see https://example.org/agenda.');
      await page.keyboard.press('Enter');
      await page.waitForTimeout(300);
    },
  },
  { name: 'meeting-people', path: `${ROOM}?secret=mod0123456&people=4`, act: people },
  {
    name: 'meeting-person',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await people(page);
      await press(page, /^Manage/);
    },
  },
  {
    name: 'meeting-screen',
    path: `${ROOM}?secret=mod0123456&people=3`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.share(1));
      await page.waitForTimeout(800);
    },
  },
  {
    name: 'meeting-recording',
    path: `${ROOM}?secret=spk0123456&people=4`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockBox.setRecording('recording'));
      await page.waitForTimeout(500);
    },
  },
  {
    name: 'meeting-reconnecting',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.reconnecting(true));
      await page.waitForTimeout(300);
    },
  },
  {
    name: 'meeting-menu',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menu').waitFor();
    },
  },
  {
    name: 'meeting-invite',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'Invite people' }).click();
      await page.getByRole('img', { name: /QR/ }).waitFor();
    },
  },
  {
    name: 'meeting-end',
    path: `${ROOM}?secret=mod0123456&people=4`,
    act: async (page) => {
      await join(page);
      await page.getByRole('button', { name: 'More' }).click();
      await page.getByRole('menuitem', { name: 'End the meeting for everyone' }).click();
      await page.getByRole('alertdialog').waitFor();
    },
  },
  {
    name: 'left-removed',
    path: `${ROOM}?secret=mod0123456&people=1`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.end(4));
      await page.getByRole('button', { name: 'Rejoin' }).waitFor();
    },
  },
  {
    name: 'left-self',
    path: `${ROOM}?secret=mod0123456&people=1`,
    act: async (page) => {
      await join(page);
      await mock(page, () => globalThis.mockMeeting.end(1));
      await page.getByRole('button', { name: 'Rejoin' }).waitFor();
    },
  },
];

const sizes = { 1280: { width: 1280, height: 800 }, 320: { width: 320, height: 640 } };
const looks = [
  ['light', '1280'],
  ['dark', '1280'],
  ['light', '320'],
  ['dark', '320'],
];

await mkdir(out, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--use-fake-device-for-media-stream',
  ],
});
let found = 0;
for (const [scheme, size] of looks.filter((look) => wantedLook.test(look.join('-')))) {
  for (const one of pages.filter((entry) => wanted.test(entry.name))) {
    const context = await browser.newContext({
      viewport: sizes[size],
      colorScheme: scheme,
      permissions: one.denied ? [] : ['camera', 'microphone'],
      baseURL: base,
      hasTouch: size === '320',
    });
    if (one.signedIn) {
      const accessToken = `access-${one.user ?? 'admin'}`;
      await context.addInitScript((session) => localStorage.setItem('huddlebox.session', JSON.stringify(session)), {
        accessToken,
        refreshToken: 'refresh',
      });
    }
    const page = await context.newPage();
    const label = `${one.name}-${scheme}-${size}`;
    page.on('pageerror', (error) => console.log(`${label}: ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'error' && !/404|40\d|50\d/.test(message.text()))
        console.log(`${label}: ${message.text()}`);
    });
    try {
      await page.goto(one.path);
      await page.waitForLoadState('load');
      await page.getByRole('heading').first().waitFor();
      await page.waitForTimeout(700);
      await one.act?.(page);
      await page.screenshot({ path: `${out}/${label}.png` });
      const overflow = await page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      if (overflow > 0) console.log(`${label}: ${overflow} px too wide`);
      // A tooltip is outside of all landmarks, as tooltips are.
      await page.mouse.move(0, 0);
      await page.waitForTimeout(100);
      const { violations } = await new AxeBuilder({ page }).analyze();
      for (const { id, nodes } of violations) {
        found += 1;
        for (const node of nodes.slice(0, 4))
          console.log(`${label}: axe ${id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`);
      }
    } catch (error) {
      found += 1;
      await page.screenshot({ path: `${out}/${label}-failed.png` }).catch(() => undefined);
      console.log(`${label}: ${String(error).split('\n')[0]}`);
    }
    await context.close();
  }
}
await browser.close();
console.log(found === 0 ? 'Nothing found.' : `${found} problems.`);
process.exitCode = found === 0 ? 0 : 1;
