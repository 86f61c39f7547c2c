/** Which page is at which address. Pages are fetched when they are first opened. */
import { createBrowserRouter } from 'react-router';
import { Loading } from '../ui/Spinner';
import { CrashPage, NotFoundPage } from './Problems';
import { Root } from './Root';

export function createRouter() {
  return createBrowserRouter([
    {
      Component: Root,
      ErrorBoundary: CrashPage,
      HydrateFallback: () => <Loading label="…" />,
      children: [
        {
          path: '/login',
          lazy: async () => ({ Component: (await import('../admin/login/LoginPage')).LoginPage }),
        },
        {
          path: '/change-password',
          lazy: async () => ({
            Component: (await import('../admin/login/ForcedPasswordPage')).ForcedPasswordPage,
          }),
        },
        {
          path: '/room/:roomId',
          lazy: async () => ({ Component: (await import('../meeting/RoomPage')).RoomPage }),
        },
        {
          path: '/room/:roomId/recordings',
          lazy: async () => ({
            Component: (await import('../admin/recordings/RoomRecordingsPage')).RoomRecordingsPage,
          }),
        },
        {
          path: '/panel',
          lazy: async () => ({ Component: (await import('../panel/PanelPage')).PanelPage }),
        },
        {
          lazy: async () => ({ Component: (await import('../admin/Shell')).Shell }),
          ErrorBoundary: CrashPage,
          children: [
            {
              path: '/',
              lazy: async () => ({ Component: (await import('../admin/StartPage')).StartPage }),
            },
            {
              path: '/users',
              lazy: async () => ({ Component: (await import('../admin/users/UsersPage')).UsersPage }),
            },
            {
              path: '/users/groups',
              lazy: async () => ({ Component: (await import('../admin/groups/GroupsPage')).GroupsPage }),
            },
            {
              path: '/rooms',
              lazy: async () => ({ Component: (await import('../admin/rooms/RoomsPage')).RoomsPage }),
            },
            {
              path: '/rooms/:roomId',
              lazy: async () => ({ Component: (await import('../admin/rooms/ManagedRoomPage')).ManagedRoomPage }),
              children: [
                {
                  index: true,
                  lazy: async () => ({ Component: (await import('../admin/rooms/SettingsTab')).SettingsTab }),
                },
                {
                  path: 'access',
                  lazy: async () => ({ Component: (await import('../admin/rooms/AccessTab')).AccessTab }),
                },
                {
                  path: 'roles',
                  lazy: async () => ({ Component: (await import('../admin/rooms/RolesTab')).RolesTab }),
                },
                {
                  path: 'members',
                  lazy: async () => ({ Component: (await import('../admin/members/MembersTab')).MembersTab }),
                },
              ],
            },
            {
              path: '/keys',
              lazy: async () => ({ Component: (await import('../admin/keys/ApiKeysPage')).ApiKeysPage }),
            },
            {
              path: '/keys/webhooks',
              lazy: async () => ({ Component: (await import('../admin/webhooks/WebhooksPage')).WebhooksPage }),
            },
            {
              path: '/keys/webhooks/:webhookId',
              lazy: async () => ({ Component: (await import('../admin/webhooks/WebhookPage')).WebhookPage }),
            },
            {
              path: '/audit',
              lazy: async () => ({ Component: (await import('../admin/audit/AuditPage')).AuditPage }),
            },
            {
              path: '/recordings',
              lazy: async () => ({ Component: (await import('../admin/recordings/RecordingsPage')).RecordingsPage }),
            },
            {
              path: '/recordings/:recordingId',
              lazy: async () => ({ Component: (await import('../admin/recordings/RecordingPage')).RecordingPage }),
            },
            {
              path: '/profile',
              lazy: async () => ({ Component: (await import('../admin/profile/ProfilePage')).ProfilePage }),
            },
          ],
        },
        { path: '*', Component: NotFoundPage },
      ],
    },
  ]);
}
