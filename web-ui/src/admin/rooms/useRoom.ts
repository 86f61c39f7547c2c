/** The room of the page, for its tabs. */
import { useOutletContext } from 'react-router';
import type { ManagedRoom } from '../../api/manageRooms';

export interface RoomContext extends ManagedRoom {
  /** May change it; else everything is only shown. */
  mayManage: boolean;
  /** Config, roles and access are fixed while a meeting runs. */
  isFixed: boolean;
}

export function useRoom(): RoomContext {
  return useOutletContext<RoomContext>();
}
