/** The form in which others can open a link of this box. */
import { useMe } from '../api/auth';
import { useBox } from '../api/box';
import { isAdmin } from '../lib/console';
import { isLocal, shareable } from '../lib/links';

/** Who is no administrator is not told the box's address on the LAN: then the link stays as it is. */
export function useShareable(link: string): string {
  const me = useMe();
  const box = useBox(isAdmin(me.data) && isLocal(link));
  return shareable(link, box.data?.homeRoom.lanUrls?.[0]);
}
